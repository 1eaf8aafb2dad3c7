"""Are the sample files of every format read as their formats are documented?

    python -m tests.samples FOLDER

FOLDER holds a sample a format. `samples_stated.txt` says of each conversation in them who opened it and how it went: what
the formats' own descriptions say of it, and not what a reader made of it. A sample that is read otherwise is told.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tickets.engine import Conversation, EngineError, examine

TABLE = Path(__file__).with_name("samples_stated.txt")
SURE = 0.9


class Stated(NamedTuple):
    """One conversation as its format states it."""

    protocol: str
    orig: str
    names_opener: bool
    resp: str
    outcome: str


def read_table() -> dict[str, list[Stated]]:
    """The stated conversations of each sample."""
    stated: dict[str, list[Stated]] = defaultdict(list)
    for line in TABLE.read_text().splitlines():
        if not line.startswith("#"):
            name, protocol, orig, mark, resp, outcome = line.split()
            stated[name].append(Stated(protocol, orig, mark == ">", resp, outcome))
    return stated


def is_as_stated(found: Conversation, stated: Stated) -> bool:
    is_right = (str(found.orig), str(found.resp)) == (stated.orig, stated.resp)
    is_told = is_right if stated.names_opener else found.confidence < SURE
    return is_told and found.outcome.value == stated.outcome


def misses(folder: Path, name: str, stated: Iterable[Stated]) -> Iterator[str]:
    """What a sample is read as where it is not as stated; nothing more than what is stated may be found."""
    try:
        found = examine([(name, (folder / name).read_bytes())]).conversations
    except (EngineError, OSError) as error:
        yield f"{name}: {error}"
        return
    left = list(found)
    for item in stated:
        ends = {item.orig, item.resp}
        same = [
            one
            for one in left
            if {str(end) for end in one.endpoints} == ends and one.protocol.value == item.protocol
        ]
        if not any(is_as_stated(one, item) for one in same):
            yield f"{name}: {item.orig} and {item.resp} are not as stated: {[str(one.orig) for one in same]}"
        left = [one for one in left if one not in same]
    yield from (f"{name}: {one.endpoints} is not stated" for one in left)


def report(folder: Path) -> tuple[list[str], int, int]:
    """The misses, how many samples are right, and how many there are."""
    table = read_table()
    told = {name: list(misses(folder, name, stated)) for name, stated in table.items()}
    return (
        [line for lines in told.values() for line in lines],
        sum(not lines for lines in told.values()),
        len(table),
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print(f"{__doc__}\nThere is no such folder: nothing was compared.", file=sys.stderr)
        return 2
    told, right, total = report(Path(arguments[0]))
    print(*told, f"samples: {right} of {total} with stated initiator and outcome", sep="\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
