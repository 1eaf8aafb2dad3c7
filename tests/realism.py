"""Simulated captures beside recorded ones: what an eye for wood would look at, in figures.

    python -m tests.realism RECORDED [--count 10] [--seed 1]

RECORDED is a folder with captures (searched in all depths). `--count` captures of each side are drawn at random, ours from
the scenario files. Both are read with tshark, which must be there; nothing is judged, the table is for reading.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import quantiles

from tickets.packs import read_scenario, setting_of
from tickets.simulator import generate

SCENARIOS = Path(__file__).parent.parent / "fixtures" / "scenarios"

FIELDS = (
    "frame.len",
    "frame.time_delta",
    "ip.ttl",
    "ipv6.hlim",
    "tcp.flags",
    "tcp.window_size_value",
    "tcp.option_kind",
    "tcp.srcport",
    "http.user_agent",
    "dns.qry.name",
    "tls.handshake.extensions_server_name",
)
SYN, SYN_ACK = 0x002, 0x012


@dataclass(frozen=True, slots=True)
class Row:
    """One packet, in tshark's words."""

    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def flags(self) -> int:
        return int(self["tcp.flags"] or "0", 16) & 0x017


def read_rows(capture: Path) -> list[Row]:
    command = ["tshark", "-n", "-r", str(capture), "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
    for name in FIELDS:
        command += ["-e", name]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [Row(dict(zip(FIELDS, line.split("\t"), strict=True))) for line in output.splitlines()]


def first(text: str) -> str:
    """The outermost of several layers."""
    return text.partition(",")[0]


def spread(values: Iterable[float], digits: int = 0) -> str:
    """Tenth, half and ninetieth per cent, with the number of values."""
    found = sorted(values)
    if len(found) < 2:
        return f"- (n {len(found)})"
    cuts = quantiles(found, n=10, method="inclusive")
    return f"{cuts[0]:.{digits}f} / {cuts[4]:.{digits}f} / {cuts[8]:.{digits}f} (n {len(found)})"


def commonest(values: Iterable[str], count: int = 4) -> str:
    found = Counter(value for value in values if value)
    shown = ", ".join(f"{value} x{times}" for value, times in found.most_common(count))
    return f"{shown or '-'} ({len(found)} different)"


def play_all(chance: Random) -> Iterator[tuple[str, bytes]]:
    """One variant of each scenario that shows a capture."""
    for path in sorted(SCENARIOS.glob("*.yaml")):
        scenario = read_scenario(path.read_text())
        for file in generate(scenario.story, chance.randbytes(16), setting_of(scenario)).files:
            if file.name.endswith(".pcap"):
                yield scenario.family, file.data


def describe(captures: Sequence[Sequence[Row]]) -> dict[str, str]:
    """A line a look."""
    rows = [row for capture in captures for row in capture]
    opening = [row for row in rows if row.flags == SYN]
    answering = [row for row in rows if row.flags == SYN_ACK]
    gaps = [float(row["frame.time_delta"] or 0) for capture in captures for row in capture[1:]]
    lengths = [int(row["frame.len"]) for row in rows]
    return {
        "packets a capture": spread(len(capture) for capture in captures),
        "frame bytes": spread(lengths),
        "different frame lengths": str(len(set(lengths))),
        "full frames, share": f"{sum(length >= 1400 for length in lengths) / max(1, len(rows)):.2f}",
        "gap before a packet, ms": spread((1000 * gap for gap in gaps), 2),
        "gaps told twice, share": f"{1 - len(set(gaps)) / max(1, len(gaps)):.2f}",
        "TTL or hop limit": commonest((first(row["ip.ttl"] or row["ipv6.hlim"]) for row in rows), 8),
        "window of a SYN": commonest(first(row["tcp.window_size_value"]) for row in opening),
        "window of a SYN-ACK": commonest(first(row["tcp.window_size_value"]) for row in answering),
        "options of a SYN": commonest(row["tcp.option_kind"].replace(",", " ") for row in opening),
        "client port": spread(int(first(row["tcp.srcport"])) for row in opening),
        "user agents": commonest((row["http.user_agent"] for row in rows), 3),
        "names asked for": commonest((row["dns.qry.name"] for row in rows), 3),
        "server names": commonest((row["tls.handshake.extensions_server_name"] for row in rows), 3),
    }


def draw(paths: Sequence[Path], count: int, chance: Random) -> dict[str, list[Row]]:
    """`count` captures at random, by name. One of a handful of packets shows nothing of the kind."""
    found: dict[str, list[Row]] = {}
    for path in chance.sample(paths, len(paths)):
        if len(found) < count and len(rows := read_rows(path)) >= 15:
            found[path.stem] = rows
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recorded", type=Path)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = Random(options.seed)
    recorded = sorted(path for path in options.recorded.rglob("*") if path.suffix in (".pcap", ".pcapng"))
    with tempfile.TemporaryDirectory() as folder:
        ours = []
        for number, (name, data) in enumerate(play_all(chance)):
            path = Path(folder, f"{number:03d}-{name}.pcap")
            path.write_bytes(data)
            ours.append(path)
        sides = {
            "simulated": draw(ours, options.count, chance),
            "recorded": draw(recorded, options.count, chance),
        }
    for side, captures in sides.items():
        print(f"{side}: {', '.join(captures)}")
    described = {side: describe(list(captures.values())) for side, captures in sides.items()}
    for look in described["simulated"]:
        print(f"{look:26} {'ours':9} {described['simulated'][look]}")
        print(f"{'':26} {'recorded':9} {described['recorded'][look]}")


if __name__ == "__main__":
    main()
