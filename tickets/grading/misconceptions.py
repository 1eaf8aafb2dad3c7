"""The library of wrong ideas: which one is behind a wrong answer, and what a teacher says about it.

Each is a pure function of answers, key, verdict and evidence. A code never contains a variant's values, so that a
cohort's figures add up over variants. The library's order is the precedence: the first idea that fits a line is its
one primary code, the more specific idea before the more general. Another variant's truth (X01) is no idea about
this evidence and stands apart, in `foreign`."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.grading.cases import Case, Misconception, Truth
from tickets.grading.criteria import Criterion, Line, TextLine
from tickets.grading.occasions import (
    DISPOSING,
    calls_failed_false,
    can_call_failed_false,
    can_follow_severity,
    can_ignore_control,
    can_leave_uncited,
    can_overlook_reset,
    can_take_allowed_for_success,
    can_take_midstream_for_failed,
    can_take_syn_for_connected,
    can_take_udp_for_answered,
    can_take_wrong_hour,
    follows_severity,
    leaves_uncited,
    says_established,
    says_failed,
    takes_wrong_hour,
)
from tickets.grading.rubric import DIRECTION, is_wrong
from tickets.grading.sides import (
    can_confuse_ports,
    can_make_inside_the_victim,
    can_read_service_off_port,
    can_reverse_needlessly,
    can_take_face_value,
    can_take_proxy_for_source,
    can_take_translated_address,
    can_trust_well_known_port,
    makes_inside_the_victim,
    reads_service_off_port,
    reverses_needlessly,
    takes_client_port_for_service,
    takes_face_value,
    takes_proxy_for_source,
    takes_translated_address,
    trusts_well_known_port,
)

MISCONCEPTIONS: tuple[Misconception, ...] = (
    Misconception(
        code="M10",
        name="The translated address taken for the origin",
        text="You gave the address that the originator has beyond a translation. The host that acted has another one.",
        rule="A device that translates addresses puts its own in the place of the host's. Its log has both; only the "
        "inner one names the host.",
        next_time="Where one address stands for many hosts, look for the translation with the same port and time.",
        criteria=(Criterion.ORIGINATOR_IP, Criterion.ORIGINATOR_PORT),
        is_possible=can_take_translated_address,
        is_shown=takes_translated_address,
    ),
    Misconception(
        code="M11",
        name="The proxy or balancer taken for the source",
        text="You gave the address of the device that passed the request on. A record of its own names the client behind it.",
        rule="A proxy opens a second conversation in its own name, and says for whom in a forwarded-for entry.",
        next_time="Where many requests come from one address, look for a forwarded-for entry, and for who may set it.",
        criteria=(Criterion.ORIGINATOR_IP, Criterion.ORIGINATOR_PORT),
        is_possible=can_take_proxy_for_source,
        is_shown=takes_proxy_for_source,
    ),
    Misconception(
        code="M01",
        name="The alert's direction at face value",
        text="You took the alert's source for the side that opened the conversation. An alert prints the packet "
        "that fired, and that packet was an answer.",
        rule="A sensor's source and destination belong to one packet. Who opened the conversation is told by its "
        "first request: a SYN, a query, a device that saw it being built.",
        next_time="Before you read an alert as from-to, find the record that opened the conversation and compare.",
        criteria=(*DIRECTION, Criterion.INTENT),
        is_possible=can_take_face_value,
        is_shown=takes_face_value,
    ),
    Misconception(
        code="M04",
        name="The well-known port decides",
        text="You made the side with the well-known port the server. Here that side asked and the other one was asked.",
        rule="Anyone may send from port 53 or 80; active FTP sends from 20. A port is a first guess, and a "
        "handshake or a request outranks it.",
        next_time="Use the port to form a guess, then look for the SYN or the request that confirms or refutes it.",
        criteria=DIRECTION,
        is_possible=can_trust_well_known_port,
        is_shown=trusts_well_known_port,
    ),
    Misconception(
        code="M02",
        name="Every alert is reversed",
        text="You turned this alert round, but it shows the conversation the right way: its source did open it.",
        rule="Some alerts show the answer and many do not. A reversal has to be proved by the same record as "
        "anything else: the one that opened the conversation.",
        next_time="Ask which record would have to exist if the alert were reversed, and look whether it does.",
        criteria=(*DIRECTION, Criterion.INTENT),
        is_possible=can_reverse_needlessly,
        is_shown=reverses_needlessly,
    ),
    Misconception(
        code="M12",
        name="The inside host is always the victim",
        text="You made the inside host the one that was contacted. It opened this conversation itself.",
        rule="Being inside says who is to be protected, not who acted. Inside hosts browse, update, scan and, when "
        "taken over, call out.",
        next_time="Name the side that acted first, and only then ask whose host it is.",
        criteria=DIRECTION,
        is_possible=can_make_inside_the_victim,
        is_shown=makes_inside_the_victim,
    ),
    Misconception(
        code="M03",
        name="The client's port taken for the service",
        text="The hosts are right, but you gave the port that the client chose for itself as the service's.",
        rule="The service port is the one on the side that was asked; the asking side takes any free port for "
        "the time of one conversation.",
        next_time="Tie each port to its address first, then read the service off the side that was asked.",
        criteria=(Criterion.ORIGINATOR_PORT, Criterion.RESPONDER_PORT),
        is_possible=can_confuse_ports,
        is_shown=takes_client_port_for_service,
    ),
    Misconception(
        code="M09",
        name="Allowed taken for successful",
        text="You read a control's permission as success. It let the attempt through; the target did not take it.",
        rule="Allow, permit and built are a device's words about its policy. Whether it worked only the target's "
        "own answer tells.",
        next_time="After every allow, look for the target's answer: a SYN-ACK, a reset, a status or silence.",
        criteria=(Criterion.OUTCOME,),
        is_possible=can_take_allowed_for_success,
        is_shown=says_established,
    ),
    Misconception(
        code="M08",
        name="The control's verdict overlooked",
        text="You wrote that the conversation came about, yet a control stopped it.",
        rule="A denial by the device in the path means that the request did not get to the target, unless another "
        "record shows an answer from it.",
        next_time="Read the control's log line for the same addresses, ports and time before you judge the outcome.",
        criteria=(Criterion.OUTCOME,),
        is_possible=can_ignore_control,
        is_shown=says_established,
    ),
    Misconception(
        code="M06",
        name="A reset or ICMP error overlooked",
        text="There was an answer, and you took it for a yes. It was a refusal.",
        rule="A reset or an ICMP error in answer to the opening packet says no. Only a SYN-ACK, or data from the "
        "side that was asked, says yes.",
        next_time="Read the flags or the ICMP type of the first packet that came back.",
        criteria=(Criterion.OUTCOME,),
        is_possible=can_overlook_reset,
        is_shown=says_established,
    ),
    Misconception(
        code="M15",
        name="Sent by UDP taken for answered",
        text="You took sent datagrams for an exchange. Nothing came back.",
        rule="UDP has no handshake: a datagram that was sent proves a sender and nothing more. An exchange needs "
        "one from each side.",
        next_time="Count the packets of each direction before you call a UDP conversation established.",
        criteria=(Criterion.OUTCOME,),
        is_possible=can_take_udp_for_answered,
        is_shown=says_established,
    ),
    Misconception(
        code="M05",
        name="A SYN taken for a connection",
        text="You took the attempt for the connection. Only the request is there, and no answer.",
        rule="A SYN asks. A TCP connection stands when the other side has answered with a SYN-ACK and that was "
        "acknowledged (RFC 9293).",
        next_time="Look for the second packet of the handshake before you write established.",
        criteria=(Criterion.OUTCOME,),
        is_possible=can_take_syn_for_connected,
        is_shown=says_established,
    ),
    Misconception(
        code="M07",
        name="Midstream taken for failed",
        text="You read a missing handshake as a failed one. Both sides were already exchanging data.",
        rule="A capture that starts late has no handshake in it. Data from both sides shows a conversation that "
        "stood before the capture began.",
        next_time="Where the handshake is missing, check whether both sides send data before you call it failed.",
        criteria=(Criterion.OUTCOME,),
        is_possible=can_take_midstream_for_failed,
        is_shown=says_failed,
    ),
    Misconception(
        code="M14",
        name="No success taken for a false positive",
        text="You closed a real attempt as a false positive because it got nowhere.",
        rule="False positive means that the detection was wrong about what happened. An attempt that failed did "
        "happen, and the detection was right.",
        next_time="Ask two questions apart: was the alert right about the facts, and did it do any harm?",
        criteria=DISPOSING,
        is_possible=can_call_failed_false,
        is_shown=calls_failed_false,
    ),
    Misconception(
        code="M13",
        name="Severity decides",
        text="Your disposition is the one that the alert's severity seems to call for. The records say otherwise.",
        rule="A severity is what the rule's author thought before this traffic existed. It orders the queue; it "
        "decides nothing.",
        next_time="Write the disposition with the severity covered up, then look whether they agree.",
        criteria=DISPOSING,
        is_possible=can_follow_severity,
        is_shown=follows_severity,
    ),
    Misconception(
        code="M17",
        name="The service read off the port",
        text="You named the service that usually has this port. What was said in the conversation is another protocol.",
        rule="A port number is a habit, not a proof. What is spoken is read off the first bytes of each side.",
        next_time="Read the first line or record of the payload before you name a service.",
        criteria=(TextLine.SUPPORTING_EVIDENCE, TextLine.ANALYSIS),
        is_possible=can_read_service_off_port,
        is_shown=reads_service_off_port,
    ),
    Misconception(
        code="M16",
        name="The wrong hour",
        text="What you pinned is of the same hosts and lies whole hours away from this conversation.",
        rule="Each source writes its own time zone. Times can be compared only after all are in one.",
        next_time="Write down the zone of each source first, then look for the same minute.",
        criteria=(Criterion.EVIDENCE,),
        is_possible=can_take_wrong_hour,
        is_shown=takes_wrong_hour,
    ),
    Misconception(
        code="M18",
        name="Evidence not connected to the claim",
        text="What you concluded is right, and the records you pinned do not show all of it.",
        rule="A finding that cites no record cannot be checked by the next shift, and cannot be told from luck.",
        next_time="For each claim pin the one record that would change your mind if it were different.",
        criteria=(Criterion.EVIDENCE,),
        is_possible=can_leave_uncited,
        is_shown=leaves_uncited,
    ),
)
BY_CODE: Mapping[str, Misconception] = {misconception.code: misconception for misconception in MISCONCEPTIONS}


def find_misconceptions(case: Case) -> dict[Line, Misconception]:
    """The one primary misconception behind each wrong line that has one.

    An answer that equals the key, and a blank, have none; whether marks were lost (a listed alternative
    may earn all of them) is the caller's to say."""
    shown = [m for m in MISCONCEPTIONS if m.is_possible(case.truth) and m.is_shown(case)]
    found: dict[Line, Misconception] = {}
    for misconception in shown:
        for line in misconception.criteria:
            if _needs_a_code(case, line):
                found.setdefault(line, misconception)
    return found


def _needs_a_code(case: Case, line: Line) -> bool:
    if isinstance(line, TextLine):
        return bool(case.answers.texts.get(line.step))
    if line is Criterion.EVIDENCE:
        return case.truth.key.is_marked(line)
    return is_wrong(case.answers, case.truth.key, line)


def possible_misconceptions(truth: Truth) -> tuple[str, ...]:
    """The codes that a worksheet on this variant could show: who works it is exposed to them."""
    return tuple(m.code for m in MISCONCEPTIONS if m.is_possible(truth))
