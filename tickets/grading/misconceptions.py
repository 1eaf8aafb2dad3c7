"""The library of wrong ideas: which one is behind a wrong answer, and what a teacher says about it.

Each is a pure function of answers, key and verdict. A code never contains a variant's values, so that a
cohort's figures add up over variants. The library's order is the precedence: the first idea that fits a
criterion is its one primary code, the more specific idea before the more general.

Not here, because this worksheet has no field that could show them: M10 and M11 (translated and
proxied addresses need a second conversation), M16 (times of pins), M17 (application protocol)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tickets.engine import (
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
from tickets.grading.criteria import Criterion
from tickets.grading.key import Key, findings_of
from tickets.grading.rubric import (
    DIRECTION,
    HARMLESS,
    has_initiator,
    is_pinned,
    is_right,
    is_swapped,
    is_wrong,
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right in one variant, and why."""

    key: Key
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """One worksheet against the truth."""

    answers: Answers
    truth: Truth


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
    criteria: tuple[Criterion, ...]
    is_possible: Callable[[Truth], bool]
    is_shown: Callable[[Case], bool]


DISPOSING = (Criterion.DISPOSITION, Criterion.REASON_CODE)
NO_SUCCESS = frozenset({OutcomeAnswer.REFUSED, OutcomeAnswer.REJECTED, OutcomeAnswer.UNANSWERED})
NO_EFFECT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.FAILED})
WELL_KNOWN = 1024  # ports below are the system ports of RFC 6335

_RFC1918_AND_ULA = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


# Direction


def _is_marked_reversed(key: Key, truth: Reversed) -> bool:
    fact = key.facts[Criterion.REVERSED]
    return fact.is_marked and fact.expected == truth.value


def _can_take_face_value(truth: Truth) -> bool:
    return _is_marked_reversed(truth.key, Reversed.YES)


def _takes_face_value(case: Case) -> bool:
    """Not reversed, and both addresses as the alert prints them."""
    answers, alert = case.answers, case.truth.verdict.alert
    as_printed = answers.originator_ip == alert.src.ip and answers.responder_ip == alert.dst.ip
    return answers.reversed is Reversed.NO and as_printed


def _can_reverse_needlessly(truth: Truth) -> bool:
    return _is_marked_reversed(truth.key, Reversed.NO)


def _reverses_needlessly(case: Case) -> bool:
    answers, alert = case.answers, case.truth.verdict.alert
    turned = answers.originator_ip == alert.dst.ip and answers.responder_ip == alert.src.ip
    return answers.reversed is Reversed.YES and turned


def _can_trust_well_known_port(truth: Truth) -> bool:
    """The side that opened the conversation used a system port, the other side did not."""
    orig, resp = truth.key.originator, truth.key.responder
    return (
        orig is not None
        and resp is not None
        and orig.port < WELL_KNOWN <= resp.port
        and _has_ports(truth.verdict)
    )


def _has_ports(verdict: Verdict) -> bool:
    return verdict.conversation is not None and verdict.conversation.protocol is not Protocol.ICMP


def _trusts_well_known_port(case: Case) -> bool:
    """Makes the side with the system port the responder, and says so with that port."""
    orig = case.truth.key.originator
    names_port = orig is not None and case.answers.responder_port == orig.port
    return names_port and is_swapped(case.answers, case.truth.key)


def _is_inside(end: Endpoint) -> bool:
    address = ipaddress.ip_address(end.ip)
    return any(address in network for network in _RFC1918_AND_ULA if network.version == address.version)


def _can_make_inside_the_victim(truth: Truth) -> bool:
    orig, resp = truth.key.originator, truth.key.responder
    return orig is not None and resp is not None and _is_inside(orig) and not _is_inside(resp)


def _makes_inside_the_victim(case: Case) -> bool:
    orig = case.truth.key.originator
    return (
        orig is not None
        and case.answers.responder_ip == orig.ip
        and not has_initiator(case.answers, case.truth.key)
    )


def _can_confuse_ports(truth: Truth) -> bool:
    orig, resp = truth.key.originator, truth.key.responder
    return orig is not None and resp is not None and orig.port != resp.port and _has_ports(truth.verdict)


def _takes_client_port_for_service(case: Case) -> bool:
    """The addresses are right, the service port is the originator's own."""
    orig = case.truth.key.originator
    addresses = (Criterion.ORIGINATOR_IP, Criterion.RESPONDER_IP)
    are_right = all(is_right(case.answers, case.truth.key, criterion) for criterion in addresses)
    return orig is not None and are_right and case.answers.responder_port == orig.port


# Outcome


def _has_outcome(key: Key, *truths: Outcome) -> bool:
    fact = key.facts[Criterion.OUTCOME]
    return fact.is_marked and fact.expected in truths


def _says_established(case: Case) -> bool:
    return case.answers.outcome is OutcomeAnswer.ESTABLISHED


def _says_failed(case: Case) -> bool:
    return case.answers.outcome in NO_SUCCESS


def _is_protocol(verdict: Verdict, protocol: Protocol) -> bool:
    return verdict.conversation is not None and verdict.conversation.protocol is protocol


def _states(verdict: Verdict, effect: str) -> bool:
    """Did a control state this of the conversation? (Its statement is never the target's answer.)"""
    return any(finding.value == effect for finding in findings_of(verdict, Claim.EFFECT))


def _is_let_through(verdict: Verdict) -> bool:
    return _states(verdict, "allowed") and not _states(verdict, Effect.BLOCKED)


def _can_take_allowed_for_success(truth: Truth) -> bool:
    return _has_outcome(truth.key, Outcome.REFUSED, Outcome.UNANSWERED) and _is_let_through(truth.verdict)


def _can_ignore_control(truth: Truth) -> bool:
    is_unserved = _has_outcome(
        truth.key, Outcome.REJECTED, Outcome.REFUSED, Outcome.UNANSWERED, Outcome.ONE_WAY
    )
    return is_unserved and (truth.verdict.effect is Effect.BLOCKED or _states(truth.verdict, Effect.BLOCKED))


def _can_overlook_reset(truth: Truth) -> bool:
    return _has_outcome(truth.key, Outcome.REFUSED, Outcome.REJECTED)


def _can_take_udp_for_answered(truth: Truth) -> bool:
    """UDP datagrams went one way only."""
    conversation = truth.verdict.conversation
    is_silent = conversation is not None and 0 in (conversation.orig_packets, conversation.resp_packets)
    return (
        is_silent
        and _is_protocol(truth.verdict, Protocol.UDP)
        and _has_outcome(truth.key, Outcome.UNANSWERED, Outcome.ONE_WAY)
    )


def _can_take_syn_for_connected(truth: Truth) -> bool:
    return _has_outcome(truth.key, Outcome.UNANSWERED) and _is_protocol(truth.verdict, Protocol.TCP)


def _can_take_midstream_for_failed(truth: Truth) -> bool:
    return _has_outcome(truth.key, Outcome.MIDSTREAM)


# Disposition


def _can_call_failed_false(truth: Truth) -> bool:
    """A real attempt without success: BN1, or TP4 from inside."""
    return truth.key.reason_code in {ReasonCode.BN1, ReasonCode.TP4} and truth.verdict.effect in NO_EFFECT


def _calls_failed_false(case: Case) -> bool:
    return case.answers.disposition is Disposition.FALSE_POSITIVE


def _implied_by_severity(verdict: Verdict) -> frozenset[Disposition]:
    """What a severity seems to say; Suricata's 1 is the highest, 3 the lowest of the usual three."""
    severity = verdict.alert.severity
    if severity is None or severity == 2:
        return frozenset()
    return frozenset({Disposition.TRUE_POSITIVE}) if severity <= 1 else HARMLESS


def _can_follow_severity(truth: Truth) -> bool:
    implied = _implied_by_severity(truth.verdict)
    return bool(implied) and truth.key.disposition is not None and truth.key.disposition not in implied


def _follows_severity(case: Case) -> bool:
    return case.answers.disposition in _implied_by_severity(case.truth.verdict)


# Evidence


def _can_leave_uncited(truth: Truth) -> bool:
    return bool(truth.key.proofs)


def _is_right_about(case: Case, claim: Claim) -> bool:
    criteria: Mapping[Claim, tuple[Criterion, ...]] = {
        Claim.ORIGINATOR: (
            Criterion.REVERSED,
            *((Criterion.ORIGINATOR_IP,) if case.truth.key.originator else ()),
        ),
        Claim.OUTCOME: (Criterion.OUTCOME,),
    }
    return all(is_right(case.answers, case.truth.key, criterion) for criterion in criteria[claim])


def _leaves_uncited(case: Case) -> bool:
    """A right answer that none of the pins supports."""
    return any(
        _is_right_about(case, proof.claim) and not is_pinned(case.answers, case.truth.key, proof.claim)
        for proof in case.truth.key.proofs
    )


MISCONCEPTIONS: tuple[Misconception, ...] = (
    Misconception(
        code="M01",
        name="The alert's direction at face value",
        text="You took the alert's source for the side that opened the conversation. An alert prints the packet "
        "that fired, and that packet was an answer.",
        rule="A sensor's source and destination belong to one packet. Who opened the conversation is told by its "
        "first request: a SYN, a query, a device that saw it being built.",
        next_time="Before you read an alert as from-to, find the record that opened the conversation and compare.",
        criteria=(*DIRECTION, Criterion.INTENT),
        is_possible=_can_take_face_value,
        is_shown=_takes_face_value,
    ),
    Misconception(
        code="M04",
        name="The well-known port decides",
        text="You made the side with the well-known port the server. Here that side asked and the other one was asked.",
        rule="Anyone may send from port 53 or 80; active FTP sends from 20. A port is a first guess, and a "
        "handshake or a request outranks it.",
        next_time="Use the port to form a guess, then look for the SYN or the request that confirms or refutes it.",
        criteria=DIRECTION,
        is_possible=_can_trust_well_known_port,
        is_shown=_trusts_well_known_port,
    ),
    Misconception(
        code="M02",
        name="Every alert is reversed",
        text="You turned this alert round, but it shows the conversation the right way: its source did open it.",
        rule="Some alerts show the answer and many do not. A reversal has to be proved by the same record as "
        "anything else: the one that opened the conversation.",
        next_time="Ask which record would have to exist if the alert were reversed, and look whether it does.",
        criteria=(*DIRECTION, Criterion.INTENT),
        is_possible=_can_reverse_needlessly,
        is_shown=_reverses_needlessly,
    ),
    Misconception(
        code="M12",
        name="The inside host is always the victim",
        text="You made the inside host the one that was contacted. It opened this conversation itself.",
        rule="Being inside says who is to be protected, not who acted. Inside hosts browse, update, scan and, when "
        "taken over, call out.",
        next_time="Name the side that acted first, and only then ask whose host it is.",
        criteria=DIRECTION,
        is_possible=_can_make_inside_the_victim,
        is_shown=_makes_inside_the_victim,
    ),
    Misconception(
        code="M03",
        name="The client's port taken for the service",
        text="The hosts are right, but you gave the port that the client chose for itself as the service's.",
        rule="The service port is the one on the side that was asked; the asking side takes any free port for "
        "the time of one conversation.",
        next_time="Tie each port to its address first, then read the service off the side that was asked.",
        criteria=(Criterion.ORIGINATOR_PORT, Criterion.RESPONDER_PORT),
        is_possible=_can_confuse_ports,
        is_shown=_takes_client_port_for_service,
    ),
    Misconception(
        code="M09",
        name="Allowed taken for successful",
        text="You read a control's permission as success. It let the attempt through; the target did not take it.",
        rule="Allow, permit and built are a device's words about its policy. Whether it worked only the target's "
        "own answer tells.",
        next_time="After every allow, look for the target's answer: a SYN-ACK, a reset, a status or silence.",
        criteria=(Criterion.OUTCOME,),
        is_possible=_can_take_allowed_for_success,
        is_shown=_says_established,
    ),
    Misconception(
        code="M08",
        name="The control's verdict overlooked",
        text="You wrote that the conversation came about, yet a control stopped it.",
        rule="A denial by the device in the path means that the request did not get to the target, unless another "
        "record shows an answer from it.",
        next_time="Read the control's log line for the same addresses, ports and time before you judge the outcome.",
        criteria=(Criterion.OUTCOME,),
        is_possible=_can_ignore_control,
        is_shown=_says_established,
    ),
    Misconception(
        code="M06",
        name="A reset or ICMP error overlooked",
        text="There was an answer, and you took it for a yes. It was a refusal.",
        rule="A reset or an ICMP error in answer to the opening packet says no. Only a SYN-ACK, or data from the "
        "side that was asked, says yes.",
        next_time="Read the flags or the ICMP type of the first packet that came back.",
        criteria=(Criterion.OUTCOME,),
        is_possible=_can_overlook_reset,
        is_shown=_says_established,
    ),
    Misconception(
        code="M15",
        name="Sent by UDP taken for answered",
        text="You took sent datagrams for an exchange. Nothing came back.",
        rule="UDP has no handshake: a datagram that was sent proves a sender and nothing more. An exchange needs "
        "one from each side.",
        next_time="Count the packets of each direction before you call a UDP conversation established.",
        criteria=(Criterion.OUTCOME,),
        is_possible=_can_take_udp_for_answered,
        is_shown=_says_established,
    ),
    Misconception(
        code="M05",
        name="A SYN taken for a connection",
        text="You took the attempt for the connection. Only the request is there, and no answer.",
        rule="A SYN asks. A TCP connection stands when the other side has answered with a SYN-ACK and that was "
        "acknowledged (RFC 9293).",
        next_time="Look for the second packet of the handshake before you write established.",
        criteria=(Criterion.OUTCOME,),
        is_possible=_can_take_syn_for_connected,
        is_shown=_says_established,
    ),
    Misconception(
        code="M07",
        name="Midstream taken for failed",
        text="You read a missing handshake as a failed one. Both sides were already exchanging data.",
        rule="A capture that starts late has no handshake in it. Data from both sides shows a conversation that "
        "stood before the capture began.",
        next_time="Where the handshake is missing, check whether both sides send data before you call it failed.",
        criteria=(Criterion.OUTCOME,),
        is_possible=_can_take_midstream_for_failed,
        is_shown=_says_failed,
    ),
    Misconception(
        code="M14",
        name="No success taken for a false positive",
        text="You closed a real attempt as a false positive because it got nowhere.",
        rule="False positive means that the detection was wrong about what happened. An attempt that failed did "
        "happen, and the detection was right.",
        next_time="Ask two questions apart: was the alert right about the facts, and did it do any harm?",
        criteria=DISPOSING,
        is_possible=_can_call_failed_false,
        is_shown=_calls_failed_false,
    ),
    Misconception(
        code="M13",
        name="Severity decides",
        text="Your disposition is the one that the alert's severity seems to call for. The records say otherwise.",
        rule="A severity is what the rule's author thought before this traffic existed. It orders the queue; it "
        "decides nothing.",
        next_time="Write the disposition with the severity covered up, then look whether they agree.",
        criteria=DISPOSING,
        is_possible=_can_follow_severity,
        is_shown=_follows_severity,
    ),
    Misconception(
        code="M18",
        name="Evidence not connected to the claim",
        text="You have something right here, and none of the records you pinned shows it.",
        rule="A finding that cites no record cannot be checked by the next shift, and cannot be told from luck.",
        next_time="For each claim pin the one record that would change your mind if it were different.",
        criteria=(Criterion.EVIDENCE,),
        is_possible=_can_leave_uncited,
        is_shown=_leaves_uncited,
    ),
)
BY_CODE: Mapping[str, Misconception] = {misconception.code: misconception for misconception in MISCONCEPTIONS}


def find_misconceptions(answers: Answers, key: Key, verdict: Verdict) -> dict[Criterion, Misconception]:
    """The one primary misconception behind each wrong criterion that has one.

    An answer that equals the key, and a blank, have none; whether marks were lost (a listed alternative
    may earn all of them) is the caller's to say."""
    case = Case(answers, Truth(key, verdict))
    shown = [m for m in MISCONCEPTIONS if m.is_possible(case.truth) and m.is_shown(case)]
    found: dict[Criterion, Misconception] = {}
    for misconception in shown:
        for criterion in misconception.criteria:
            if _needs_a_code(case, criterion):
                found.setdefault(criterion, misconception)
    return found


def _needs_a_code(case: Case, criterion: Criterion) -> bool:
    if criterion is Criterion.EVIDENCE:
        return case.truth.key.is_marked(criterion)
    return is_wrong(case.answers, case.truth.key, criterion)


def possible_misconceptions(key: Key, verdict: Verdict) -> tuple[str, ...]:
    """The codes that a worksheet on this variant could show: who works it is exposed to them."""
    truth = Truth(key, verdict)
    return tuple(m.code for m in MISCONCEPTIONS if m.is_possible(truth))
