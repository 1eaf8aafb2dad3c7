"""`manage.py analyze`: who opened each conversation of a capture, and did it work. Reads files of any size."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.engine import (
    Alert,
    Claim,
    Conversation,
    Endpoint,
    EngineError,
    Finding,
    Protocol,
    Record,
    converse,
    describe,
    judge_reversed,
    read_evidence,
)
from tickets.tasks.uploads import UploadError, read_alert_line

NS = 1_000_000_000
Plain = dict[str, Any]
Ends = tuple[Protocol, frozenset[Endpoint]]


class Command(BaseCommand):
    help = (
        "Print each conversation of captures and logs, a line each: who opened it, its outcome, and the rule "
        "and record that decided. Alerts that are read or given follow, each with whether it is reversed."
    )
    # Reads files and prints: no database, no settings to hold against anything.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="CAPTURE", help="captures and logs")
        parser.add_argument("--format", choices=("jsonl", "text"), default="text")
        parser.add_argument(
            "--alert", default="", help='an alert as printed: "tcp 203.0.113.80:80 -> 10.20.30.40:3932"'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = _read_alert(options["alert"])
        try:
            is_read = [self._read(path, given, options["format"]) for path in options["files"]]
            self.stdout.flush()
        except BrokenPipeError:
            # Whoever reads the output (`| head`) has seen enough. What is still to be flushed goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        if not all(is_read):
            sys.exit(1)

    def _read(self, path: Path, given: Alert | None, form: str) -> bool:
        """Analyze one file. One that cannot be read is told, and the others are read all the same."""
        try:
            return self._analyze(path, given, form)
        except BrokenPipeError:
            raise
        except (EngineError, OSError) as error:
            self.stderr.write(_fault(path, error))
            return False

    def _analyze(self, path: Path, given: Alert | None, form: str) -> bool:
        """Print what one file holds. False where it is so damaged that nothing of it could be read."""
        alerts: list[Alert] = [given] if given else []
        with path.open("rb") as stream:
            reading = read_evidence(path.name, stream)
            conversations = converse(_noting_alerts(reading.records, alerts))
        is_readable = bool(conversations) or not reading.problems
        for problem in reading.problems:
            self.stderr.write(f"{'warning' if is_readable else 'error'}: {problem}")
        for conversation in conversations:
            self.stdout.write(_conversation_line(str(path), conversation, form))
        by_ends = _by_ends(conversations)
        for alert in alerts:
            about = by_ends[_ends(alert.protocol, alert.src, alert.dst)]
            self.stdout.write(_alert_line(str(path), alert, about, form))
        return is_readable


def _read_alert(line: str) -> Alert | None:
    if not line:
        return None
    try:
        return read_alert_line(line)
    except UploadError as error:
        raise CommandError("\n".join(error.problems)) from error


def _fault(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"error: {path}: {error.strerror or error}"
    return f"error: {error}"


def _noting_alerts(records: Iterable[Record], alerts: list[Alert]) -> Iterator[Record]:
    for record in records:
        if isinstance(record, Alert):
            alerts.append(record)
        yield record


def _conversation_line(capture: str, conversation: Conversation, form: str) -> str:
    plain = conversation_to_plain(capture, conversation)
    return json.dumps(plain, ensure_ascii=False) if form == "jsonl" else _conversation_text(plain)


def conversation_to_plain(capture: str, conversation: Conversation) -> Plain:
    """One conversation as `--format jsonl` prints it; `endpoints` stands there when nobody is the originator."""
    orig, resp = conversation.orig, conversation.resp
    plain: Plain = {
        "capture": capture,
        "proto": conversation.protocol.value,
        "originator": _endpoint(orig),
        "responder": _endpoint(resp),
        "outcome": conversation.outcome.value,
        "conn_state": conversation.conn_state,
        "history": conversation.history,
        "service": conversation.service,
        "first": _moment(conversation.first_ns),
        "last": _moment(conversation.last_ns),
        "orig_packets": conversation.orig_packets,
        "resp_packets": conversation.resp_packets,
        "orig_bytes": conversation.orig_bytes,
        "resp_bytes": conversation.resp_bytes,
        "flipped": conversation.flipped,
        "confidence": round(conversation.confidence, 3),
        "basis": _basis(conversation.findings),
    }
    if orig is None:
        plain["endpoints"] = [_endpoint(end) for end in conversation.endpoints]
    return plain


def _endpoint(end: Endpoint | None) -> Plain | None:
    return None if end is None else {"ip": end.ip, "port": end.port}


def _moment(time_ns: int) -> str:
    """ISO 8601 in UTC with nanoseconds, which a datetime cannot hold."""
    seconds, rest = divmod(time_ns, NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _basis(findings: Iterable[Finding]) -> Plain | None:
    """The finding that decided who opened it; None where nothing did."""
    deciding = (finding for finding in findings if finding.claim is Claim.ORIGINATOR and finding.supports)
    finding = next(deciding, None)
    if finding is None:
        return None
    record = str(finding.records[0]) if finding.records else None
    return {"rule": finding.rule, "record": record, "sentence": describe(finding)}


def _conversation_text(plain: Plain) -> str:
    ends = (plain["originator"], plain["responder"]) if plain["originator"] else plain["endpoints"]
    arrow = " -> " if plain["originator"] else " ? "
    flow = arrow.join(str(Endpoint(end["ip"], end["port"])) for end in ends)
    basis = plain["basis"]
    why = (
        f"{basis['rule']} at {basis['record']}: {basis['sentence']}"
        if basis
        else "nothing decides who opened it"
    )
    facts = " ".join(
        str(part)
        for part in (plain["outcome"], plain["conn_state"], plain["history"], plain["service"])
        if part
    )
    traffic = f"{plain['orig_packets']}+{plain['resp_packets']} packets"
    return f"{plain['first']} {plain['proto']} {flow}  {facts}  {traffic}  {plain['confidence']:.2f}  {why}"


def _by_ends(conversations: Iterable[Conversation]) -> defaultdict[Ends, list[Conversation]]:
    found: defaultdict[Ends, list[Conversation]] = defaultdict(list)
    for conversation in conversations:
        found[_ends(conversation.protocol, *conversation.endpoints)].append(conversation)
    return found


def _ends(protocol: Protocol, one: Endpoint, other: Endpoint) -> Ends:
    """ICMP has no ports: there the two addresses are enough."""
    if protocol is Protocol.ICMP:
        one, other = one._replace(port=0), other._replace(port=0)
    return protocol, frozenset((one, other))


def _alert_line(capture: str, alert: Alert, about: Iterable[Conversation], form: str) -> str:
    conversation = min(about, key=lambda found: _away_ns(found, alert.time_ns), default=None)
    verdict = judge_reversed(alert, conversation).value
    if form == "text":
        sid = f" sid {alert.sid}" if alert.sid else ""
        return (
            f"alert{sid} {alert.protocol} {alert.src} -> {alert.dst}: reversed: {verdict.replace('_', ' ')}"
        )
    plain = {
        "capture": capture,
        "alert": {
            "record": str(alert.location) if alert.location else None,
            "proto": alert.protocol.value,
            "src": _endpoint(alert.src),
            "dst": _endpoint(alert.dst),
            "sid": alert.sid,
            "message": alert.message,
        },
        "reversed": verdict,
    }
    return json.dumps(plain, ensure_ascii=False)


def _away_ns(conversation: Conversation, time_ns: int | None) -> int:
    if time_ns is None:
        return 0
    return max(conversation.first_ns - time_ns, time_ns - conversation.last_ns, 0)
