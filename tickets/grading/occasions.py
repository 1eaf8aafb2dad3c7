"""Wrong ideas about outcome, closing and evidence: what gives occasion to one, and what shows it. (Those about the two
sides: `sides`.)

Pure functions of answers, key, verdict and evidence."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.engine import (
    DISPOSITION_OF,
    Claim,
    Disposition,
    Effect,
    Outcome,
    Protocol,
    ReasonCode,
    Verdict,
)
from tickets.grading.answers import OutcomeAnswer
from tickets.grading.cases import Case, Truth
from tickets.grading.citing import findings_of
from tickets.grading.criteria import Criterion
from tickets.grading.key import Key
from tickets.grading.rubric import (
    HARMLESS,
    is_pinned,
    is_right,
)
from tickets.grading.shown import Seen

DISPOSING = (Criterion.DISPOSITION, Criterion.REASON_CODE)
NO_SUCCESS = frozenset({OutcomeAnswer.REFUSED, OutcomeAnswer.REJECTED, OutcomeAnswer.UNANSWERED})
NO_EFFECT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.FAILED})
FALSE_CODES = frozenset(code for code, owner in DISPOSITION_OF.items() if owner is Disposition.FALSE_POSITIVE)


# Outcome


def has_outcome(key: Key, *truths: Outcome) -> bool:
    fact = key.facts[Criterion.OUTCOME]
    return fact.is_marked and fact.expected in truths


def says_established(case: Case) -> bool:
    return case.answers.outcome is OutcomeAnswer.ESTABLISHED


def says_failed(case: Case) -> bool:
    return case.answers.outcome in NO_SUCCESS


def is_protocol(verdict: Verdict, protocol: Protocol) -> bool:
    return verdict.conversation is not None and verdict.conversation.protocol is protocol


def states(verdict: Verdict, effect: str) -> bool:
    """Did a control state this of the conversation? (Its statement is never the target's answer.)"""
    return any(finding.value == effect for finding in findings_of(verdict, Claim.EFFECT))


def is_let_through(verdict: Verdict) -> bool:
    return states(verdict, "allowed") and not states(verdict, Effect.BLOCKED)


def can_take_allowed_for_success(truth: Truth) -> bool:
    return has_outcome(truth.key, Outcome.REFUSED, Outcome.UNANSWERED) and is_let_through(truth.verdict)


def can_ignore_control(truth: Truth) -> bool:
    is_unserved = has_outcome(
        truth.key, Outcome.REJECTED, Outcome.REFUSED, Outcome.UNANSWERED, Outcome.ONE_WAY
    )
    return is_unserved and (truth.verdict.effect is Effect.BLOCKED or states(truth.verdict, Effect.BLOCKED))


def can_overlook_reset(truth: Truth) -> bool:
    return has_outcome(truth.key, Outcome.REFUSED, Outcome.REJECTED)


def can_take_udp_for_answered(truth: Truth) -> bool:
    """UDP datagrams went one way only."""
    conversation = truth.verdict.conversation
    is_silent = conversation is not None and 0 in (conversation.orig_packets, conversation.resp_packets)
    return (
        is_silent
        and is_protocol(truth.verdict, Protocol.UDP)
        and has_outcome(truth.key, Outcome.UNANSWERED, Outcome.ONE_WAY)
    )


def can_take_syn_for_connected(truth: Truth) -> bool:
    return has_outcome(truth.key, Outcome.UNANSWERED) and is_protocol(truth.verdict, Protocol.TCP)


def can_take_midstream_for_failed(truth: Truth) -> bool:
    return has_outcome(truth.key, Outcome.MIDSTREAM)


# Disposition


def can_call_failed_false(truth: Truth) -> bool:
    """A real attempt without success: BN1, or TP4 from inside. Where the scenario accepts every code of a false
    positive in full, to close it as one is no mistake."""
    is_real = truth.key.reason_code in {ReasonCode.BN1, ReasonCode.TP4} and truth.verdict.effect in NO_EFFECT
    in_full = {
        item.reason_code for item in truth.key.facts[Criterion.REASON_CODE].accepted if item.credit == 1
    }
    return is_real and not in_full >= FALSE_CODES


def calls_failed_false(case: Case) -> bool:
    return case.answers.disposition is Disposition.FALSE_POSITIVE


def implied_by_severity(verdict: Verdict) -> frozenset[Disposition]:
    """What a severity seems to say; Suricata's 1 is the highest, 3 the lowest of the usual three."""
    severity = verdict.alert.severity
    if severity is None or severity == 2:
        return frozenset()
    return frozenset({Disposition.TRUE_POSITIVE}) if severity <= 1 else HARMLESS


def can_follow_severity(truth: Truth) -> bool:
    implied = implied_by_severity(truth.verdict)
    return bool(implied) and truth.key.disposition is not None and truth.key.disposition not in implied


def follows_severity(case: Case) -> bool:
    return case.answers.disposition in implied_by_severity(case.truth.verdict)


# Evidence


def can_leave_uncited(truth: Truth) -> bool:
    return bool(truth.key.proofs)


def is_right_about(case: Case, claim: Claim) -> bool:
    criteria: Mapping[Claim, tuple[Criterion, ...]] = {
        Claim.ORIGINATOR: (
            Criterion.REVERSED,
            *((Criterion.ORIGINATOR_IP,) if case.truth.key.originator else ()),
        ),
        Claim.OUTCOME: (Criterion.OUTCOME,),
    }
    return all(is_right(case.answers, case.truth.key, criterion) for criterion in criteria[claim])


def leaves_uncited(case: Case) -> bool:
    """All is right that a record can prove, and for some of it none is pinned. Who is right in one half by luck has
    other things to learn first; that half of the marks tells him about his pins without a code."""
    proofs = case.truth.key.proofs
    are_right = all(is_right_about(case, proof.claim) for proof in proofs)
    return are_right and any(not is_pinned(case.answers, case.truth.key, proof.claim) for proof in proofs)


HOUR_NS = 3_600_000_000_000
MINUTE_NS = 60_000_000_000


def is_hours_away(seen: Seen, verdict: Verdict) -> bool:
    """Of the same hosts, and off by an hour or several, to the minute: as a clock read in another zone is."""
    conversation = verdict.conversation
    if conversation is None or seen.time_ns is None:
        return False
    ours = {end.ip for end in conversation.endpoints}
    away_ns = max(conversation.first_ns - seen.time_ns, seen.time_ns - conversation.last_ns)
    over_ns = (away_ns + MINUTE_NS) % HOUR_NS
    return away_ns > HOUR_NS // 2 and over_ns <= 2 * MINUTE_NS and not ours.isdisjoint(seen.ips)


def can_take_wrong_hour(truth: Truth) -> bool:
    records = truth.shown.records.values()
    return bool(truth.key.proofs) and any(is_hours_away(seen, truth.verdict) for seen in records)


def takes_wrong_hour(case: Case) -> bool:
    """Something is cited that lies whole hours away."""
    cited = (case.truth.shown.records.get(pin) for pin in case.answers.evidence)
    return any(seen is not None and is_hours_away(seen, case.truth.verdict) for seen in cited)
