"""The engine beside the tools that an analyst has: packets per second of CPU time, and memory.

All programs read the same capture in the same run, by turns, so that what else the machine does meets them
all. Counted is the CPU time of the whole process (user and system), its start included.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from .capture import write_capture
from .logs import write_eve, write_zeek

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5
PACKETS = 1_000_000
LINES = 100_000


@dataclass(slots=True)
class Program:
    """One way to read a file, and what each run of it cost."""

    name: str
    command: Sequence[str]
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: int = 0

    def run(self) -> None:
        pid = os.fork()
        if not pid:
            _become(self.command)
        _, status, usage = os.wait4(pid, 0)
        if status:
            sys.exit(f"{self.name} failed: {' '.join(self.command)}")
        self.cpu_s.append(usage.ru_utime + usage.ru_stime)
        self.peak_mb = max(self.peak_mb, usage.ru_maxrss // 1024)

    def rate(self, count: int) -> float:
        return count / median(self.cpu_s)


def _become(command: Sequence[str]) -> None:
    """Turn this process into the program: silent, and with nothing of our own shell's that slows Python down."""
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
        os.environ.pop(name, None)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.chdir(ROOT)
    try:
        os.execvp(command[0], list(command))
    except OSError:
        os._exit(127)


def _observe(path: Path, depth: str) -> list[str]:
    return [sys.executable, "-m", "bench.observe", str(path), depth]


def captures(capture: Path) -> list[Program]:
    analyze = [sys.executable, "manage.py", "analyze", str(capture), "--format", "jsonl"]
    programs = [
        Program("tshark", ["tshark", "-q", "-z", "conv,tcp", "-z", "conv,udp", "-r", str(capture)]),
        Program("argus", ["argus", "-r", str(capture), "-w", str(capture.with_suffix(".argus"))]),
        Program("engine: conversations", _observe(capture, "conversations")),
        Program("engine: and why", _observe(capture, "basis")),
        Program("engine: all findings", _observe(capture, "findings")),
        Program("manage.py analyze", analyze),
    ]
    return [program for program in programs if shutil.which(program.command[0])]


def take_turns(programs: Sequence[Program], runs: int) -> None:
    for _ in range(runs):
        for program in programs:
            program.run()


def warm_up(capture: Path) -> None:
    """Let Python compile what it will run: that is done once after an installation, and is not measured."""
    for program in captures(capture):
        program.run()


def report_captures(programs: Sequence[Program], packets: int) -> None:
    tshark = next((program for program in programs if program.name == "tshark"), None)
    print(f"{packets:,} packets, median of {len(programs[0].cpu_s)} runs")
    print(f"{'':24}{'CPU s':>8}{'packets/CPU s':>16}{'x tshark':>10}{'peak MB':>9}")
    for program in programs:
        ratio = f"{program.rate(packets) / tshark.rate(packets):.1f}" if tshark else "-"
        cost, rate = median(program.cpu_s), f"{program.rate(packets):,.0f}"
        print(f"{program.name:24}{cost:8.2f}{rate:>16}{ratio:>10}{program.peak_mb:9}")
    for name in {"tshark", "argus"} - {program.name for program in programs}:
        print(f"{name} is not installed, and left out.")


def report_logs(programs: Sequence[Program], lines: int) -> None:
    print(f"\n{lines:,} lines\n{'':24}{'CPU s':>8}{'lines/CPU s':>16}{'peak MB':>19}")
    for program in programs:
        rate = f"{program.rate(lines):,.0f}"
        print(f"{program.name:24}{median(program.cpu_s):8.2f}{rate:>16}{program.peak_mb:19}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=PACKETS)
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["PYTHONPYCACHEPREFIX"] = f"{name}/compiled"
        warm_up(_written(Path(name) / "small.pcap", partial(write_capture, packets=1000, conversations=50)))
        capture = _written(Path(name) / "capture.pcap", partial(write_capture, packets=options.packets))
        programs = captures(capture)
        take_turns(programs, options.runs)
        report_captures(programs, options.packets)
        logs = []
        for kind, write in (("eve.json", write_eve), ("conn.log", write_zeek)):
            log = _written(Path(name) / kind, partial(write, lines=LINES))
            logs += [
                Program(f"{kind}: records", _observe(log, "records")),
                Program(f"{kind}: conversations", _observe(log, "conversations")),
            ]
        take_turns(logs, min(options.runs, 3))
        report_logs(logs, LINES)


def _written(path: Path, write: Callable[[Path], None]) -> Path:
    print(f"Writing {path.name}.", file=sys.stderr)
    write(path)
    return path


if __name__ == "__main__":
    main()
