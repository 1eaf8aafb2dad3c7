"""What an author handed in: captures and logs, an alert, a rule, notes. From files to a variant with its verdict.

The admin's job and `manage.py make_ticket` both come through `author`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from django.db import transaction

from tickets.engine import (
    Alert,
    Context,
    Endpoint,
    EngineError,
    EvidenceFile,
    Protocol,
    Rule,
    Verdict,
    analyze,
    parse_rule,
)
from tickets.models import AnalysisJob, EvidenceUpload, User, Variant
from tickets.packs import PackError, read_context, read_headings
from tickets.tasks.evidence import name_neutrally, store_bundle, visible
from tickets.tasks.jobs import finish
from tickets.tasks.scenarios import Authored, author_variant

T = TypeVar("T")


class UploadError(Exception):
    """Faults of what an author handed in: one sentence each, with its place."""

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(visible(problem) for problem in problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What an author handed in, as typed. A blank alert line or rule is looked for in the EVE files."""

    title: str
    files: tuple[EvidenceFile, ...]
    alert_line: str = ""
    rule_text: str = ""
    context_text: str = ""
    severity: str = "medium"
    sensor: str = ""
    statement: str = ""


def author(handed: Handed, owner: User | None) -> Variant:
    """Make a scenario, its version in draft, and its one variant with evidence and verdict.

    Raises UploadError with every fault that was found; then nothing is stored.
    """
    authored, verdict = _prepare(handed)
    return author_variant(authored, verdict, owner)


def _prepare(handed: Handed) -> tuple[Authored, Verdict]:
    """All that takes long: the verdict, and the evidence stored for `author_variant` to find."""
    alert, rule, context = read_inputs(handed)
    try:
        files = name_neutrally(handed.files)
        verdict, rule_text = judge(files, alert, rule, context)
        store_bundle(files, context.notes)
    except EngineError as error:
        raise UploadError(str(error)) from error
    authored = Authored(
        title=handed.title,
        severity=handed.severity,
        sensor=handed.sensor,
        statement=handed.statement,
        rule_text=rule_text,
        context=context,
        headings=[heading.value for heading in read_headings(handed.context_text)] if context.notes else [],
        files=files,
    )
    return authored, verdict


def judge(
    files: Sequence[EvidenceFile], alert: Alert | None, rule: Rule | None, context: Context
) -> tuple[Verdict, str]:
    """The verdict, and the rule's text as far as it is known."""
    if alert is not None and rule is not None:
        alert = replace(alert, sid=rule.sid, rev=rule.rev, message=rule.msg, category=rule.classtype)
    verdict = analyze(files, alert=alert, rule=rule.raw if rule else None, context=context)
    if rule is None and (rule := _rule_in(verdict.alert)) is not None:
        verdict = analyze(files, alert=verdict.alert, rule=rule.raw, context=context)
    if verdict.conversation is None:
        raise UploadError(_nothing_between(verdict.alert))
    return verdict, rule.raw if rule else _signature_line(verdict.alert)


def read_inputs(handed: Handed) -> tuple[Alert | None, Rule | None, Context]:
    """The typed parts, read. Raises UploadError with the faults of all of them together."""
    problems: list[str] = []
    alert = _noting(
        problems, lambda: read_alert_line(handed.alert_line) if handed.alert_line.strip() else None
    )
    rule = _noting(problems, lambda: read_rule(handed.rule_text) if handed.rule_text.strip() else None)
    context = _noting(problems, lambda: read_context_text(handed.context_text))
    if problems:
        raise UploadError(*problems)
    return alert, rule, context or Context()


_ALERT_LINE = re.compile(r"(?P<protocol>\S+)\s+(?P<src>\S+)\s*->\s*(?P<dst>\S+)")


def read_alert_line(line: str) -> Alert:
    """`tcp 203.0.113.80:80 -> 10.20.30.40:3932`; IPv6 in brackets; ICMP may go without ports."""
    match = _ALERT_LINE.fullmatch(line.strip())
    if match is None:
        raise UploadError(
            "The alert line must read like `tcp 203.0.113.80:80 -> 10.20.30.40:3932`: protocol, source, arrow, destination."
        )
    try:
        protocol = Protocol(match["protocol"].lower())
    except ValueError:
        raise UploadError(
            f"The alert line's protocol is {match['protocol']}; it may be tcp, udp or icmp."
        ) from None
    return Alert(
        protocol=protocol,
        src=_read_endpoint("source", match["src"], protocol),
        dst=_read_endpoint("destination", match["dst"], protocol),
        source="by hand",
    )


def read_rule(text: str) -> Rule:
    """The one rule in the text; lines that start with # are left out."""
    lines = [line for line in text.strip().splitlines() if not line.lstrip().startswith("#")]
    try:
        return parse_rule("\n".join(lines).strip())
    except EngineError as error:
        raise UploadError(f"The rule cannot be read: {error}") from error


def read_context_text(text: str) -> Context:
    try:
        return read_context(text) if text.strip() else Context()
    except PackError as error:
        raise UploadError(*(f"Context, {mistake}" for mistake in error.mistakes)) from error


def analyse_upload(job: AnalysisJob) -> None:
    """Analyse the job's upload once. What is wrong with the upload itself would be wrong again: the job is done.

    Raises LeaseLostError, or whatever the engine raises; then nothing was stored.
    """
    try:
        record_analysis(job.upload, hold=partial(finish, job))
    except UploadError as error:
        with transaction.atomic():
            finish(job)
            refuse_upload(job.upload, error)


def record_analysis(upload: EvidenceUpload, *, hold: Callable[[], None] = lambda: None) -> None:
    """Analyse an upload and keep its variant; running it a second time changes nothing.

    `hold` is called first in the short transaction that keeps the result, and may refuse by raising.
    Raises UploadError for faults of the upload itself; `refuse_upload` keeps those.
    """
    if upload.variant_id is not None:
        hold()
        return
    authored, verdict = _prepare(_handed(upload))
    with transaction.atomic():
        hold()
        upload.variant = author_variant(authored, verdict, upload.owner)
        upload.state = EvidenceUpload.State.ANALYSED
        upload.problem = ""
        upload.save(update_fields=["variant", "state", "problem"])


def refuse_upload(upload: EvidenceUpload, error: UploadError) -> None:
    """Keep why an upload cannot be used, for its owner to read."""
    upload.state = EvidenceUpload.State.FAILED
    upload.problem = "\n".join(error.problems)
    upload.save(update_fields=["state", "problem"])


def _handed(upload: EvidenceUpload) -> Handed:
    return Handed(
        title=upload.title,
        severity=upload.severity,
        sensor=upload.sensor,
        statement=upload.statement,
        alert_line=upload.alert_line,
        rule_text=upload.rule_text,
        context_text=upload.context_text,
        files=tuple(
            EvidenceFile(name=file.name, data=bytes(file.data)) for file in upload.files.order_by("position")
        ),
    )


def _noting(problems: list[str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except UploadError as error:
        problems.extend(error.problems)
        return None


_ENDPOINT = re.compile(r"\[(?P<v6>[^\]]+)\](?::(?P<v6port>\d+))?|(?P<v4>[^:]+)(?::(?P<v4port>\d+))?")


def _read_endpoint(which: str, text: str, protocol: Protocol) -> Endpoint:
    match = _ENDPOINT.fullmatch(text)
    if match is None:
        raise UploadError(
            f"The alert line's {which} is {text}; write it as 203.0.113.80:80 or [2001:db8::80]:80."
        )
    try:
        address = ipaddress.ip_address(match["v6"] or match["v4"])
    except ValueError:
        raise UploadError(f"The alert line's {which} is {text}, which is no IP address.") from None
    port = match["v6port"] or match["v4port"]
    if port is None and protocol is not Protocol.ICMP:
        raise UploadError(f"The alert line's {which} is {text}, without a port.")
    if int(port or 0) > 65535:
        raise UploadError(f"The alert line's {which} has port {port}; ports end at 65535.")
    return Endpoint(str(address), int(port or 0))


def _rule_in(alert: Alert) -> Rule | None:
    """Suricata prints the rule itself where `metadata: rule: raw` is on (user guide, EVE output)."""
    try:
        text = json.loads(alert.raw)["alert"]["rule"]
    except (ValueError, KeyError, TypeError):
        return None
    try:
        return parse_rule(str(text))
    except EngineError:
        return None


def _signature_line(alert: Alert) -> str:
    """What is known of a rule whose text nobody has."""
    if alert.sid is None:
        return "# The text of the rule is not known."
    revision = f" rev {alert.rev}" if alert.rev is not None else ""
    return f"# The text of the rule is not known. The alert names sid {alert.sid}{revision}: {visible(alert.message)}"


def _nothing_between(alert: Alert) -> str:
    return (
        f"No packet and no log line of these files is about {alert.protocol} between "
        f"{alert.src} and {alert.dst}, so there is nothing to judge the alert by."
    )
