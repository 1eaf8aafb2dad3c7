"""`manage.py analyze CAPTURE...`: who opened each conversation, did it work, and is an alert reversed. Needs no
database and reads files of any size.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.engine import (
    Alert,
    Case,
    Conversation,
    Endpoint,
    EngineError,
    Finding,
    JudgedAlert,
    Location,
    Problem,
    RecordSummary,
    Rule,
    community_id_of,
    describe,
    draw_ladder,
    examine,
    parse_rule,
    places_of,
    proofs_of,
    read_evidence,
    summarise,
    tell_alert,
    tell_findings,
)
from tickets.reports.spelling import on_one_line
from tickets.tasks.uploads import UploadError, read_alert_line

NS = 1_000_000_000
# A report draws so many conversations; of a large capture the lines alone are read.
MAX_DRAWN = 200
LINES_AT_ONCE = 256
# What is not ASCII is escaped: a terminal obeys more characters than JSON forbids.
JSON = json.JSONEncoder(ensure_ascii=True)
Plain = dict[str, Any]
Shown = dict[Location, RecordSummary]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the case is to be printed, and the alerts and rules that were given beside it."""

    form: str
    explain: bool
    alerts: tuple[Alert, ...]
    rules: tuple[Rule, ...]


class Command(BaseCommand):
    help = (
        "Print each conversation of captures and logs: who opened it, its outcome, and the rule and record that "
        "decided. Alerts that are read or given follow, each with whether it is reversed, and why."
    )
    # Reads files and prints: no database, no settings to hold against anything.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="captures and logs")
        parser.add_argument(
            "--case", action="store_true", help="all files tell one story, and are read as one"
        )
        parser.add_argument(
            "--format",
            choices=("jsonl", "text", "report"),
            default="text",
            help="a JSON object a line, a line of text, or a page a conversation with its ladder",
        )
        parser.add_argument("--explain", action="store_true", help="show each claim with its records")
        parser.add_argument(
            "--alert", default="", help='an alert as printed: "tcp 203.0.113.80:80 -> 10.20.30.40:3932"'
        )
        parser.add_argument(
            "--rules",
            type=Path,
            help="Suricata or Snort rules: an alert's rule tells whether it prints replies",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = _read_alert(options["alert"])
        wanted = Wanted(
            form=options["format"],
            explain=options["explain"],
            alerts=(given,) if given else (),
            rules=_read_rules(options["rules"], self.stderr.write),
        )
        paths: list[Path] = options["files"]
        try:
            cases = [paths] if options["case"] else [[path] for path in paths]
            are_read = [self._examine(case, wanted) for case in cases]
            self.stdout.flush()
        except BrokenPipeError:
            # Whoever reads the output (`| head`) has seen enough. What is still to be flushed goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        if not all(are_read):
            sys.exit(1)

    def _examine(self, paths: Sequence[Path], wanted: Wanted) -> bool:
        """Analyze one case. A file that cannot be read is told, and the others are read all the same."""
        names = _names(paths)
        readable = [path for path in paths if self._is_readable(path, names[path])]
        if not readable:
            return False
        try:
            case = _with_open_files(
                readable, names, lambda files: examine(files, alerts=wanted.alerts, rules=wanted.rules)
            )
        except EngineError as error:
            self.stderr.write(on_one_line(f"error: {error}"))
            return False
        is_read = bool(case.conversations) or not case.problems
        self._tell_problems(case.problems, "warning" if is_read else "error")
        shown = _look_up(readable, names, _wanted_places(case, wanted))
        lines = _lines(case, ", ".join(map(str, readable)), wanted, shown)
        if wanted.form != "jsonl":
            lines = map(on_one_line, lines)
        while block := tuple(islice(lines, LINES_AT_ONCE)):
            self.stdout.write("\n".join(block))
        return is_read and len(readable) == len(paths)

    def _is_readable(self, path: Path, name: str) -> bool:
        try:
            with path.open("rb") as stream:
                read_evidence(name, stream)
        except OSError as error:
            self.stderr.write(on_one_line(f"error: {path}: {error.strerror or error}"))
            return False
        except EngineError as error:
            self.stderr.write(on_one_line(f"error: {error}"))
            return False
        return True

    def _tell_problems(self, problems: Iterable[Problem], how: str) -> None:
        for problem in problems:
            self.stderr.write(on_one_line(f"{how}: {problem}"))


def _read_alert(line: str) -> Alert | None:
    if not line:
        return None
    try:
        return read_alert_line(line)
    except UploadError as error:
        raise CommandError("\n".join(error.problems)) from error


def _read_rules(path: Path | None, warn: Callable[[str], object]) -> tuple[Rule, ...]:
    """The rules of a file, one a line; one that cannot be read is told with its line."""
    if path is None:
        return ()
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from error
    rules = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                rules.append(parse_rule(line.strip()))
            except EngineError as error:
                warn(f"warning: {path.name}: line {number}: {error}")
    return tuple(rules)


# Files


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """What locations call each file: its own name, or its path where two have the same name."""
    own = [path.name for path in paths]
    return {path: path.name if own.count(path.name) == 1 else str(path) for path in paths}


def _with_open_files(
    paths: Iterable[Path], names: dict[Path, str], read: Callable[[list[tuple[str, BinaryIO]]], Case]
) -> Case:
    with ExitStack() as stack:
        return read([(names[path], stack.enter_context(path.open("rb"))) for path in paths])


def _wanted_places(case: Case, wanted: Wanted) -> set[Location]:
    """The records that the output quotes. A report draws the ladder of so many conversations."""
    places: set[Location] = set()
    if wanted.form == "report":
        for conversation in case.conversations[:MAX_DRAWN]:
            places.update(places_of(conversation))
    if wanted.explain:
        for conversation in case.conversations:
            places.update(proofs_of(conversation.findings))
        for judged in case.alerts:
            places.update(proofs_of(judged.findings))
    return places


def _look_up(
    paths: Iterable[Path], names: dict[Path, str], places: set[Location]
) -> dict[Location, RecordSummary]:
    """Read the files once more for the records that are quoted: they need not all be held meanwhile."""
    if not places:
        return {}
    files = {place.file for place in places}
    found = {}
    for path in paths:
        if names[path] in files:
            with path.open("rb") as stream:
                for record in read_evidence(names[path], stream).records:
                    if record.location in places:
                        found[record.location] = summarise(record)
    return found


# Output


def _lines(case: Case, capture: str, wanted: Wanted, shown: Shown) -> Iterator[str]:
    if wanted.form == "jsonl":
        yield from _json_lines(case, capture, wanted, shown)
        return
    for number, conversation in enumerate(case.conversations):
        yield _conversation_text(conversation_to_plain(capture, conversation))
        yield from _page(conversation, wanted, shown, is_drawn=wanted.form == "report" and number < MAX_DRAWN)
    if wanted.form == "report" and len(case.conversations) > MAX_DRAWN:
        yield f"The ladders of the first {MAX_DRAWN} conversations are drawn."
    for judged in case.alerts:
        yield tell_alert(judged)
        if wanted.explain:
            yield from _indented(tell_findings(judged.findings, shown))


def _page(conversation: Conversation, wanted: Wanted, shown: Shown, *, is_drawn: bool) -> Iterator[str]:
    """What stands below a conversation's line, set off by an empty line."""
    if is_drawn:
        yield from _indented(draw_ladder(conversation, shown))
    if wanted.explain:
        yield from _indented(tell_findings(conversation.findings, shown))
    if is_drawn or wanted.explain:
        yield ""


def _json_lines(case: Case, capture: str, wanted: Wanted, shown: Shown) -> Iterator[str]:
    for conversation in case.conversations:
        plain = conversation_to_plain(capture, conversation)
        yield _as_json(plain, conversation.findings if wanted.explain else (), wanted, shown)
    for judged in case.alerts:
        yield _as_json(alert_to_plain(capture, judged), judged.findings, wanted, shown)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _as_json(plain: Plain, findings: Iterable[Finding], wanted: Wanted, shown: Shown) -> str:
    if wanted.explain:
        plain["findings"] = [_finding_to_plain(finding, shown) for finding in findings]
    return JSON.encode(plain)


def _finding_to_plain(finding: Finding, shown: Shown) -> Plain:
    return {
        "claim": finding.claim.value,
        "rule": finding.rule,
        "value": finding.value,
        "confidence": finding.confidence,
        "supports": finding.supports,
        "sentence": describe(finding),
        "records": [
            {"record": str(place), "info": shown[place].info} for place in finding.records if place in shown
        ],
    }


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
        "community_id": community_id_of(conversation.protocol, *conversation.endpoints),
        "translated": [[_endpoint(end) for end in view] for view in conversation.translated],
        "layers": list(conversation.layers),
        "flipped": conversation.flipped,
        "confidence": round(conversation.confidence, 3),
        "basis": _basis(conversation.basis),
    }
    if orig is None:
        plain["endpoints"] = [_endpoint(end) for end in conversation.endpoints]
    return plain


def _endpoint(end: Endpoint | None) -> Plain | None:
    return None if end is None else {"ip": end.ip, "port": end.port}


def _moment(time_ns: int) -> str:
    """ISO 8601 in UTC with nanoseconds, which a datetime cannot hold."""
    seconds, rest = divmod(time_ns, NS)
    return f"{_second(seconds)}.{rest:09d}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _basis(finding: Finding | None) -> Plain | None:
    """The finding that decided who opened it; None where nothing did."""
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
    counts = plain["orig_packets"], plain["resp_packets"]
    traffic = "{}+{} packets".format(*counts) if any(counts) else "no packets counted"
    return f"{plain['first']} {plain['proto']} {flow}  {facts}  {traffic}  {plain['confidence']:.2f}  {why}"


def alert_to_plain(capture: str, judged: JudgedAlert) -> Plain:
    """One alert as `--format jsonl` prints it."""
    alert = judged.alert
    conversation = judged.conversation
    return {
        "capture": capture,
        "alert": {
            "record": str(alert.location) if alert.location else None,
            "proto": alert.protocol.value,
            "src": _endpoint(alert.src),
            "dst": _endpoint(alert.dst),
            "sid": alert.sid,
            "message": alert.message,
        },
        "reversed": judged.reversed.value,
        "cause": judged.cause.value if judged.cause else None,
        "sentence": " ".join(describe(finding) for finding in judged.findings),
        "originator": _endpoint(conversation.orig) if conversation else None,
        "responder": _endpoint(conversation.resp) if conversation else None,
        "outcome": conversation.outcome.value if conversation else None,
    }
