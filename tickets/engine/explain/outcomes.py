"""Words for what became of a conversation, and what was spoken in it (`outcome`, `conversations`)."""

from __future__ import annotations

from collections.abc import Mapping

from .lessons import (
    APPLICATION,
    CONTROL,
    HALVES,
    HANDSHAKE,
    ICMP,
    MIDSTREAM,
    ONE_SIDE,
    POLICY,
    REFUSED,
    REJECTED,
    SERVICE,
    STATE,
    SYN_ACK,
    TEARDOWN,
    TRANSLATION,
    UDP,
    UNANSWERED,
    Words,
)

WORDS: Mapping[str, Words] = {
    "tcp.handshake": Words(
        "A SYN and the SYN-ACK that answers it are in the evidence: the connection stood.", HANDSHAKE
    ),
    "tcp.syn_ack_answered": Words(
        "The SYN-ACK is in the evidence and the originator went on after it: the connection stood.",
        HANDSHAKE,
    ),
    "tcp.went_on": Words(
        "The SYN is in the evidence and both sides went on after it, so the SYN-ACK was sent though it was not "
        "captured: the connection stood.",
        HANDSHAKE,
    ),
    "tcp.wrong_answer": Words(
        "The SYN has sequence number {seq}, and the SYN-ACK acknowledges {ack}, which is not the number after it: it "
        "answers no SYN of this connection, and nothing was established (RFC 9293, 3.10.7.3).",
        HANDSHAKE,
    ),
    "tcp.reply_reset": Words(
        "A SYN-ACK came, the side that received it sent a RST at once, and no SYN is in the evidence: whether it "
        "had asked cannot be told.",
        SYN_ACK,
    ),
    "tcp.reset_answer": Words("The SYN was answered with a RST: the target refused.", REFUSED),
    "tcp.probe_refused": Words(
        "The segment without ACK was answered with a RST: nothing listens there, or the target says so of any port.",
        REFUSED,
    ),
    "tcp.probe_silence": Words(
        "The segment without ACK met silence: an open port drops such a segment, and so does a filter.",
        UNANSWERED,
    ),
    "tcp.syn_unanswered": Words("The SYN was sent {attempts:time} and nothing answered.", UNANSWERED),
    "tcp.midstream": Words(
        "Packets go both ways, but neither SYN nor SYN-ACK is in the evidence: it starts in the middle.",
        MIDSTREAM,
    ),
    "tcp.one_side_only": Words("Only packets of the {side} are in the evidence.", ONE_SIDE),
    "udp.reply": Words("The datagram was answered.", UDP),
    "udp.no_reply": Words("No datagram of the other side answers it.", UDP),
    "udp.one_side_only": Words("Only datagrams of one side are in the evidence.", ONE_SIDE),
    "udp.multicast": Words("The datagrams go to a group; no answer is expected.", UDP),
    "udp.unreachable_port": Words(
        "The target answered that nothing listens on this port (ICMP port unreachable).", REFUSED
    ),
    "icmp.reply": Words("The ICMP request was answered.", ICMP),
    "icmp.no_reply": Words("No reply to the ICMP request is in the evidence.", UNANSWERED),
    "icmp.one_side_only": Words("Only one side's ICMP packets are in the evidence.", ONE_SIDE),
    "icmp.unreachable": Words(
        "{from} answered with the ICMP error {name} (type {type}, code {code}).", REJECTED
    ),
    "icmp.quoted_only": Words(
        "Of this conversation the evidence holds only the packet that an ICMP error of {from} quotes (type {type}, "
        "code {code}).",
        ONE_SIDE,
    ),
    "flow.state": Words(
        "{source} sums the conversation up as state {state}, history {history}, flags {flags}: {value}.",
        STATE,
    ),
    "sensor.answered": Words(
        "{source} read an answer of {resp} ({service}), so the conversation stood.", APPLICATION
    ),
    "flow.unreachable": Words(
        "{source} tells of an ICMP error from {from} ({name}, type {type}, code {code}) at that time, and only this "
        "conversation can have caused it: {value}.",
        REJECTED,
    ),
    "flow.parts": Words(
        {
            "established": "{source} counts {orig} and {resp}: the connection stood.",
            "refused": "{source} counts {orig} and {resp}: the target refused with a RST.",
            "unanswered": "{source} counts {orig} and {resp}: nothing answered.",
            "midstream": "{source} counts {orig} and {resp}: how it began is not among them.",
            "one_way": "{source} counts {orig} and {resp}: the other half may exist and not be recorded.",
        },
        HALVES,
    ),
    "firewall.teardown": Words(
        "The firewall closed the connection after {duration} and {bytes} bytes ({reason}).", TEARDOWN
    ),
    "firewall.denied": Words("{source} denied the packet (reason: {reason}).", POLICY),
    "firewall.allowed": Words(
        "{source} wrote {word}: the policy allowed it, which is no answer of the target.", POLICY
    ),
    "service.application": Words("The payload speaks {protocol} ({message}).", SERVICE),
    "service.log": Words("{source} names the service {value}.", SERVICE),
    "service.port": Words("Port {port} suggests the service {value}.", SERVICE),
    "service.announced": Words(
        "{by} announced in the {protocol} control conversation that {value} would be found here.", CONTROL
    ),
    "join.translation": Words(
        "A device wrote that it translates addresses: {src} and {dst} on one side are {other} on the other, "
        "so what is seen of it on either side is one conversation.",
        TRANSLATION,
    ),
    "join.community_id": Words(
        "The record prints {src} and {dst}, and the Community ID {other} of this conversation.", TRANSLATION
    ),
    "join.forwarded": Words(
        "The alert prints {src} and {dst}, and its own flow runs between {other}: a proxy's header stands in place of "
        "one end.",
        TRANSLATION,
    ),
    "join.announced": Words(
        "{by} announced {announced} in the {protocol} control conversation: this one carries its {service}.",
        CONTROL,
    ),
}
