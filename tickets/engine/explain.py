"""Findings in plain words, for trainees. The only prose in the engine.

Each rule id has a sentence about the case (filled from the finding's facts) and a lesson: the general rule
and what to look at next time. A rule without words is a fault of ours and raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .rules import PROTOCOLS, Item, Rule
from .types import Finding


class Words(NamedTuple):
    """`sentence` is one text, or one for each value of the finding."""

    sentence: str | Mapping[str, str]
    lesson: str


def describe(finding: Finding) -> str:
    """One plain sentence that says what was found. KeyError for a rule, value or fact without words."""
    sentence = WORDS[finding.rule].sentence
    text = sentence if isinstance(sentence, str) else sentence[finding.value]
    facts = {name: value or "not given" for name, value in finding.facts.items()}
    if "depends_on" in facts:
        facts["depends_on"] = name_inputs(facts["depends_on"].split(", "))
    return text.format_map({**facts, "value": finding.value})


# The decision table's inputs as questions that the evidence or the author would answer.
INPUT_WORDS = {
    "dir": "whether the alert's direction is right",
    "intent": "whether it fits the rule",
    "effect": "what was achieved",
    "evid": "whether an attack succeeded",
    "auth": "whether it was authorised",
    "role": "what the protected host is",
    "origin": "which side acted",
    "mal": "whether it was meant as harm",
}


def name_inputs(names: Iterable[str]) -> str:
    """Inputs of the decision table in words: `whether it was authorised, which side acted`."""
    return ", ".join(INPUT_WORDS[name] for name in names)


def lesson(rule_id: str) -> str:
    """The general rule behind a finding and what to check next time: two short sentences."""
    return WORDS[rule_id].lesson


def rule_reads(rule: Rule) -> str:
    """What the rule's text asks for, in words. It says nothing of the traffic."""
    parts = [_header_reads(rule), *_options_read(rule)]
    return " ".join(part for part in parts if part)


def _header_reads(rule: Rule) -> str:
    services = PROTOCOLS[rule.protocol].services
    what = f"{rule.protocol.upper()} traffic" if services else f"{rule.protocol.upper()} packets"
    src, dst = _side_reads(rule.src, rule.sport), _side_reads(rule.dst, rule.dport)
    if rule.direction == "<>":
        return f"The rule looks at {what} between {src} and {dst}, either way."
    return f"The rule looks at {what} from {src} to {dst}."


def _side_reads(addresses: Item, ports: Item) -> str:
    where = "any address" if addresses == Item("any") else str(addresses)
    return where if ports == Item("any") else f"{where}, {_ports_read(ports)}"


def _ports_read(ports: Item) -> str:
    low, colon, high = ports.text.partition(":")
    if ports.negated or ports.is_list or not colon:
        return f"port {ports}"
    if low and high:
        return f"ports {low} to {high}"
    return f"port {low} or higher" if low else f"port {high} or lower"


def _options_read(rule: Rule) -> list[str]:
    """The options that bear on direction and state; the others are left to be read in the rule."""
    sentences = [FLOW_READS[word] for word in FLOW_READS if word in rule.flow]
    if rule.flags:
        sentences.append(_flags_read(rule.flags))
    if rule.first("content"):
        sentences.append("The packet's content must match the patterns in the rule.")
    if rule.classtype:
        sentences.append(f"Its author files it under {rule.classtype}.")
    return sentences


def _flags_read(flags: str) -> str:
    wanted, _, _ = flags.partition(",")
    names = [FLAG_NAMES[letter] for letter in wanted if letter in FLAG_NAMES]
    listed = " and ".join(names) if names else "no flag"
    for mark, text in FLAG_MARKS.items():
        if mark in wanted:
            return text.format(flags=listed)
    return f"The packet's TCP flags must be exactly {listed}."


FLOW_READS: Mapping[str, str] = {
    "to_server": "It wants packets on their way to the server.",
    "from_client": "It wants packets that come from the client.",
    "to_client": "It wants packets on their way to the client.",
    "from_server": "It wants packets that come from the server.",
    "established": "The connection must be established.",
    "not_established": "The connection must not be established yet.",
    "stateless": "It does not ask whether the packet belongs to a connection.",
}

FLAG_NAMES: Mapping[str, str] = {
    "S": "SYN",
    "A": "ACK",
    "F": "FIN",
    "R": "RST",
    "P": "PSH",
    "U": "URG",
    "E": "ECE",
    "C": "CWR",
}

FLAG_MARKS: Mapping[str, str] = {
    "+": "The packet must have the TCP flags {flags}, and may have others.",
    "*": "The packet must have at least one of the TCP flags {flags}.",
    "!": "The packet must not have the TCP flags {flags}.",
}

# Lessons that several rules share

_SYN = (
    "A SYN without ACK opens a connection, so its sender is the originator. "
    "Next time look for the first SYN before you look at the ports."
)
_SYN_ACK = (
    "A SYN-ACK answers a SYN, so the side that receives it opened the connection. "
    "Next time ask what kind of answer the first packet is."
)
_APPLICATION = (
    "Requests come from the originator and answers from the responder. "
    "Without a handshake, read the first bytes of the payload: they often show who asks."
)
_DEVICE = (
    "A device that follows connections knows who opened one, if it saw the beginning. "
    "Read its own word for the direction, not the order in which it prints the two sides."
)
_DECOY = (
    "A decoy's log always prints the remote side first; the type of the session says who opened it. "
    "Read the action before you read the addresses."
)
_PORTS = (
    "Ports are a first guess and no proof: attackers choose port 80 as a source, and services run on high ports. "
    "Look for a SYN, an application message or a statement of a stateful device."
)
_FIRST = (
    "The first packet seen need not be the first packet sent. "
    "Check whether the capture began before the conversation did."
)
_ICMP = (
    "An ICMP request and its reply have different types, and the request's sender opened the exchange. "
    "Read the type, there are no ports."
)
_HANDSHAKE = (
    "A connection stands when a SYN was answered with a SYN-ACK. "
    "Look for both before you call an attempt successful."
)
_REFUSED = (
    "A RST that answers a SYN comes from the target: it was reached, and nothing listens there. "
    "Ask who sent the RST, and whether it came before or after a handshake."
)
_UNANSWERED = (
    "Silence means that the packet was dropped, lost, or answered where this sensor does not look. "
    "Check for a denial in the firewall's log and whether the sensor sees replies at all."
)
_MIDSTREAM = (
    "A capture that starts late shows no handshake, so how the connection began is not in it. "
    "Look for a log that covers the beginning."
)
_ONE_SIDE = (
    "Seeing one side only does not mean that the other was silent. Ask which way this sensor's link carries."
)
_UDP = (
    "UDP has no handshake: only an answer shows that the other side took part. "
    "Look for a packet in the opposite direction."
)
_REJECTED = (
    "An ICMP error quotes the packet that it answers, and its sender may be a router on the way. "
    "Read the quoted packet and the code before you judge."
)
_STATE = (
    "A flow record sums up flags and states of both sides, and its code says how the connection went. "
    "Read the history letters beside the state."
)
_POLICY = (
    "Allowed and denied are the policy's answers, not the target's. Look for what the target itself sent."
)
_TEARDOWN = (
    "A teardown line says how long a connection lasted and how much it carried. "
    "A connection that carried bytes both ways stood."
)
_HALVES = (
    "Such a record sums up the packets of one direction, and its flags are those of all of them together. "
    "Lay both halves side by side: only a half that never acknowledged, or began earlier, tells who asked."
)
_SERVICE = (
    "The service is shown by what is spoken, and the port only suggests it. "
    "Compare the payload with the port."
)
_CONTROL = (
    "Some protocols agree on a second conversation in their first one. "
    "Look for the control conversation when a high port or port 20 puzzles you."
)
_TRANSLATION = (
    "Behind an address translation the same conversation has other addresses or ports. "
    "Look for the device's own record of the mapping before you count two incidents."
)
_REVERSED = (
    "A sensor prints the source of the packet that fired, which may be the reply. "
    "Compare the alert's source with the side that opened the conversation."
)
_CAUSE = (
    "A reversed alert has a cause, and it decides what to do about it: tune the rule, mend the pipeline, or move the "
    "sensor. Ask which side a sensor prints, and where it stands."
)
_CANNOT = (
    "Where no proof shows who opened a conversation, saying so is the right answer. "
    "Name the record that would settle it."
)
_INTENT = (
    "Hold the rule's expectation against the corrected conversation, not against the alert's columns. "
    "Check who should open it, towards which address and port, and in which state."
)
_VARIABLE = (
    "A rule's variables stand for the networks of one site. "
    "Look up what they hold before you say that an address is in them."
)
_EFFECT = (
    "What an attempt achieved is shown by the target's answer. "
    "Follow it from the policy to the handshake to the application's reply."
)
_LOGIN = (
    "The target's own log is the strongest word on whether a login worked. "
    "Look for the accepted or failed line of the same client port."
)
_HOST = (
    "A host's own log knows whether its program connected or accepted, whatever order the addresses are printed in. "
    "Read the path, layer or direction of the line, and find out which address is the writing host's."
)
_CONTEXT = (
    "Whether activity is authorised, what a host is for and who acts are not on the wire. "
    "Read the context notes before you decide."
)
_SUCCESS = (
    "Proven success outranks direction, severity and what was blocked elsewhere. "
    "Look for it before you close anything."
)
_AUTHORISED = (
    "Authorised activity that the rule describes rightly is benign, not false. "
    "Check source, target, time and method against the list."
)
_FALSE = (
    "A false positive says that the detection was wrong: in its data (FP1) or in its logic (FP2). "
    "Read the corrected conversation once more as if it were a fresh alert before you close."
)
_OPEN = (
    "Undetermined is a conclusion when a needed fact is missing. "
    "Name the missing record and where it would be."
)
_DECOY_DECISION = (
    "A decoy that refuses tells little; one that is used tells much, and an inside source is an incident. "
    "Tell refused from accepted, and outside from inside."
)
_NO_EFFECT = (
    "A real attempt without effect is benign for the target. "
    "Check that the source is outside and that no other attempt of it got through."
)
_INSIDE = (
    "A refused attempt protects the target and says something about the source. "
    "When the source is one of ours, ask what made it try."
)
_ACTIVITY = (
    "A session or an effect for a malicious purpose needs a response, whoever printed what. "
    "Ask what was done and how far it went."
)

_ANSWER = (
    "An application says in its own protocol whether it did what it was asked. "
    "Read the answer's code before you call an attempt successful or failed."
)
_DECOY_LOGIN = (
    "A decoy accepts and refuses as it is set up to, so a login there opens nothing of ours. "
    "Ask what was typed and done, and whether the same source tried a real host."
)


def _asked(accepted: str, refused: str) -> Words:
    return Words({"success": accepted, "failed": refused}, _ANSWER)


WORDS: Mapping[str, Words] = {
    # Who opened it (initiator.py)
    "host.login": Words(
        "The server's own log records a login from {orig} as user {user} by {method}: {result}.", _LOGIN
    ),
    "host.connection": Words(
        "One of the two hosts itself recorded the connection in its log: {orig} opened it to {resp}.", _HOST
    ),
    "honeypot.accepted": Words("The decoy at {resp} wrote that it accepted a session from {orig}.", _DECOY),
    "honeypot.rejected": Words("The decoy at {resp} wrote that it rejected an attempt from {orig}.", _DECOY),
    "honeypot.pending": Words("The decoy at {resp} wrote that {orig} began a session.", _DECOY),
    "honeypot.dialled_out": Words(
        "The decoy wrote {action}: it dialled out itself, so {orig} opened the conversation to {resp}, "
        "although the log prints the remote side first.",
        _DECOY,
    ),
    "tcp.syn": Words(
        "{orig} sent a SYN without ACK (sequence number {seq}); only the side that opens a connection does "
        "that (RFC 9293, 3.5).",
        _SYN,
    ),
    "tcp.syn_acknowledged": Words(
        "Both sides sent a SYN, and the SYN-ACK (acknowledgement {ack}) answers the one from {orig} "
        "(sequence number {seq}), so {orig} opened the connection (RFC 9293, 3.5).",
        _SYN,
    ),
    "tcp.syn_ack": Words(
        "{resp} sent a SYN-ACK to {orig}; a SYN-ACK answers a SYN, so {orig} opened the connection (RFC 9293, 3.5).",
        _SYN_ACK,
    ),
    "tcp.lone_reply": Words(
        "The evidence holds only reply packets ({flags}) from {resp} to {orig} and nothing else, so {orig} would have "
        "opened it; replies without a request can also be backscatter or a scan.",
        _SYN_ACK,
    ),
    "tcp.without_ack": Words(
        "{orig} sent a TCP segment without ACK, which answers nothing (RFC 9293, 3.10.7.4).", _SYN
    ),
    "icmp.request": Words(
        "{orig} sent an ICMP {name} (type {type}), which is the request of the exchange (RFC 792, RFC 4443).",
        _ICMP,
    ),
    "icmp.answer": Words(
        "{resp} sent an ICMP {name} (type {type}), which answers a request of {orig} (RFC 792, RFC 4443).",
        _ICMP,
    ),
    "icmp.message": Words(
        "{orig} sent an ICMP message of type {type}, which neither asks nor answers.", _ICMP
    ),
    "icmp.quoted_request": Words(
        "An ICMP error (type {type}, code {code}) quotes a packet from {quoted_src} to {quoted_dst} that only the "
        "{speaker} sends, so {orig} opened the conversation to {resp}.",
        _REJECTED,
    ),
    "icmp.quoted": Words(
        "An ICMP error (type {type}, code {code}) quotes a packet from {quoted_src} to {quoted_dst}, so that "
        "packet was sent before, and {orig} sent the request.",
        _REJECTED,
    ),
    "application.role": Words(
        "The {protocol} message {message} comes from the {speaker}, so {orig} opened the conversation to {resp}.",
        _APPLICATION,
    ),
    "application.agreement": Words(
        "Both sides speak their part of {protocol} ({messages}): {orig} asks and {resp} answers.",
        _APPLICATION,
    ),
    "application.banner": Words(
        "{resp} greets first with a {protocol} banner ({message}); in {protocol} the server speaks first.",
        _APPLICATION,
    ),
    "control.announced": Words(
        "{by} announced {announced} in the {protocol} control conversation, so {orig} opened this one to {resp}.",
        _CONTROL,
    ),
    "multicast.sender": Words(
        "{orig} sent to the group address {group}, which never sends anything itself.",
        "A multicast or broadcast address can only be a destination. Its sender is the originator.",
    ),
    "device.built": Words(
        "{device} kept a session that {orig} opened to {resp} (its own word for it: {word}).", _DEVICE
    ),
    "device.flow": Words(
        "{source} recorded the beginning of the connection (state {state}, history {history}, flags {flags}): "
        "{orig} opened it to {resp}.",
        _DEVICE,
    ),
    "flow.syn": Words(
        "{source} summed up packets from {orig} with SYN and without ACK (flags {flags}): only the side that asks "
        "sends such.",
        _HALVES,
    ),
    "flow.syn_ack": Words(
        "{source} summed up a SYN-ACK from {resp} (flags {flags}), and {orig} sent packets of its own: it asked.",
        _HALVES,
    ),
    "flow.lone_reply": Words(
        "{source} holds only a reply of {resp} (flags {flags}), so {orig} would have asked; a reply alone can also "
        "be backscatter or a scan.",
        _SYN_ACK,
    ),
    "flow.answer_denied": Words(
        "{source} let the packets from {orig} through and denied those from {resp}, which can only be answers.",
        "A policy without memory may deny the answer to what it allowed. "
        "Look at both directions before you call the denied side the source.",
    ),
    "flow.earlier": Words(
        "The half of {orig} in {source} begins {gap} ms before the half of {resp}.", _HALVES
    ),
    "flow.order": Words(
        "The half of {orig} in {source} begins {gap} ms earlier, but the beginning of the conversation need not "
        "be among these packets.",
        _FIRST,
    ),
    "flow.icmp": Words(
        "A log shows an ICMP {name} (type {type}) of {orig}, which is the request of the exchange.", _ICMP
    ),
    "device.denied_packet": Words(
        "{source} denied a packet from {orig} to {resp} that would have opened the conversation.", _DEVICE
    ),
    "device.opening_packet": Words(
        "{source} logged the packet from {orig} to {resp} that opens the conversation ({what}).",
        _SYN,
    ),
    "device.reply_packet": Words(
        "{source} logged a packet from {resp} to {orig} that answers ({what}), so {orig} would have opened the "
        "conversation; an answer without a request can also be backscatter.",
        _SYN_ACK,
    ),
    "sensor.application": Words("{source} names {orig} as the client of what it parsed.", _APPLICATION),
    "sensor.beginning": Words(
        "{source} shows how the connection began, by the flags of the packet that fired or by a direction that the "
        "ports do not suggest: {orig} opened it to {resp}.",
        _DEVICE,
    ),
    "sensor.turned": Words(
        "{source} first held the other side for the client and then turned its flow round, by a SYN-ACK or by what is "
        "spoken: {orig} opened it to {resp}.",
        _DEVICE,
    ),
    "sensor.flow_start": Words(
        "The sensor's own flow in {source} names {orig} as the side that the flow began with.", _DEVICE
    ),
    "device.flow_order": Words(
        "{source} names {orig} as source but saw no handshake, so this is only the sender of the first packet "
        "that it saw.",
        _FIRST,
    ),
    "earlier.conversation": Words(
        "An earlier conversation between the same two endpoints was opened by {orig}.",
        "Two hosts tend to keep their roles. An earlier conversation is a hint where the later one is cut.",
    ),
    "port.service": Words(
        "Port {port} is the usual port of {service}, which suggests {resp} as server.", _PORTS
    ),
    "port.range": Words(
        "Port {low} lies below {boundary} and port {high} above it, which suggests {orig} as client.", _PORTS
    ),
    "port.lower": Words("Port {low} is lower than port {high}, which suggests {resp} as server.", _PORTS),
    "peers.fan_in": Words(
        "{peers} different peers talk with {endpoint} in this evidence, which suggests that it is a server.",
        "Many peers around one endpoint suggest a server. It is a hint and no proof.",
    ),
    "packet.first": Words("The first {protocol} packet in the evidence comes from {orig}.", _FIRST),
    # What became of it (outcome.py)
    "tcp.handshake": Words(
        "A SYN and the SYN-ACK that answers it are in the evidence: the connection stood.", _HANDSHAKE
    ),
    "tcp.syn_ack_answered": Words(
        "The SYN-ACK is in the evidence and the originator went on after it: the connection stood.",
        _HANDSHAKE,
    ),
    "tcp.went_on": Words(
        "The SYN is in the evidence and both sides went on after it, so the SYN-ACK was sent though it was not "
        "captured: the connection stood.",
        _HANDSHAKE,
    ),
    "tcp.reply_reset": Words(
        "A SYN-ACK came, the side that received it sent a RST at once, and no SYN is in the evidence: whether it "
        "had asked cannot be told.",
        _SYN_ACK,
    ),
    "tcp.reset_answer": Words("The SYN was answered with a RST: the target refused.", _REFUSED),
    "tcp.syn_unanswered": Words("The SYN was sent {attempts} time(s) and nothing answered.", _UNANSWERED),
    "tcp.midstream": Words(
        "Packets go both ways, but neither SYN nor SYN-ACK is in the evidence: it starts in the middle.",
        _MIDSTREAM,
    ),
    "tcp.one_side_only": Words("Only packets of the {side} are in the evidence.", _ONE_SIDE),
    "udp.reply": Words("The datagram was answered.", _UDP),
    "udp.no_reply": Words("No datagram of the other side answers it.", _UDP),
    "udp.one_side_only": Words("Only datagrams of one side are in the evidence.", _ONE_SIDE),
    "udp.multicast": Words("The datagrams go to a group; no answer is expected.", _UDP),
    "udp.unreachable_port": Words(
        "The target answered that nothing listens on this port (ICMP port unreachable).", _REFUSED
    ),
    "icmp.reply": Words("The ICMP request was answered.", _ICMP),
    "icmp.no_reply": Words("No reply to the ICMP request is in the evidence.", _UNANSWERED),
    "icmp.one_side_only": Words("Only one side's ICMP packets are in the evidence.", _ONE_SIDE),
    "icmp.unreachable": Words(
        "{from} answered with the ICMP error {name} (type {type}, code {code}).", _REJECTED
    ),
    "icmp.quoted_only": Words(
        "Of this conversation the evidence holds only the packet that an ICMP error of {from} quotes (type {type}, "
        "code {code}).",
        _ONE_SIDE,
    ),
    "flow.state": Words(
        "{source} sums the conversation up as state {state}, history {history}, flags {flags}: {value}.",
        _STATE,
    ),
    "sensor.answered": Words(
        "{source} read an answer of {resp} ({service}), so the conversation stood.", _APPLICATION
    ),
    "flow.unreachable": Words(
        "{source} tells of an ICMP error from {from} ({name}, type {type}, code {code}) at that time, and only this "
        "conversation can have caused it: {value}.",
        _REJECTED,
    ),
    "flow.parts": Words(
        {
            "established": "{source} counts {orig} and {resp}: the connection stood.",
            "refused": "{source} counts {orig} and {resp}: the target refused with a RST.",
            "unanswered": "{source} counts {orig} and {resp}: nothing answered.",
            "midstream": "{source} counts {orig} and {resp}: how it began is not among them.",
            "one_way": "{source} counts {orig} and {resp}: the other half may exist and not be recorded.",
        },
        _HALVES,
    ),
    "firewall.teardown": Words(
        "The firewall closed the connection after {duration} and {bytes} bytes ({reason}).", _TEARDOWN
    ),
    "firewall.denied": Words("{source} denied the packet (reason: {reason}).", _POLICY),
    "firewall.allowed": Words(
        "{source} wrote {word}: the policy allowed it, which is no answer of the target.", _POLICY
    ),
    # What was spoken
    "service.application": Words("The payload speaks {protocol} ({message}).", _SERVICE),
    "service.log": Words("{source} names the service {value}.", _SERVICE),
    "service.port": Words("Port {port} suggests the service {value}.", _SERVICE),
    "service.announced": Words(
        "{by} announced in the {protocol} control conversation that {value} would be found here.", _CONTROL
    ),
    # What ties records together (conversations.py)
    "join.translation": Words(
        "A device wrote that it translates addresses: {src} and {dst} on one side are {other} on the other, "
        "so what is seen of it on either side is one conversation.",
        _TRANSLATION,
    ),
    "join.community_id": Words(
        "The record prints {src} and {dst}, and the Community ID {other} of this conversation.", _TRANSLATION
    ),
    "join.forwarded": Words(
        "The alert prints {src} and {dst}, and its own flow runs between {other}: a proxy's header stands in place of "
        "one end.",
        _TRANSLATION,
    ),
    "join.announced": Words(
        "{by} announced {announced} in the {protocol} control conversation: this one carries its {service}.",
        _CONTROL,
    ),
    # The alert against the conversation (analysis.py)
    "reversed.yes": Words(
        "The alert prints {src} as source, but {orig} opened the conversation to {resp}: the alert shows the reply.",
        _REVERSED,
    ),
    "reversed.no": Words(
        "The alert prints {src} as source, and {orig} opened the conversation to {resp}: the alert is upright.",
        _REVERSED,
    ),
    "reversed.by_design": Words(
        "The alert prints {src} as source, which answers {orig}: the rule is written for replies, so this is meant.",
        _REVERSED,
    ),
    "reversed.cannot_be_determined": Words(
        "No proof in the evidence settles which of {src} and {dst} opened the conversation.", _CANNOT
    ),
    # Why it is reversed (reversal.py)
    "cause.response_rule": Words(
        "Rule {sid} looks at packets on their way to the client, so its alerts print the server as source.",
        _CAUSE,
    ),
    "cause.pipeline": Words(
        "{source} prints the remote side first, whoever dialled; the record's own action is {action}, so {orig} "
        "opened the conversation.",
        _DECOY,
    ),
    "cause.both_halves": Words(
        "{source} writes one line for each direction; the alert quotes the half that {src} sent, which answers "
        "the half that {orig} sent.",
        _CAUSE,
    ),
    "cause.midstream": Words(
        "{source} took {src} for the client: it met the conversation in the middle and went by the first packet "
        "that it saw.",
        _MIDSTREAM,
    ),
    "cause.reply_packet": Words(
        "{source} prints the packet that fired, and that was a reply: its own record of the flow names {orig} as "
        "the client.",
        _REVERSED,
    ),
    "cause.translation": Words(
        "The alert was raised where the addresses are translated; there the conversation that {orig} opened looks "
        "like {src} and {dst}.",
        _CAUSE,
    ),
    "alert.no_conversation": Words("The evidence holds no conversation between {src} and {dst}.", _CANNOT),
    "alert.several_conversations": Words(
        "The evidence holds {count} conversations between {src} and {dst}, and the alert has no time; "
        "the first is taken.",
        "The same two endpoints may talk more than once. Use the alert's time to find the right conversation.",
    ),
    # The rule against the conversation (intent.py)
    "intent.protocol": Words(
        {
            "match": "The rule looks for {expected}, and the conversation is {actual}.",
            "mismatch": "The rule looks for {expected}, but the conversation is {actual}.",
            "unknown": "The rule looks for {expected}, and the evidence does not show {missing}.",
        },
        _INTENT,
    ),
    "intent.originator_address": Words(
        {
            "match": "The rule expects {expected} to open the conversation, and {actual} did.",
            "mismatch": "The rule expects {expected} to open the conversation, but {actual} did.",
            "unknown": "The rule expects {expected} to open the conversation, and what {missing} holds is not stated.",
        },
        _INTENT,
    ),
    "intent.originator_port": Words(
        {
            "match": "The originator's port {actual} is one that the rule expects ({expected}).",
            "mismatch": "The rule expects the originator to use port {expected}, but it uses {actual}.",
            "unknown": "The rule expects the originator to use port {expected}, and what {missing} holds is not stated.",
        },
        _INTENT,
    ),
    "intent.responder_address": Words(
        {
            "match": "The rule expects the conversation to go to {expected}, and it goes to {actual}.",
            "mismatch": "The rule expects the conversation to go to {expected}, but it goes to {actual}.",
            "unknown": "The rule expects the conversation to go to {expected}, and what {missing} holds is not stated.",
        },
        _INTENT,
    ),
    "intent.responder_port": Words(
        {
            "match": "The responder's port {actual} is one that the rule expects ({expected}).",
            "mismatch": "The rule expects the responder's port to be {expected}, but it is {actual}.",
            "unknown": "The rule expects the responder's port to be {expected}, and what {missing} holds is not stated.",
        },
        _INTENT,
    ),
    "intent.state": Words(
        {
            "match": "The rule takes a conversation in state {expected}, and this one is {actual}.",
            "mismatch": "The rule wants the conversation {expected}, but it is {actual}.",
            "unknown": "The rule wants the conversation {expected}; it is {actual}, and {missing} is not in the evidence.",
        },
        _INTENT,
    ),
    "intent.originator_unknown": Words(
        "Whether the rule fits depends on which of {first} and {second} opened the conversation, and that is not known.",
        _CANNOT,
    ),
    "intent.originator_either": Words(
        "Whichever of {first} and {second} opened the conversation, the answer is the same: {value}.", _INTENT
    ),
    "intent.no_rule": Words("The rule's text is not at hand, so what it expects is not known.", _INTENT),
    "intent.no_conversation": Words(
        "Without the conversation, what the rule expects cannot be held against anything.", _CANNOT
    ),
    # What it achieved (effect.py)
    "effect.authenticated": Words(
        "The record of the login says that it was accepted: the attempt succeeded.", _LOGIN
    ),
    "effect.authentication_failed": Words(
        "The record of the login says that it failed ({attempts} time(s)), and none was accepted.", _LOGIN
    ),
    "effect.application_refused": Words(
        "The web server answered every request with {status}: the connection stood, and the application did not do "
        "what it was asked.",
        _EFFECT,
    ),
    "effect.decoy_accepted": Words(
        "The decoy let a login in ({attempts} time(s)): that is the decoy's own choice, and nothing real was entered.",
        _DECOY_LOGIN,
    ),
    "effect.decoy_refused": Words(
        "The decoy refused each login ({attempts} time(s)): that is the decoy's own choice, and the session stood.",
        _DECOY_LOGIN,
    ),
    # What the application answered on the wire (answers)
    "answer.ftp_login": _asked(
        "The FTP server accepted the login (user {user}, reply {code}).",
        "The FTP server refused the login ({attempts} time(s), reply {code}).",
    ),
    "answer.smtp_login": _asked(
        "The mail server accepted the login (reply {code}).",
        "The mail server refused the login ({attempts} time(s), reply {code}).",
    ),
    "answer.smtp_message": _asked(
        "The mail server took {attempts} message(s) for delivery (reply {code}).",
        "The mail server refused the message (reply {code}).",
    ),
    "answer.smtp_recipient": Words(
        {"failed": "The mail server refused a sender or recipient ({attempts} time(s), reply {code})."},
        _ANSWER,
    ),
    "answer.pop_login": _asked(
        "The mailbox server accepted the login ({code}).",
        "The mailbox server refused the login ({attempts} time(s), {code}).",
    ),
    "answer.imap_login": _asked(
        "The mailbox server accepted the login ({code}).",
        "The mailbox server refused the login ({attempts} time(s), {code}).",
    ),
    "answer.socks": _asked(
        "The proxy opened the connection that it was asked for (reply {code}, {name}).",
        "The proxy refused (reply {code}, {name}).",
    ),
    "answer.mysql_login": _asked(
        "The database accepted the login ({code}).", "The database refused the login (error {code}, {name})."
    ),
    "answer.postgresql_login": _asked(
        "The database accepted the login ({code}).",
        "The database refused the login (SQLSTATE {code}, {name}).",
    ),
    "answer.smb_login": _asked(
        "The file server opened a session for {user} ({code}), neither as guest nor as nobody.",
        "The file server refused the session ({attempts} time(s), status {code}, {name}).",
    ),
    "answer.smb_share": Words(
        {"failed": "The file server refused the share ({attempts} time(s), status {code}, {name})."}, _ANSWER
    ),
    "answer.ldap_bind": _asked(
        "The directory accepted the bind with credentials ({code}).",
        "The directory refused the bind ({attempts} time(s), result {code}, {name}).",
    ),
    "answer.kerberos": _asked(
        "The key distribution centre issued {attempts} ticket(s) ({code}).",
        "The key distribution centre issued no ticket ({attempts} time(s), error {code}, {name}).",
    ),
    "answer.rdp_negotiation": Words(
        {"failed": "The terminal server broke off the negotiation (code {code}, {name})."}, _ANSWER
    ),
    "effect.dropped": Words(
        "The sensor stands in the way and dropped the packet that fired, and the target said nothing after it: it was "
        "blocked.",
        _POLICY,
    ),
    "effect.denied": Words(
        "A device denied the attempt, and the target sent no answer: it was blocked.", _POLICY
    ),
    "effect.rejected": Words("The attempt was rejected on its way: it was blocked.", _REJECTED),
    "effect.refused": Words("The target answered with a reset: nothing was achieved.", _REFUSED),
    "effect.unanswered": Words(
        "Nothing answered: nothing was achieved that this evidence shows.", _UNANSWERED
    ),
    "effect.established": Words("The conversation stood; no more than that is shown.", _EFFECT),
    "effect.stood": Words("A log line says that the conversation stood.", _EFFECT),
    "effect.stated_refused": Words("A log line says that the target refused.", _REFUSED),
    # What the author states (context)
    "context.auth": Words(
        {
            "in": "The activity is on the list of authorised ones, and within its scope and time.",
            "out": "The activity is on the list of authorised ones, but outside its scope or time.",
            "no": "The activity is not on the list of authorised ones.",
            "unk": "Whether the activity is authorised is not known.",
        },
        _CONTEXT,
    ),
    "context.role": Words(
        {
            "prod": "The protected host is a production server.",
            "work": "The protected host is a workstation.",
            "infra": "The protected host belongs to the infrastructure.",
            "honeypot": "The protected host is a decoy.",
            "none": "No host of ours is behind the protected address.",
        },
        _CONTEXT,
    ),
    "context.origin": Words(
        {
            "ext": "The acting party is outside.",
            "int": "The acting party is inside.",
            "partner": "The acting party is a partner.",
            "none": "There is no acting party.",
        },
        _CONTEXT,
    ),
    "context.mal": Words(
        {
            "y": "The activity serves a malicious purpose.",
            "n": "The activity serves no malicious purpose.",
            "unk": "The purpose of the activity is not known.",
        },
        _CONTEXT,
    ),
    "context.evid": Words(
        {
            "none": "Nothing suggests that an attack succeeded.",
            "possible": "There are signs that an attack may have succeeded.",
            "confirmed": "It is proven that an attack succeeded.",
            "missing": "The records that would show whether an attack succeeded are missing.",
        },
        _CONTEXT,
    ),
    "context.effect": Words(
        {
            "blocked": "The attempt was blocked.",
            "rst": "The attempt was reset.",
            "noreply": "The attempt was not answered.",
            "failed": "The connection stood, and the attempt failed.",
            "established": "The conversation stood.",
            "success": "The attempt succeeded.",
            "na": "Nothing was attempted.",
        },
        _CONTEXT,
    ),
    "context.data_error": Words(
        {
            "y": "The alert's data is wrong in something other than direction.",
            "n": "The alert's data is right apart from direction.",
        },
        _CONTEXT,
    ),
    "context.dup": Words(
        {"y": "The same flow already has a ticket.", "n": "The flow has no other ticket."}, _CONTEXT
    ),
    # The decision table (disposition.py)
    "disposition.R0": Words(
        "The same flow already has a ticket: one event, one case.",
        "Two sensors or an address translation can report one flow twice. "
        "Compare time, server and byte counts, and add new evidence to the first ticket.",
    ),
    "disposition.R1a": Words(
        "An outside attacker succeeded on a decoy: that is worth knowing and harms nothing real.",
        _DECOY_DECISION,
    ),
    "disposition.R1": Words(
        "It is proven that an attack succeeded, and that outranks everything else.", _SUCCESS
    ),
    "disposition.R2": Words("The rule was right, and the activity is authorised.", _AUTHORISED),
    "disposition.R3": Words(
        "The activity is authorised, but went beyond its scope or time.",
        "An authorisation is a fence, not a pass. Compare source, target, time and method with the list.",
    ),
    "disposition.R4": Words(
        "The corrected facts no longer fit what the rule looks for, and nothing in them is suspicious: "
        "the alert's data was wrong.",
        _FALSE,
    ),
    "disposition.R5": Words(
        "The facts are right, yet they are not what the rule looks for, and nothing in them is suspicious: "
        "the rule is too broad.",
        _FALSE,
    ),
    "disposition.R4x": Words(
        "The conversation is not what the rule looks for, but it is suspicious in itself: it needs a fresh look.",
        _FALSE,
    ),
    "disposition.R5b": Words(
        "Who opened it is a guess, but contact with a known malicious party counts either way.", _ACTIVITY
    ),
    "disposition.R6": Words("A fact that the decision needs is missing.", _OPEN),
    "disposition.R7a": Words("The decoy did not take part in the conversation.", _DECOY_DECISION),
    "disposition.R7b": Words(
        "The decoy was used, or the source is one of ours: either way it is worth following.", _DECOY_DECISION
    ),
    "disposition.R8": Words(
        "The rule was right, and the cause is harmless.",
        "A right detection of something harmless is benign, not false. Name the harmless cause and its proof.",
    ),
    "disposition.R9": Words(
        "An inside or partner host tried something malicious: that it failed protects the target, not the source.",
        _INSIDE,
    ),
    "disposition.R9b": Words(
        "One failed attempt from inside or a partner proves nothing yet, either way.", _INSIDE
    ),
    "disposition.R10b": Words(
        "The attempt failed, but there are signs of success that forbid closing.", _OPEN
    ),
    "disposition.R10": Words("The attempt was real and had no effect.", _NO_EFFECT),
    "disposition.R11b": Words(
        "The conversation stood, and neither its purpose nor anything suspicious is shown.", _OPEN
    ),
    "disposition.R11": Words("There is an effect or a session, and it needs a response.", _ACTIVITY),
    "disposition.R12": Words("The activity itself is malicious.", _ACTIVITY),
    "disposition.R13": Words("Nothing was attempted, and the purpose is not known.", _OPEN),
    "disposition.open": Words("The disposition depends on what is not stated here: {depends_on}.", _OPEN),
}
