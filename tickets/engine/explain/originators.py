"""Words for the rungs: who opened a conversation (`rungs`)."""

from __future__ import annotations

from collections.abc import Mapping

from .lessons import (
    APPLICATION,
    CONTROL,
    DECOY,
    DEVICE,
    FIRST,
    HALVES,
    HOST,
    ICMP,
    LOGIN,
    PORTS,
    REJECTED,
    SYN,
    SYN_ACK,
    SYN_ACK_UNCLAIMED,
    Words,
)

WORDS: Mapping[str, Words] = {
    "host.login": Words(
        "The server's own log records a login from {orig} as user {user} by {method}: {result}.", LOGIN
    ),
    "host.connection": Words(
        "One of the two hosts itself recorded the connection in its log: {orig} opened it to {resp}.", HOST
    ),
    "honeypot.accepted": Words("The decoy at {resp} wrote that it accepted a session from {orig}.", DECOY),
    "honeypot.rejected": Words("The decoy at {resp} wrote that it rejected an attempt from {orig}.", DECOY),
    "honeypot.pending": Words("The decoy at {resp} wrote that {orig} began a session.", DECOY),
    "honeypot.dialled_out": Words(
        "The decoy wrote {action}: it dialled out itself, so {orig} opened the conversation to {resp}, "
        "although the log prints the remote side first.",
        DECOY,
    ),
    "tcp.syn": Words(
        "{orig} sent a SYN without ACK (sequence number {seq}); only the side that opens a connection does "
        "that (RFC 9293, 3.5).",
        SYN,
    ),
    "tcp.syn_acknowledged": Words(
        "Both sides sent a SYN, and the SYN-ACK (acknowledgement {ack}) answers the one from {orig} "
        "(sequence number {seq}), so {orig} opened the connection (RFC 9293, 3.5).",
        SYN,
    ),
    "tcp.syn_ack": Words(
        "{resp} sent a SYN-ACK to {orig}; a SYN-ACK answers a SYN, so {orig} opened the connection (RFC 9293, 3.5).",
        SYN_ACK,
    ),
    "tcp.lone_reply": Words(
        "The evidence holds only reply packets ({flags}) from {resp} to {orig} and nothing else, so {orig} would have "
        "opened it; replies without a request can also be backscatter or a scan.",
        SYN_ACK,
    ),
    "tcp.unclaimed_reply": Words(
        "{resp} sent {attempts} SYN-ACKs to {orig}, which never acknowledged one: it may never have asked, for a SYN "
        "can be forged in its name.",
        SYN_ACK_UNCLAIMED,
    ),
    "tcp.disowned_reply": Words(
        "{orig} answered the SYN-ACK of {resp} with a RST that acknowledges nothing: it knew of no such connection "
        "(RFC 9293, 3.10.7.1), so it never asked, or had already given up as a scan does.",
        SYN_ACK_UNCLAIMED,
    ),
    "tcp.probe_reset": Words(
        "{orig} sent a TCP segment without ACK, and the RST of {resp} with sequence number 0 answers just such a "
        "segment (RFC 9293, 3.10.7.1).",
        SYN,
    ),
    "tcp.without_ack": Words(
        "{orig} sent a TCP segment without ACK, which answers nothing (RFC 9293, 3.10.7.4).", SYN
    ),
    "icmp.request": Words(
        "{orig} sent an ICMP {name} (type {type}), which is the request of the exchange (RFC 792, RFC 4443).",
        ICMP,
    ),
    "icmp.answer": Words(
        "{resp} sent an ICMP {name} (type {type}), which answers a request of {orig} (RFC 792, RFC 4443).",
        ICMP,
    ),
    "icmp.error": Words(
        "The ICMP message of type {type} is an error about a packet of {orig}, which is in the evidence: {resp} only "
        "reported on it.",
        ICMP,
    ),
    "icmp.message": Words(
        "{orig} sent an ICMP message of type {type}, which neither asks nor answers.", ICMP
    ),
    "icmp.quoted_request": Words(
        "An ICMP error (type {type}, code {code}) quotes a packet from {quoted_src} to {quoted_dst} that only the "
        "{speaker} sends, so {orig} opened the conversation to {resp}.",
        REJECTED,
    ),
    "icmp.quoted": Words(
        "An ICMP error (type {type}, code {code}) quotes a packet from {quoted_src} to {quoted_dst}, so that "
        "packet was sent before, and {orig} sent the request.",
        REJECTED,
    ),
    "application.role": Words(
        "The {protocol} message {message} comes from the {speaker}, so {orig} opened the conversation to {resp}.",
        APPLICATION,
    ),
    "application.agreement": Words(
        "Both sides speak their part of {protocol} ({messages}): {orig} asks and {resp} answers.",
        APPLICATION,
    ),
    "application.banner": Words(
        "{resp} greets first with a {protocol} banner ({message}); in {protocol} the server speaks first.",
        APPLICATION,
    ),
    "control.announced": Words(
        "{by} announced {announced} in the {protocol} control conversation, so {orig} opened this one to {resp}.",
        CONTROL,
    ),
    "multicast.sender": Words(
        "{orig} sent to the group address {group}, which never sends anything itself.",
        "A multicast or broadcast address can only be a destination. Its sender is the originator.",
    ),
    "device.built": Words(
        "{device} kept a session that {orig} opened to {resp} (its own word for it: {word}).", DEVICE
    ),
    "device.flow": Words(
        "{source} recorded the beginning of the connection (state {state}, history {history}, flags {flags}): "
        "{orig} opened it to {resp}.",
        DEVICE,
    ),
    "flow.syn": Words(
        "{source} summed up packets from {orig} with SYN and without ACK (flags {flags}): only the side that asks "
        "sends such.",
        HALVES,
    ),
    "flow.syn_ack": Words(
        "{source} summed up a SYN-ACK from {resp} (flags {flags}), and {orig} sent packets of its own: it asked.",
        HALVES,
    ),
    "flow.lone_reply": Words(
        "{source} holds only a reply of {resp} (flags {flags}), so {orig} would have asked; a reply alone can also "
        "be backscatter or a scan.",
        SYN_ACK,
    ),
    "flow.answer_denied": Words(
        "{source} let the packets from {orig} through and denied those from {resp}, which can only be answers.",
        "A policy without memory may deny the answer to what it allowed. "
        "Look at both directions before you call the denied side the source.",
    ),
    "flow.earlier": Words(
        "The half of {orig} in {source} begins {gap} ms before the half of {resp}.", HALVES
    ),
    "flow.order": Words(
        "The half of {orig} in {source} begins {gap} ms earlier, but the beginning of the conversation need not "
        "be among these packets.",
        FIRST,
    ),
    "flow.icmp": Words(
        "A log shows an ICMP {name} (type {type}) of {orig}, which is the request of the exchange.", ICMP
    ),
    "device.denied_packet": Words(
        "{source} denied a packet from {orig} to {resp} that would have opened the conversation.", DEVICE
    ),
    "device.opening_packet": Words(
        "{source} logged the packet from {orig} to {resp} that opens the conversation ({what}).",
        SYN,
    ),
    "device.reply_packet": Words(
        "{source} logged a packet from {resp} to {orig} that answers ({what}), so {orig} would have opened the "
        "conversation; an answer without a request can also be backscatter.",
        SYN_ACK,
    ),
    "sensor.application": Words("{source} names {orig} as the client of what it parsed.", APPLICATION),
    "sensor.beginning": Words(
        "{source} shows how the connection began, by the flags of the packet that fired or by a direction that the "
        "ports do not suggest: {orig} opened it to {resp}.",
        DEVICE,
    ),
    "sensor.turned": Words(
        "{source} first held the other side for the client and then turned its flow round, by a SYN-ACK or by what is "
        "spoken: {orig} opened it to {resp}.",
        DEVICE,
    ),
    "sensor.flow_start": Words(
        "The sensor's own flow in {source} names {orig} as the side that the flow began with.", DEVICE
    ),
    "device.flow_order": Words(
        "{source} names {orig} as source but saw no handshake, so this is only the sender of the first packet "
        "that it saw.",
        FIRST,
    ),
    "earlier.conversation": Words(
        "An earlier conversation between the same two endpoints was opened by {orig}.",
        "Two hosts tend to keep their roles. An earlier conversation is a hint where the later one is cut.",
    ),
    "port.service": Words(
        "Port {port} is the usual port of {service}, which suggests {resp} as server.", PORTS
    ),
    "port.ftp_data": Words(
        "Port 20 is the one from which an FTP server opens its data connections, which suggests that {orig} opened it.",
        PORTS,
    ),
    "port.range": Words(
        "Port {low} lies below {boundary} and port {high} above it, which suggests {orig} as client.", PORTS
    ),
    "port.lower": Words("Port {low} is lower than port {high}, which suggests {resp} as server.", PORTS),
    "peers.fan_in": Words(
        "{peers} different peers talk with {endpoint} in this evidence, which suggests that it is a server.",
        "Many peers around one endpoint suggest a server. It is a hint and no proof.",
    ),
    "packet.first": Words("The first {protocol} packet in the evidence comes from {orig}.", FIRST),
}
