"""A verdict with its derivation, for the instructor who set or means to set it. Never for a trainee."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from tickets.engine import Claim, Conversation, Finding, Verdict, describe, verdict_from_plain
from tickets.grading import Accepted, Criterion, Key, build_key, read_accepted
from tickets.grading.citing import findings_of
from tickets.models import Variant
from tickets.models.truth import ScenarioKey, VariantVerdict

PROTOCOL_NAMES = {"tcp": "TCP", "udp": "UDP", "icmp": "ICMP"}


@dataclass(frozen=True)
class Proof:
    """One finding: its sentence, the records that show it, how sure it is, whether it supports the value."""

    sentence: str
    records: tuple[str, ...]
    confidence: str
    supports: bool
    decides: bool


@dataclass(frozen=True)
class Conclusion:
    """One claim of the verdict. `why_unmarked` is "" where trainees are marked on it."""

    label: str
    value: str
    proofs: tuple[Proof, ...]
    why_unmarked: str = ""
    is_worksheet_field: bool = True


@dataclass(frozen=True)
class Derivation:
    engine_version: str
    conversation: str
    conclusions: tuple[Conclusion, ...]
    problems: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    decided_by: str

    @property
    def unmarked(self) -> tuple[Conclusion, ...]:
        return tuple(item for item in self.conclusions if item.why_unmarked)


def read_derivation(variant: Variant) -> Derivation | None:
    """The newest verdict on a variant, told claim by claim; None where it has none yet."""
    row = VariantVerdict.objects.filter(variant=variant).order_by("-created_at").first()
    if row is None:
        return None
    key = ScenarioKey.objects.filter(version=variant.version_id).first()
    return derive(verdict_from_plain(row.verdict), read_accepted(key.accepted) if key else ())


def derive(verdict: Verdict, accepted: Sequence[Accepted] = ()) -> Derivation:
    key = build_key(verdict, accepted)
    return Derivation(
        engine_version=verdict.engine_version,
        conversation=_summary(verdict.conversation),
        conclusions=tuple(_conclusions(verdict, key)),
        problems=tuple(map(str, verdict.problems)),
        inputs=tuple(_inputs(verdict)),
        decided_by=verdict.decided_by,
    )


def _conclusions(verdict: Verdict, key: Key) -> Iterable[Conclusion]:
    def marked(label: str, value: str, criterion: Criterion, *claims: Claim) -> Conclusion:
        why = key.facts[criterion].why_unmarked
        return Conclusion(label, value, _proofs(findings_of(verdict, *claims)), why)

    yield marked(
        gettext("Who opened it"), _ends(verdict.conversation), Criterion.ORIGINATOR_IP, Claim.ORIGINATOR
    )
    yield marked(gettext("Alert reversed"), _words(verdict.reversed), Criterion.REVERSED, Claim.REVERSED)
    yield marked(gettext("Outcome"), _words(verdict.outcome), Criterion.OUTCOME, Claim.OUTCOME)
    yield marked(gettext("Intent"), _words(verdict.intent), Criterion.INTENT, Claim.INTENT)
    yield marked(gettext("Disposition"), _closing(verdict), Criterion.DISPOSITION, Claim.DISPOSITION)
    for claim, value in ((Claim.SERVICE, _service(verdict)), (Claim.EFFECT, _words(verdict.effect))):
        found = _proofs(findings_of(verdict, claim))
        if found:
            yield Conclusion(claim.value.capitalize(), value, found, is_worksheet_field=False)


def _proofs(findings: Iterable[Finding]) -> tuple[Proof, ...]:
    """The finding that decides stands first: for a disposition, the decision table's row."""
    ordered = sorted(findings, key=lambda finding: not finding.rule.startswith("disposition."))
    proofs = []
    decided = False
    for finding in ordered:
        decides = finding.supports and not decided
        decided = decided or finding.supports
        proofs.append(
            Proof(
                sentence=describe(finding),
                records=tuple(map(str, finding.records)),
                confidence=f"{finding.confidence:.0%}",
                # What merely says that nothing is settled contradicts nothing.
                supports=finding.supports or not finding.value,
                decides=decides,
            )
        )
    return tuple(proofs)


def _ends(conversation: Conversation | None) -> str:
    if conversation is None or conversation.orig is None or conversation.resp is None:
        return gettext("cannot be determined")
    return gettext("%(orig)s opened it to %(resp)s") % {"orig": conversation.orig, "resp": conversation.resp}


def _closing(verdict: Verdict) -> str:
    if verdict.disposition is None:
        return gettext("not settled")
    code = f" ({verdict.reason_code})" if verdict.reason_code else ""
    return f"{_words(verdict.disposition)}{code}"


def _service(verdict: Verdict) -> str:
    return (verdict.conversation.service if verdict.conversation else "") or gettext("not seen")


def _summary(conversation: Conversation | None) -> str:
    if conversation is None:
        return ""
    name = PROTOCOL_NAMES[conversation.protocol.value]
    packets = gettext("%(orig_packets)s and %(resp_packets)s packets") % {
        "orig_packets": conversation.orig_packets,
        "resp_packets": conversation.resp_packets,
    }
    octets = gettext("%(orig_bytes)s and %(resp_bytes)s bytes") % {
        "orig_bytes": f"{conversation.orig_bytes:,}",
        "resp_bytes": f"{conversation.resp_bytes:,}",
    }
    state = (
        gettext("state %(conn_state)s") % {"conn_state": conversation.conn_state}
        if conversation.conn_state
        else ""
    )
    history = (
        gettext("history %(history)s") % {"history": conversation.history} if conversation.history else ""
    )
    return ", ".join(part for part in (name, state, history, packets, octets) if part)


def _inputs(verdict: Verdict) -> Iterable[tuple[str, str]]:
    """The decision table's inputs, the unknown ones said to be unknown."""
    for name in ("dir", "intent", "effect", "evid", "auth", "role", "origin", "mal"):
        value = getattr(verdict.inputs, name)
        yield name, gettext("not known") if value is None else str(value)


def _words(value: object) -> str:
    return gettext("not settled") if value is None else str(value).replace("_", " ")
