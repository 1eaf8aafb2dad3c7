"""How often the engine is right about captures whose truth is known, beside three simple methods.

    python -m tests.accuracy ROOT

ROOT holds `captures/` and `expected.jsonl`: a line a conversation with capture, proto, orig_h, orig_p, resp_h, resp_p,
outcome_ok (acceptable outcomes), direction_scored, optional. Where `alerts.jsonl` and `eve/alerts.jsonl` are there
(capture, proto, src_ip, src_port, dest_ip, dest_port, reversed, and for the second eve and signature_id), alerts are
judged too: the second by the capture with its EVE file as one case, and by the EVE file alone.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from tickets.engine import Alert, Claim, Conversation, Endpoint, EngineError, Protocol, examine

Ends = tuple[Endpoint, Endpoint]
Key = tuple[Protocol, frozenset[Endpoint]]
Method = Callable[[Conversation], Ends | None]
SURE = 0.9


# Methods: who opened it?


def first_packet(conversation: Conversation) -> Ends:
    return conversation.endpoints


def lower_port(conversation: Conversation) -> Ends:
    """The lower port is the server; equal ports, and ICMP, which has none, leave the first packet."""
    one, other = conversation.endpoints
    is_first = conversation.protocol is Protocol.ICMP or one.port >= other.port
    return (one, other) if is_first else (other, one)


def handshake_then_first(conversation: Conversation) -> Ends:
    """The sender of the SYN, else the receiver of the SYN-ACK, else the first packet's sender."""
    for finding in conversation.findings:
        if finding.claim is Claim.ORIGINATOR and finding.rule.startswith(("tcp.syn", "tcp.lone_reply")):
            one, other = conversation.endpoints
            return (one, other) if finding.value == str(one) else (other, one)
    return first_packet(conversation)


def engine(conversation: Conversation) -> Ends | None:
    if conversation.orig is None or conversation.resp is None:
        return None
    return conversation.orig, conversation.resp


METHODS: Mapping[str, Method] = {
    "first packet": first_packet,
    "lower port": lower_port,
    "SYN/SYN-ACK, then first packet": handshake_then_first,
    "the engine": engine,
}


# Counting


@dataclass
class Tally:
    """`right[method, slice]` of `graded[slice]`; the rest is counted for the engine alone."""

    graded: Counter[str] = field(default_factory=Counter)
    right: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    outcomes_right: Counter[str] = field(default_factory=Counter)
    by_confidence: dict[float, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))
    missing: int = 0
    failed: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    @property
    def wrong_though_sure(self) -> int:
        return sum(count[False] for level, count in self.by_confidence.items() if level >= SURE)


def measure(root: Path) -> Tally:
    """Hold every conversation of `expected.jsonl` against what the engine makes of its capture."""
    tally = Tally()
    by_capture: dict[str, dict[Key, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(root / "expected.jsonl"):
        by_capture[row["capture"]][_key(Protocol(row["proto"]), *_expected(row))].append(row)
    for capture, expected in by_capture.items():
        try:
            found = _conversations(root / "captures" / capture)
        except EngineError as error:
            tally.failed.append(str(error))
            continue
        for key, rows in expected.items():
            _count(tally, capture, rows, found.get(key, []))
    return tally


def _count(tally: Tally, capture: str, rows: Sequence[dict[str, Any]], found: Sequence[Conversation]) -> None:
    if not found:
        tally.missing += not all(row.get("optional") for row in rows)
        return
    slices = ("all", "derived: " + rows[0]["evidence"] if rows[0].get("evidence") else "real captures")
    if all(row.get("direction_scored", True) for row in rows):
        wanted = {_comparable(Protocol(row["proto"]), _expected(row)) for row in rows}
        answers = {
            name: {_answer(method(item), item.protocol) for item in found} for name, method in METHODS.items()
        }
        for part in slices:
            tally.graded[part] += 1
            tally.right.update((name, part) for name, given in answers.items() if given <= wanted)
        is_right = answers["the engine"] <= wanted
        tally.by_confidence[_level(min(item.confidence for item in found))][is_right] += 1
        if not is_right:
            tally.misses.append(f"direction: {capture} {found[0].endpoints[0]} {found[0].endpoints[1]}")
    accepted = {outcome for row in rows for outcome in row.get("outcome_ok") or ()}
    if accepted:
        is_right = {item.outcome.value for item in found} <= accepted
        tally.outcomes.update(slices)
        tally.outcomes_right.update(slices if is_right else ())
        if not is_right:
            tally.misses.append(f"outcome: {capture} {found[0].endpoints[0]} {found[0].endpoints[1]}")


def _level(confidence: float) -> float:
    return min(0.9, int(confidence * 10) / 10)


def _conversations(path: Path) -> dict[Key, list[Conversation]]:
    with path.open("rb") as stream:
        case = examine([(path.name, stream)])
    found: dict[Key, list[Conversation]] = defaultdict(list)
    for conversation in case.conversations:
        found[_key(conversation.protocol, *conversation.endpoints)].append(conversation)
    return found


def _answer(ends: Ends | None, protocol: Protocol) -> Ends | None:
    return None if ends is None else _comparable(protocol, ends)


def _expected(row: Mapping[str, Any]) -> Ends:
    return _endpoint(row["orig_h"], row["orig_p"]), _endpoint(row["resp_h"], row["resp_p"])


def _endpoint(ip: str, port: int) -> Endpoint:
    return Endpoint(str(ip_address(ip)), port or 0)


def _comparable(protocol: Protocol, ends: Ends) -> Ends:
    """ICMP has no ports; tools print different things in their place."""
    one, other = ends
    return (one._replace(port=0), other._replace(port=0)) if protocol is Protocol.ICMP else ends


def _key(protocol: Protocol, one: Endpoint, other: Endpoint) -> Key:
    return protocol, frozenset(_comparable(protocol, (one, other)))


# Alerts


def measure_alerts(root: Path) -> Counter[bool]:
    """Alerts given by hand against their captures: right or not."""
    right: Counter[bool] = Counter()
    for row in _rows(root / "alerts.jsonl"):
        path = root / "captures" / row["capture"]
        src, dst = _endpoint(row["src_ip"], row["src_port"]), _endpoint(row["dest_ip"], row["dest_port"])
        with path.open("rb") as stream:
            alert = Alert(protocol=Protocol(row.get("proto", "tcp")), src=src, dst=dst)
            judged = examine([(path.name, stream)], alerts=[alert]).alerts[0]
        right[judged.reversed.value == ("yes" if row["reversed"] else "no")] += 1
    return right


def measure_eve(root: Path, *, with_capture: bool) -> Counter[bool]:
    """Alerts as an EVE file prints them: right where every record of the line's tuple and rule is."""
    right: Counter[bool] = Counter()
    for (eve, capture), rows in _by_case(root).items():
        paths = [root / "captures" / capture] if with_capture else []
        judged = defaultdict(set)
        with_data = [(path.name, path.read_bytes()) for path in (*paths, root / eve)]
        for item in examine(with_data).alerts:
            judged[item.alert.protocol, item.alert.src, item.alert.dst, item.alert.sid].add(
                item.reversed.value
            )
        for row in rows:
            src, dst = _endpoint(row["src_ip"], row["src_port"]), _endpoint(row["dest_ip"], row["dest_port"])
            told = judged[Protocol(row["proto"]), src, dst, row["signature_id"]]
            right[told == {"yes" if row["reversed"] else "no"}] += 1
    return right


def _by_case(root: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    cases: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(root / "eve" / "alerts.jsonl"):
        cases[row["eve"], row["capture"]].append(row)
    return cases


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open() as lines:
        for line in lines:
            yield json.loads(line)


# Printing


def report(root: Path) -> Iterator[str]:
    tally = measure(root)
    yield from _method_lines(tally)
    yield ""
    for part, count in sorted(tally.outcomes.items()):
        yield f"outcome acceptable, {part}: {_share(tally.outcomes_right[part], count)}"
    yield ""
    yield f"nobody named: {tally.by_confidence.pop(0.0, Counter()).total()}"
    for level, counts in sorted(tally.by_confidence.items()):
        yield f"confidence {level:.1f} and more: right {_share(counts[True], counts.total())}"
    yield f"wrong directions at confidence {SURE} and more: {tally.wrong_though_sure}"
    yield f"conversations not found: {tally.missing}; captures that cannot be read: {len(tally.failed)}"
    if (root / "alerts.jsonl").exists():
        yield f"alerts by hand: right {_counted(measure_alerts(root))}"
    if (root / "eve" / "alerts.jsonl").exists():
        yield f"EVE alerts with their capture: right {_counted(measure_eve(root, with_capture=True))}"
        yield f"EVE alerts alone: right {_counted(measure_eve(root, with_capture=False))}"
    yield from (f"missed {miss}" for miss in tally.misses)


def _method_lines(tally: Tally) -> Iterator[str]:
    parts = sorted(tally.graded)
    yield f"{'direction right':<32}" + "".join(f"{part:>24}" for part in parts)
    for name in METHODS:
        cells = (_share(tally.right[name, part], tally.graded[part]) for part in parts)
        yield f"{name:<32}" + "".join(f"{cell:>24}" for cell in cells)


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.2f} % ({count}/{total})" if total else "none"


def _counted(right: Counter[bool]) -> str:
    return _share(right[True], right.total())


def main(arguments: Iterable[str]) -> int:
    roots = [Path(argument) for argument in arguments]
    if len(roots) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    for line in report(roots[0]):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
