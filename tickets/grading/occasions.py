"""What gives occasion to a wrong idea, and what shows it: pure functions of answers, key, verdict and evidence."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tickets.engine import (
    DISPOSITION_OF,
    Claim,
    Disposition,
    Effect,
    Endpoint,
    Outcome,
    Protocol,
    ReasonCode,
    Reversed,
    Verdict,
)
from tickets.grading.answers import Answers, OutcomeAnswer
from tickets.grading.citing import findings_of
from tickets.grading.criteria import Criterion, Line
from tickets.grading.key import Key
from tickets.grading.rubric import (
    HARMLESS,
    is_pinned,
    is_right,
    is_swapped,
)
from tickets.grading.shown import NOTHING_SHOWN, Seen, Shown


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right in one variant, and why; `shown` is what its trainee has before him."""

    key: Key
    verdict: Verdict
    shown: Shown = NOTHING_SHOWN


@dataclass(frozen=True, slots=True)
class Case:
    """One worksheet against the truth; `services` are those that its texts name as spoken here."""

    answers: Answers
    truth: Truth
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconception:
    """A named wrong idea. `criteria` are those whose lost marks it may explain.

    `is_possible` says whether a variant can show it at all (the "exposed" of a cohort's rate);
    `is_shown` whether this worksheet does."""

    code: str
    name: str
    text: str
    rule: str
    next_time: str
    criteria: tuple[Line, ...]
    is_possible: Callable[[Truth], bool]
    is_shown: Callable[[Case], bool]


DISPOSING = (Criterion.DISPOSITION, Criterion.REASON_CODE)
NO_SUCCESS = frozenset({OutcomeAnswer.REFUSED, OutcomeAnswer.REJECTED, OutcomeAnswer.UNANSWERED})
NO_EFFECT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.FAILED})
FALSE_CODES = frozenset(code for code, owner in DISPOSITION_OF.items() if owner is Disposition.FALSE_POSITIVE)
WELL_KNOWN = 1024  # ports below are the system ports of RFC 6335

_RFC1918_AND_ULA = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


# Direction


def is_marked_reversed(key: Key, truth: Reversed) -> bool:
    fact = key.facts[Criterion.REVERSED]
    return fact.is_marked and fact.expected == truth.value


def can_take_face_value(truth: Truth) -> bool:
    return is_marked_reversed(truth.key, Reversed.YES)


def takes_face_value(case: Case) -> bool:
    """Not reversed, and both ends as the alert prints them."""
    alert = case.truth.verdict.alert
    return case.answers.reversed is Reversed.NO and names_ends(case, alert.src, alert.dst)


def names_ends(case: Case, orig: Endpoint, resp: Endpoint) -> bool:
    """Are these the sides, as far as the worksheet names them? Both addresses it must name; a port that is marked may
    be left out, but not be another one."""
    answers, key = case.answers, case.truth.key
    ports = (
        (Criterion.ORIGINATOR_PORT, answers.originator_port, orig.port),
        (Criterion.RESPONDER_PORT, answers.responder_port, resp.port),
    )
    fit = all(given in (None, port) for criterion, given, port in ports if key.is_marked(criterion))
    return fit and (answers.originator_ip, answers.responder_ip) == (orig.ip, resp.ip)


def can_reverse_needlessly(truth: Truth) -> bool:
    return is_marked_reversed(truth.key, Reversed.NO)


def reverses_needlessly(case: Case) -> bool:
    """Reversed, and both ends the other way round than the alert prints them."""
    alert = case.truth.verdict.alert
    return case.answers.reversed is Reversed.YES and names_ends(case, alert.dst, alert.src)


def can_trust_well_known_port(truth: Truth) -> bool:
    """The side that opened the conversation used a system port, the other side did not."""
    orig, resp = truth.key.originator, truth.key.responder
    return (
        orig is not None
        and resp is not None
        and orig.port < WELL_KNOWN <= resp.port
        and has_ports(truth.verdict)
    )


def has_ports(verdict: Verdict) -> bool:
    return verdict.conversation is not None and verdict.conversation.protocol is not Protocol.ICMP


def trusts_well_known_port(case: Case) -> bool:
    """Makes the side with the system port the responder, and says so with that port."""
    orig = case.truth.key.originator
    names_port = orig is not None and case.answers.responder_port == orig.port
    return names_port and mistakes_the_sides(case)


def mistakes_the_sides(case: Case) -> bool:
    """Every end that is named is the other side's, and the alert is judged accordingly, or not at all. Who judges it
    rightly has seen the direction and wrote the ends into the wrong fields; who says that nobody can know holds no
    idea of who asked."""
    answers, key = case.answers, case.truth.key
    is_unsure = answers.reversed is Reversed.CANNOT_BE_DETERMINED
    return is_swapped(answers, key) and not is_unsure and not is_right(answers, key, Criterion.REVERSED)


def is_inside(end: Endpoint) -> bool:
    address = ipaddress.ip_address(end.ip)
    return any(address in network for network in _RFC1918_AND_ULA if network.version == address.version)


def can_make_inside_the_victim(truth: Truth) -> bool:
    orig, resp = truth.key.originator, truth.key.responder
    return orig is not None and resp is not None and is_inside(orig) and not is_inside(resp)


def makes_inside_the_victim(case: Case) -> bool:
    """The inside host, which asked, is the one that was asked, and the sides are mistaken throughout."""
    orig = case.truth.key.originator
    names_victim = orig is not None and case.answers.responder_ip == orig.ip
    return names_victim and mistakes_the_sides(case)


def can_confuse_ports(truth: Truth) -> bool:
    """The originator drew its port for this conversation. (A system port would be a service's: M04.)"""
    orig, resp = truth.key.originator, truth.key.responder
    has_drawn = orig is not None and resp is not None and orig.port != resp.port and orig.port >= WELL_KNOWN
    return has_drawn and has_ports(truth.verdict)


def takes_client_port_for_service(case: Case) -> bool:
    """Who asked whom is right, the service port is the originator's own."""
    orig = case.truth.key.originator
    sides = (Criterion.REVERSED, Criterion.ORIGINATOR_IP, Criterion.RESPONDER_IP)
    are_right = all(is_right(case.answers, case.truth.key, criterion) for criterion in sides)
    return orig is not None and are_right and case.answers.responder_port == orig.port


def can_take_translated_address(truth: Truth) -> bool:
    """A record states that the originator has another address behind a translation."""
    orig = truth.key.originator
    return orig is not None and any(end.ip != orig.ip for end in truth.key.orig_views)


def takes_translated_address(case: Case) -> bool:
    key, given = case.truth.key, case.answers.originator_ip
    is_right = key.originator is not None and given == key.originator.ip
    return not is_right and any(end.ip == given for end in key.orig_views)


def can_take_proxy_for_source(truth: Truth) -> bool:
    return bool(_proxies(truth))


def takes_proxy_for_source(case: Case) -> bool:
    return case.answers.originator_ip in _proxies(case.truth)


def _proxies(truth: Truth) -> frozenset[str]:
    """Who passed on what the true originator asked, and said so."""
    orig = truth.key.originator
    if orig is None:
        return frozenset()
    return frozenset(f.proxy for f in truth.shown.forwarded if f.client == orig.ip and f.proxy != orig.ip)


# Service


def can_read_service_off_port(truth: Truth) -> bool:
    return bool(truth.key.spoken and truth.key.usual and truth.key.spoken != truth.key.usual)


def reads_service_off_port(case: Case) -> bool:
    """The texts name what usually speaks on this port, and not what is spoken."""
    return case.truth.key.usual in case.services and case.truth.key.spoken not in case.services


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
