"""Any bytes at all end in a result or an EngineError, within bounds of time and memory.

    python -m tests.fuzz [--count 10000] [--seed 1]

Files are random bytes, or a sample of some format with a few things done to it. What fails is written to the folder
`fuzz-failures` and its seed is printed, so that the one file can be made again.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from types import FrameType

from tests.engine.readers.corpus import SAMPLES
from tickets.engine import EngineError, describe, examine, read_evidence, summarise

FAILURES = Path("fuzz-failures")
# A sample is a few kilobytes; whatever is done to it, a second is an age, and ten are a fault.
SECONDS = 10.0
MEMORY_BYTES = 2 << 30
NAME = "x"


# What is done to a file

Change = Callable[[Random, bytearray], None]


def flip_bits(random: Random, data: bytearray) -> None:
    for _ in range(random.randint(1, 16)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def set_bytes(random: Random, data: bytearray) -> None:
    for _ in range(random.randint(1, 8)):
        data[random.randrange(len(data))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x0A, 0x2C))


def inflate_a_length(random: Random, data: bytearray) -> None:
    """Lengths and offsets are what binary formats are broken by."""
    place, size = random.randrange(len(data)), random.choice((1, 2, 4, 8))
    value = random.choice((0, 1, (1 << 8 * size) - 1, (1 << (8 * size - 1))))
    data[place : place + size] = value.to_bytes(size, random.choice(("big", "little")))


def cut(random: Random, data: bytearray) -> None:
    del data[random.randrange(len(data)) :]


def remove(random: Random, data: bytearray) -> None:
    place = random.randrange(len(data))
    del data[place : place + random.randint(1, 64)]


def repeat(random: Random, data: bytearray) -> None:
    place = random.randrange(len(data))
    piece = bytes(data[place : place + random.randint(1, 256)])
    data[place:place] = piece * random.randint(1, 20)


def insert(random: Random, data: bytearray) -> None:
    place = random.randrange(len(data))
    data[place:place] = random.randbytes(random.randint(1, 64))


def splice(random: Random, data: bytearray) -> None:
    """The beginning of one format before the rest of another."""
    other = random.choice(tuple(SAMPLES.values()))
    data[: random.randrange(len(data))] = other[: random.randint(1, 256)]


def change_a_number(random: Random, data: bytearray) -> None:
    """Text formats hold numbers: make one enormous, negative, a fraction or a word."""
    digits = [place for place, byte in enumerate(data) if 0x30 <= byte <= 0x39]
    if digits:
        place = random.choice(digits)
        data[place : place + 1] = random.choice(
            (b"9" * 40, b"-1", b"1e999", b"NaN", b"null", b"[[", b"{}", b"")
        )


def change_a_word(random: Random, data: bytearray) -> None:
    """Text as a stranger may write it: control characters, a lone surrogate's bytes, an override of direction."""
    place = random.randrange(len(data))
    data[place:place] = random.choice(
        (b"\x00", b"\xed\xa0\x80", "\u202e".encode(), b'\\"', b"\\ud800", b"%s", b"=,|")
    )


CHANGES: Sequence[Change] = (
    flip_bits,
    set_bytes,
    inflate_a_length,
    cut,
    remove,
    repeat,
    insert,
    splice,
    change_a_number,
    change_a_word,
)


def make_file(seed: int) -> bytes:
    """The file of a seed: one in eight is random bytes, one in sixteen of the others is packed by gzip and damaged."""
    random = Random(seed)
    if random.randrange(8) == 0:
        return random.randbytes(random.randint(0, 4096))
    data = bytearray(random.choice(tuple(SAMPLES.values())))
    is_packed = random.randrange(16) == 0
    for _ in range(random.randint(1, 4)):
        if data:
            random.choice(CHANGES)(random, data)
    if is_packed and data:
        data = bytearray(gzip.compress(bytes(data)))
        flip_bits(random, data)
    return bytes(data)


# What must hold


def understand(data: bytes) -> str:
    """Read and judge a file as the product does, and tell everything about it. Returns how it ended."""
    try:
        case = examine([(NAME, data)])
        for record in read_evidence(NAME, data).records:
            summarise(record)
    except EngineError as error:
        if not str(error):
            raise AssertionError("an error that says nothing") from error
        return "refused"
    for conversation in case.conversations:
        assert 0.0 <= conversation.confidence <= 0.99
        assert (conversation.orig is None) == (conversation.resp is None)
        for finding in conversation.findings:
            assert finding.records
            assert all(place.file == NAME and place.number >= 1 for place in finding.records)
            assert describe(finding)
    for judged in case.alerts:
        assert all(describe(finding) for finding in judged.findings)
    return "read" if case.conversations else "nothing in it"


class OverTimeError(Exception):
    pass


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise OverTimeError(f"over {SECONDS} s")


def run(seeds: range) -> tuple[Counter[str], list[int], float]:
    """Understand the file of every seed. Returns how they ended, the seeds that failed, and the longest time in s."""
    ended: Counter[str] = Counter()
    failed = []
    longest = 0.0
    signal.signal(signal.SIGALRM, _stop)
    for seed in seeds:
        data = make_file(seed)
        begun = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            ended[understand(data)] += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            signal.setitimer(signal.ITIMER_REAL, 0)
            failed.append(seed)
            FAILURES.mkdir(exist_ok=True)
            (FAILURES / f"{seed}.bin").write_bytes(data)
            print(f"seed {seed}: {traceback.format_exc(limit=-3)}", file=sys.stderr)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        longest = max(longest, time.perf_counter() - begun)
    return ended, failed, longest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first file; the others count up")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))
    ended, failed, longest = run(range(options.seed, options.seed + options.count))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = ", ".join(f"{count} {how}" for how, count in sorted(ended.items()))
    print(
        f"{options.count} files: {told}, {len(failed)} failed; longest {longest:.2f} s, peak memory {peak_mb:.0f} MB"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
