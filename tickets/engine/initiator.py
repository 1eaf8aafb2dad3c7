"""Who opened a conversation: the ladder of proof, strongest first.

Each rung looks for one kind of evidence and yields what it says, if anything. The first rung that
speaks decides; the others are kept as corroboration or contradiction. Ports and order of arrival
stand last, never override, and never reach the confidence of a proof.

Confidences are shares that were right on real captures, rounded down.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from .applications import CLIENT, EITHER, SERVER, Message, recognise
from .control import Announcement, Part
from .halves import Account, Earlier, Share, accounts_of, earlier_half
from .ports import service_on
from .traffic import Spoken, Traffic, is_group
from .types import (
    Alert,
    Basis,
    Claim,
    Endpoint,
    Finding,
    FlowRecord,
    Location,
    LogRecord,
    Protocol,
    QuotedPacket,
    Statement,
    TcpFlags,
)

# Below this the answer is "cannot be determined".
BAR = 0.6
CEILING = 0.99
FLOOR = 0.6
AGREEMENT = 0.02
# What a contradiction costs. A source port is easily chosen, so a port is a weak witness.
COSTS = {"port.service": 0.05, "port.range": 0.0, "port.lower": 0.0, "packet.first": 0.0, "peers.fan_in": 0.0,
         "device.flow_order": 0.0, "flow.earlier": 0.05, "flow.order": 0.0, "sensor.flow_start": 0.0, "earlier.conversation": 0.05}  # fmt: skip
COST = 0.10
# A handshake shows its originator. No message without one is worth more than a handshake that its use contradicts.
HANDSHAKE = frozenset({"tcp.syn", "tcp.syn_acknowledged", "tcp.syn_ack"})
SPOKEN = frozenset({"application.role", "application.agreement", "application.banner"})
USE_COST = 0.02
SPOKEN_CEILING = 0.95
# Where the dynamic ports of nfdump's ranges begin: well known, Linux, IANA (nflowcache.c, NeedSwap).
BOUNDARIES = (1024, 32768, 49152)
MANY_PEERS = 3
QUESTIONS = {
    8: "echo request", 13: "timestamp request", 15: "information request", 17: "address mask request",
    10: "router solicitation", 128: "echo request", 133: "router solicitation", 135: "neighbour solicitation",
    130: "multicast listener query", 139: "node information query", 144: "home agent discovery request",
}  # fmt: skip
ANSWERS = frozenset({0, 14, 16, 18, 129, 136, 140, 145})
DECOY_RULES = {
    Statement.ACCEPTED: "honeypot.accepted",
    Statement.REFUSED: "honeypot.rejected",
    Statement.SEEN: "honeypot.pending",
    Statement.CONNECTED_OUT: "honeypot.dialled_out",
    Statement.AUTHENTICATED: "honeypot.accepted",
    Statement.AUTHENTICATION_FAILED: "honeypot.accepted",
}
# How far a log line is believed about who opened the conversation.
BASES: Mapping[Basis, float] = {
    Basis.HOST: 0.98,
    Basis.DECOY: 0.97,
    Basis.HANDSHAKE: 0.95,
    Basis.DENIED_PACKET: 0.95,
    Basis.SESSION: 0.93,
    Basis.EITHER_SYN: 0.92,
    Basis.PARSER: 0.88,
    Basis.REPLY: 0.85,
    Basis.SYN_ACK: 0.85,
    Basis.TRACKED: 0.85,
    Basis.PORTS: 0.7,
    Basis.FIRST_PACKET: 0.6,
    Basis.ARBITRARY: 0.0,
}
# A flow record whose roles rest on no more than this is a guess, and stands among the guesses.
ORDER_ONLY = 0.8
PEERS = frozenset({"bittorrent", "bittorrent-dht"})
SYN, ACK = TcpFlags.SYN, TcpFlags.ACK


class Clue(NamedTuple):
    """What one rung says: `side` opened the conversation, by these records."""

    rule: str
    side: int
    confidence: float
    records: tuple[Location, ...]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """Who opened it (None: cannot be determined), how sure, why, and what was spoken."""

    side: int | None
    confidence: float
    findings: tuple[Finding, ...]
    spoken: tuple[Spoken, ...]


@dataclass(slots=True)
class Scene:
    """The evidence as a whole: what was announced, who talks with many, who opened what before."""

    traffics: Sequence[Traffic]
    announcements: Mapping[tuple[Protocol, Endpoint], Sequence[Announcement]] = field(default_factory=dict)
    peers: dict[Endpoint, set[Endpoint]] = field(default_factory=dict)
    earlier: dict[tuple[Protocol, frozenset[Endpoint]], Clue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for traffic in self.traffics:
            self.note_peers(traffic.sides[0].endpoint, traffic.sides[1].endpoint)

    def note_peers(self, one: Endpoint, other: Endpoint) -> None:
        """Note that two endpoints talk with each other; how many more than a few is not asked."""
        for endpoint, peer in ((one, other), (other, one)):
            known = self.peers.setdefault(endpoint, set())
            if len(known) < MANY_PEERS:
                known.add(peer)


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation as the rungs see it."""

    traffic: Traffic
    scene: Scene
    spoken: tuple[Spoken, ...]
    accounts: tuple[Account, ...]
    ends: tuple[Endpoint, Endpoint]
    names: tuple[str, str]  # of the ends: every clue tells them

    def clue(
        self, rule: str, side: int, confidence: float, records: Iterable[Location | None], /, **facts: str
    ) -> Clue:
        """Say that `side` opened the conversation."""
        told = {"orig": self.names[side], "resp": self.names[1 - side], **facts}
        return Clue(rule, side, confidence, tuple([place for place in records if place]), told)

    def clue_of(
        self,
        rule: str,
        orig: Endpoint,
        confidence: float,
        records: Iterable[Location | None],
        /,
        **facts: str,
    ) -> Iterator[Clue]:
        """Say that an endpoint of the conversation opened it; another endpoint is no clue."""
        side = self.traffic.side_of(orig)
        if side is not None:
            yield self.clue(rule, side, confidence, records, **facts)


Rung = Callable[[Case], Iterator[Clue]]


def decide_originator(traffic: Traffic, scene: Scene) -> Decision:
    """Climb down the ladder and weigh what was found."""
    case = _case_of(traffic, scene)
    clues = [clue for rung in _ladder_for(traffic) for clue in rung(case)]
    named = tuple([item for item in case.spoken if item.role.service])
    if not clues or clues[0].confidence < BAR:
        return Decision(None, 0.0, tuple(_finding(clue, None) for clue in clues), named)
    winner = clues[0]
    _remember(case, winner)
    return Decision(
        winner.side,
        weigh(clues, traffic.protocol),
        tuple(_finding(clue, winner.side) for clue in clues),
        named,
    )


def find_basis(traffic: Traffic, scene: Scene) -> Finding | None:
    """Return the finding that decides who opened it, and look no further down the ladder."""
    case = _case_of(traffic, scene)
    winner = next((clue for rung in _ladder_for(traffic) for clue in rung(case)), None)
    return None if winner is None or winner.confidence < BAR else _finding(winner, winner.side)


def _case_of(traffic: Traffic, scene: Scene) -> Case:
    ends = traffic.sides[0].endpoint, traffic.sides[1].endpoint
    names = str(ends[0]), str(ends[1])
    return Case(traffic, scene, tuple(traffic.spoken), accounts_of(traffic), ends, names)


def _ladder_for(traffic: Traffic) -> tuple[Rung, ...]:
    """Rungs that only logs can speak on need not be asked where there are none."""
    return LADDERS[traffic.protocol] if traffic.logs else LADDERS_OF_PACKETS[traffic.protocol]


def weigh(clues: Sequence[Clue], protocol: Protocol) -> float:
    """Return the winner's confidence after what the other rungs say for and against it."""
    winner = clues[0]
    against = {clue.rule for clue in clues if clue.side != winner.side}
    cost = _cost(winner.rule, against)
    confidence = winner.confidence - cost
    if not cost and any(clue.side == winner.side and clue.rule not in COSTS for clue in clues[1:]):
        confidence = max(confidence, min(confidence + AGREEMENT, CEILING))
    if protocol is Protocol.TCP and winner.rule in SPOKEN:
        confidence = min(confidence, SPOKEN_CEILING)
    return round(max(confidence, min(FLOOR, winner.confidence)), 2)


def _cost(winner: str, against: Iterable[str]) -> float:
    """What is spoken over a connection, and its ports, may run against its opening (a reverse shell, a tunnel, a scan
    from port 80): that is a finding about its use, and hardly bears on who sent the SYN."""
    costs = {rule: COSTS.get(rule, COST) for rule in against}
    if winner not in HANDSHAKE:
        return sum(costs.values())
    aside = SPOKEN | {"port.service"}
    used_otherwise = USE_COST if any(rule in aside for rule in costs) else 0.0
    return used_otherwise + sum(cost for rule, cost in costs.items() if rule not in aside)


def _finding(clue: Clue, side: int | None) -> Finding:
    return Finding(
        rule=clue.rule,
        claim=Claim.ORIGINATOR,
        value=clue.facts["orig"],
        records=clue.records,
        facts=clue.facts,
        confidence=clue.confidence,
        supports=clue.side == side,
    )


def _remember(case: Case, winner: Clue) -> None:
    """Keep who opened it for a later conversation of the same endpoints, where a proof says so."""
    if winner.confidence >= 0.9:
        key = (case.traffic.protocol, frozenset(case.ends))
        case.scene.earlier.setdefault(key, winner)


# Statements of hosts


def host_login(case: Case) -> Iterator[Clue]:
    """A host knows its own peers: sshd that it accepted the connection (OpenSSH, auth.c), a firewall of the host
    whose program connected or listened."""
    for log in _statements(case, Basis.HOST):
        facts = {name: log.fields.get(name, "") for name in ("user", "method", "result")}
        is_login = log.statement in (Statement.AUTHENTICATED, Statement.AUTHENTICATION_FAILED)
        rule = "host.login" if is_login else "host.connection"
        yield from _stated(case, rule, log, **facts)


def honeypot_session(case: Case) -> Iterator[Clue]:
    """The decoy's session type says who dialled (dionaea's connection types). What one decoy says again and again
    of the same session is one witness."""
    heard: set[tuple[str, Endpoint | None]] = set()
    for log in _statements(case, Basis.DECOY):
        if log.statement in DECOY_RULES and (log.source, log.orig) not in heard:
            heard.add((log.source, log.orig))
            yield from _stated(case, DECOY_RULES[log.statement], log, action=log.fields.get("action", ""))


# Packets that open


def tcp_syn(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.5: a SYN without ACK opens. SYN with FIN or RST is no opening (`traffic.add_segment`)."""
    one, other = case.traffic.sides
    if one.syn and other.syn:
        yield from _simultaneous_syn(case)
    elif one.syn or other.syn:
        side = 0 if one.syn else 1
        sender = case.traffic.sides[side]
        yield case.clue("tcp.syn", side, 0.99, (sender.syn,), seq=str(sender.isns[0]))


def _simultaneous_syn(case: Case) -> Iterator[Clue]:
    """Both sent a SYN: the SYN-ACK acknowledges the one that opened (RFC 9293, 3.5, figure 7)."""
    for side in (0, 1):
        opener, answerer = case.traffic.sides[side], case.traffic.sides[1 - side]
        acknowledged = [isn for isn in opener.isns if (isn + 1) & 0xFFFFFFFF in answerer.syn_ack_acks]
        if acknowledged:
            facts = {"seq": str(acknowledged[0]), "ack": str((acknowledged[0] + 1) & 0xFFFFFFFF)}
            yield case.clue("tcp.syn_acknowledged", side, 0.99, (opener.syn, answerer.syn_ack), **facts)


def tcp_syn_ack(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.5: a SYN-ACK answers. One that stands alone may be backscatter of a forged SYN, or a scan."""
    one, other = case.traffic.sides
    if bool(one.syn_ack) == bool(other.syn_ack):
        return
    side = 0 if one.syn_ack else 1
    answerer, asker = case.traffic.sides[side], case.traffic.sides[1 - side]
    is_alone = answerer.packets == 1 and not asker.packets
    is_reset = not answerer.went_on and (answerer.rst or asker.only_reset)
    if is_alone or (is_reset and (not asker.packets or asker.only_reset)):
        yield case.clue("tcp.lone_reply", 1 - side, 0.85, (answerer.syn_ack,), flags="SYN-ACK")
    else:
        yield case.clue("tcp.syn_ack", 1 - side, 0.97, (answerer.syn_ack,))


def tcp_reset_alone(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.10.7.1: a RST with number 0 that acknowledges answers a SYN."""
    for side in (0, 1):
        sender, peer = case.traffic.sides[side], case.traffic.sides[1 - side]
        if sender.rst_answers_syn and not sender.went_on and not peer.went_on and not peer.packets:
            yield case.clue("tcp.lone_reply", 1 - side, 0.85, (sender.rst,), flags="RST-ACK")


def tcp_without_ack(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.10.7.4: after the SYN every segment acknowledges. One that does not (a null, FIN or Xmas scan,
    a forged packet) answers nothing, so its sender opens."""
    one, other = case.traffic.sides
    if bool(one.without_ack) != bool(other.without_ack) and not (one.packets and other.packets):
        sender = one if one.without_ack else other
        side = 0 if one.without_ack else 1
        yield case.clue("tcp.without_ack", side, 0.8, (sender.without_ack,))


def icmp_request(case: Case) -> Iterator[Clue]:
    """RFC 792, RFC 4443, RFC 4861: the type says whether it asks or answers."""
    for side in (0, 1):
        sender = case.traffic.sides[side]
        kind = sender.icmp_type
        if kind in QUESTIONS:
            facts = {"type": str(kind), "code": "0", "name": QUESTIONS[kind]}
            yield case.clue("icmp.request", side, 0.99, (sender.first,), **facts)
            return
    for side in (0, 1):
        sender = case.traffic.sides[side]
        if sender.icmp_type in ANSWERS and not is_group(case.ends[1 - side].ip):
            facts = {"type": str(sender.icmp_type), "code": "0", "name": "reply"}
            yield case.clue("icmp.answer", 1 - side, 0.95, (sender.first,), **facts)


def icmp_message(case: Case) -> Iterator[Clue]:
    """An ICMP message that neither asks nor answers (an error, an advertisement): who sends it opens."""
    sender = case.traffic.sides[0]
    if sender.icmp_type is not None and sender.icmp_type not in ANSWERS | QUESTIONS.keys():
        yield case.clue("icmp.message", 0, 0.9, (sender.first,), type=str(sender.icmp_type))


# What is spoken


def application_role(case: Case) -> Iterator[Clue]:
    """A request comes from the client, an answer from the server; the protocols' sources stand in `applications`."""
    roles = [(_opener(item), item) for item in case.spoken if item.role.speaker != EITHER]
    fixed = [(side, item) for side, item in roles if not item.role.is_banner]
    if fixed and not any(is_group(end.ip) for end in case.ends):
        yield from _fixed_roles(case, fixed)
    banners = [(side, item) for side, item in roles if item.role.is_banner]
    if banners:
        side, item = banners[0]
        facts = {"protocol": item.role.service or "text", "message": item.role.message}
        yield case.clue("application.banner", side, 0.85, (item.location,), **facts)


def _opener(item: Spoken) -> int:
    return item.side if item.role.speaker == CLIENT else 1 - item.side


def _fixed_roles(case: Case, roles: Sequence[tuple[int, Spoken]]) -> Iterator[Clue]:
    """Where the two sides ask each other (SIP, ICE) the first to ask opened; that is a weaker sign."""
    side, item = roles[0]
    agreeing = [other for opener, other in roles if opener == side]
    partner = next((other for other in agreeing if other.side != item.side), None)
    facts = {"protocol": item.role.service, "message": item.role.message, "speaker": item.role.speaker}
    if len(agreeing) < len(roles):
        yield case.clue("application.role", side, 0.8, (item.location,), **facts)
    elif partner is None:
        yield case.clue("application.role", side, 0.95, (item.location,), **facts)
    else:
        messages = f"{item.role.message}, {partner.role.message}"
        records = (item.location, partner.location)
        yield case.clue(
            "application.agreement", side, 0.97, records, protocol=item.role.service, messages=messages
        )


# What others say of it


def icmp_quoted_request(case: Case) -> Iterator[Clue]:
    """RFC 792, RFC 4443: the quoted packet itself says whether it asked or answered. A SYN-ACK that could not be
    delivered may answer a forged SYN."""
    for notice in case.traffic.unreachables:
        quoted = notice.quoted
        speaker = _quoted_speaker(quoted)
        if speaker != EITHER:
            side = notice.side if speaker == CLIENT else 1 - notice.side
            is_syn_ack = quoted.flags is not None and speaker == SERVER
            facts = {"type": str(notice.kind), "code": str(notice.code), "speaker": speaker}
            ends = {"quoted_src": str(quoted.src), "quoted_dst": str(quoted.dst)}
            confidence = 0.85 if is_syn_ack else 0.95
            yield case.clue("icmp.quoted_request", side, confidence, (notice.location,), **facts, **ends)
            return


def _quoted_speaker(quoted: QuotedPacket) -> str:
    """Does a quoted packet come from the client or from the server? A multicast answer may be unasked."""
    if is_group(quoted.dst.ip):
        return EITHER
    if quoted.protocol is Protocol.ICMP:
        kind = quoted.src.port
        return CLIENT if kind in QUESTIONS else SERVER if kind in ANSWERS else EITHER
    if quoted.flags is not None and quoted.flags & SYN and not quoted.flags & (TcpFlags.FIN | TcpFlags.RST):
        return SERVER if quoted.flags & ACK else CLIENT
    message = Message(quoted.payload, quoted.payload_bytes, quoted.src.port, quoted.dst.port)
    role = recognise(quoted.protocol, message)
    return EITHER if role is None or role.is_banner else role.speaker


def icmp_quoted(case: Case) -> Iterator[Clue]:
    """RFC 792: an error quotes the packet that caused it. Where the other side never spoke, that was the request."""
    for notice in case.traffic.unreachables:
        quoted = notice.quoted
        if not case.traffic.sides[1 - notice.side].packets and _quoted_speaker(quoted) == EITHER:
            facts = {"type": str(notice.kind), "code": str(notice.code)}
            ends = {"quoted_src": str(quoted.src), "quoted_dst": str(quoted.dst)}
            yield case.clue("icmp.quoted", notice.side, 0.8, (notice.location,), **facts, **ends)
            return


def control_announced(case: Case) -> Iterator[Clue]:
    """RFC 959, RFC 2428, RFC 1350, RFC 1833 and others: what was announced is connected to, or connects (`control`)."""
    for announcement in announcements_of(case.traffic, case.scene):
        side = case.traffic.side_of(announcement.announced) or 0
        if announcement.part is not Part.TAKES_PART:
            facts = {
                "protocol": announcement.control,
                "announced": str(announcement.announced),
                "by": announcement.by,
            }
            opener = side if announcement.part is Part.OPENS else 1 - side
            yield case.clue("control.announced", opener, 0.93, (announcement.location,), **facts)
            return


def announcements_of(traffic: Traffic, scene: Scene) -> list[Announcement]:
    """Return what announced the ends of a conversation: for each end the last before it began, else the first."""
    if not scene.announcements:
        return []
    own = (side.endpoint for side in traffic.sides)
    found = []
    for end in dict.fromkeys(chain(own, *traffic.views)):
        known = scene.announcements.get((traffic.protocol, end), ())
        at = bisect_right(known, traffic.first_ns, key=lambda item: item.time_ns)
        nearest = known[at - 1] if at else known[0] if known else None
        if nearest is not None and nearest.time_ns <= traffic.last_ns:
            found.append(nearest)
    return found


def multicast_sender(case: Case) -> Iterator[Clue]:
    """RFC 1112, 6.1: a group address is never a source."""
    for side in (0, 1):
        if is_group(case.ends[side].ip) and not case.traffic.sides[side].packets:
            first = case.traffic.sides[1 - side].first
            records = (first,) if first else _first(case)
            yield case.clue("multicast.sender", 1 - side, 0.95, records, group=case.ends[side].ip)
            return


def device_built(case: Case) -> Iterator[Clue]:
    """A stateful device's session: its own word names the side that asked, whatever the order of printing."""
    for log in _statements(case, Basis.SESSION):
        facts = {"word": log.fields.get("word", ""), "device": "The firewall"}
        yield from _stated(case, "device.built", log, **facts)
    for record in case.traffic.logs:
        if isinstance(record, LogRecord) or record.basis is not Basis.SESSION:
            continue
        orig, word = (
            (record.orig, record.state)
            if isinstance(record, FlowRecord)
            else (record.flow_orig, record.action)
        )
        if orig is not None:
            facts = {"word": word, "device": "The firewall"}
            yield from case.clue_of("device.built", orig, BASES[record.basis], (record.location,), **facts)


def device_denied(case: Case) -> Iterator[Clue]:
    """A denied packet that would have opened a conversation: its sender asked (Cisco 106001, 106023, 106100)."""
    for log in _statements(case, Basis.DENIED_PACKET):
        facts = {"source": log.source, "flags": log.fields.get("flags", "")}
        yield from _stated(case, "device.denied_packet", log, **facts)


def device_opening(case: Case) -> Iterator[Clue]:
    """A line about the packet that opens, without a word on what the device did with it (netfilter's LOG, pf's
    pass of a SYN, p0f's SYN)."""
    for log in _statements(case, Basis.HANDSHAKE):
        facts = {"source": log.source, "what": _what(log)}
        yield from _stated(case, "device.opening_packet", log, **facts)


def device_reply(case: Case) -> Iterator[Clue]:
    """A line about a packet that answers (a SYN-ACK that came late, Cisco 106015): one alone may be backscatter."""
    for log in _statements(case, Basis.REPLY):
        facts = {"source": log.source, "what": _what(log)}
        yield from _stated(case, "device.reply_packet", log, **facts)
    for flow in _flows(case):
        if _is_answer(flow):
            facts = {"source": flow.source, "flags": f"history {flow.history}"}
            yield from case.clue_of(
                "device.reply_packet", flow.resp, BASES[Basis.REPLY], (flow.location,), **facts
            )


def _is_answer(flow: FlowRecord) -> bool:
    """Did the side that is called the originator send a SYN-ACK (`H`), and neither side a SYN before it? Zeek does
    not turn one that stands alone (TCP.cc)."""
    return "H" in flow.history and not set(flow.history) & set("Sh")


def _what(log: LogRecord) -> str:
    """What the line tells of the packet: flags, or the device's own word; of ICMP the type."""
    if log.protocol is Protocol.ICMP:
        return f"ICMP type {log.src.port}"
    return log.fields.get("flags") or log.fields.get("reason", "")


def device_flow(case: Case) -> Iterator[Clue]:
    """A flow record that saw the beginning: Zeek's S and h, Suricata's SYN from its own client."""
    for flow in _flows(case):
        if BASES[flow.basis] > ORDER_ONLY and flow.basis is not Basis.SESSION:
            yield from _flow_clue(case, "device.flow", flow, BASES[flow.basis])


def sensor_application(case: Case) -> Iterator[Clue]:
    """Suricata's and Zeek's application events name the client; most of their parsers check which side asks. An alert
    may name it too (ECS: `client`, filled by the integration that knows the product)."""
    for basis in (Basis.PARSER, Basis.TRACKED):
        for log in _statements(case, basis):
            yield from _stated(case, "sensor.application", log, source=log.source)
            return
    for alert in case.traffic.logs:
        if isinstance(alert, Alert) and alert.basis is Basis.PARSER and alert.flow_orig is not None:
            facts = {"source": alert.source}
            yield from case.clue_of(
                "sensor.application", alert.flow_orig, BASES[alert.basis], (alert.location,), **facts
            )
            return


def sensor_beginning(case: Case) -> Iterator[Clue]:
    """An alert that shows how the connection began: by the packet's flags, or by a direction that the sensor gives
    against its own rule for connections that it meets in the middle (Snort, flow_control.cc, init_roles_tcp)."""
    for log in case.traffic.logs:
        if not isinstance(log, Alert) or log.basis in (Basis.SESSION, Basis.PARSER):
            continue
        if log.flow_orig and BASES[log.basis] > ORDER_ONLY:
            yield from case.clue_of(
                "sensor.beginning", log.flow_orig, BASES[log.basis], (log.location,), source=log.source
            )
            return


def sensor_turned(case: Case) -> Iterator[Clue]:
    """Suricata turns a flow round by a SYN-ACK or by what is spoken (stream-tcp.c, app-layer.c), never back: where
    its alerts about one flow disagree, the later one is right."""
    told = sorted(_told_flows(case), key=lambda item: item[0].time_ns or 0)
    if told and any(orig != told[-1][1] for alert, orig in told if alert.flow_id == told[-1][0].flow_id):
        alert, orig = told[-1]
        facts = {"source": alert.source}
        yield from case.clue_of("sensor.turned", orig, BASES[Basis.TRACKED], (alert.location,), **facts)


def sensor_flow_start(case: Case) -> Iterator[Clue]:
    """Suricata 7 prints the flow's own tuple in an alert, client first; older ones only the packet's direction."""
    for alert, orig in _told_flows(case):
        yield from case.clue_of("sensor.flow_start", orig, 0.8, (alert.location,), source=alert.source)
        return


def _told_flows(case: Case) -> Iterator[tuple[Alert, Endpoint]]:
    """Alerts that name the side with which the sensor's flow began."""
    for log in case.traffic.logs:
        if isinstance(log, Alert) and log.basis is not Basis.SESSION:
            orig = log.flow_orig or {"to_server": log.src, "to_client": log.dst}.get(log.direction)
            if orig is not None:
                yield log, orig


def flow_order(case: Case) -> Iterator[Clue]:
    """A flow record without a handshake: its originator is the sender of the first packet that it saw."""
    for flow in _flows(case):
        if 0 < BASES[flow.basis] <= ORDER_ONLY and not (flow.is_half and _says_no_order(case)):
            yield from _flow_clue(case, "device.flow_order", flow, BASES[Basis.FIRST_PACKET])


def _says_no_order(case: Case) -> bool:
    """Of TCP a half that is alone may as well be the answer; of two halves `flow_earlier` tells the earlier."""
    halves = [share for account in case.accounts if account.has_halves for share in account.shares]
    return case.traffic.protocol is Protocol.TCP or all(share.records for share in halves)


# What the halves of a conversation say together (NetFlow, AWS, GCP)


def flow_syn(case: Case) -> Iterator[Clue]:
    """A half with SYN and without ACK: only the side that asks sends such (RFC 9293, 3.5 and 3.10.7.4)."""
    for account in case.accounts:
        one, other = account.shares
        if bool(one.opening) != bool(other.opening):
            side = 0 if one.opening else 1
            opener = account.shares[side]
            yield case.clue("flow.syn", side, 0.97, (opener.opening,), **_half_facts(account, opener))


def flow_answer(case: Case) -> Iterator[Clue]:
    """A half that is a SYN-ACK: its receiver asked. Where that sent nothing, or only a reset, it may be the answer
    to a SYN that was forged in its name."""
    for account in case.accounts:
        one, other = account.shares
        if bool(one.answer) == bool(other.answer):
            continue
        side = 0 if one.answer else 1
        answerer, asker = account.shares[side], account.shares[1 - side]
        facts = _half_facts(account, answerer)
        if asker.records and not asker.only_reset:
            yield case.clue("flow.syn_ack", 1 - side, 0.97, (answerer.answer, asker.first), **facts)
        else:
            yield case.clue("flow.lone_reply", 1 - side, 0.85, (answerer.answer,), **facts)


def flow_reset_alone(case: Case) -> Iterator[Clue]:
    """A half of one RST with ACK and nothing else answers a SYN, or ends a connection that was forgotten."""
    for account in case.accounts:
        for side in (0, 1):
            sender, peer = account.shares[side], account.shares[1 - side]
            if sender.reset and sender.records == 1 and not peer.records:
                facts = _half_facts(account, sender)
                yield case.clue("flow.lone_reply", 1 - side, 0.85, (sender.reset,), **facts)


def flow_answer_denied(case: Case) -> Iterator[Clue]:
    """One direction was let through and the other not, by a policy that keeps no state: what was let through was
    the request, for without it there is no answer to deny."""
    for account in case.accounts:
        one, other = account.shares
        if not account.has_halves or bool(one.records) == bool(other.records):
            continue
        side = 0 if one.records else 1
        denied = [
            log.location
            for log in case.traffic.logs
            if isinstance(log, LogRecord)
            and log.source == account.source
            and log.statement is Statement.DENIED
            and log.src == case.ends[1 - side]
        ]
        if denied:
            records = (account.shares[side].first, denied[0])
            yield case.clue("flow.answer_denied", side, 0.9, records, source=account.source)


def flow_earlier(case: Case) -> Iterator[Clue]:
    """The earlier of two halves by one exporter's clock. Where both show SYN it saw the handshake, in order unless
    packets overtook each other; a service's port at the later side is a second witness. Without flags it may have
    begun to look in the middle."""
    yield from _earlier(case, "flow.earlier")


def flow_order_of_halves(case: Case) -> Iterator[Clue]:
    """The same of a sample of the packets, or of flags without a SYN: the exporter began to look in the middle."""
    yield from _earlier(case, "flow.order")


def _earlier(case: Case, wanted: str) -> Iterator[Clue]:
    for account in case.accounts:
        earlier = earlier_half(account)
        if earlier is None:
            continue
        is_udp = case.traffic.protocol is Protocol.UDP
        is_weak = account.is_sampled or (earlier.has_flags and not earlier.saw_both_syns and not is_udp)
        if is_weak == (wanted == "flow.order"):
            confidence = 0.6 if is_weak else _earlier_confidence(case, earlier)
            facts = {"source": account.source, "gap": f"{earlier.gap_ns / 1e6:.0f}"}
            yield case.clue(wanted, earlier.side, confidence, earlier.records, **facts)


def _earlier_confidence(case: Case, earlier: Earlier) -> float:
    if not earlier.saw_both_syns:
        return 0.85
    ours, theirs = (
        service_on(case.traffic.protocol, case.ends[side].port) for side in (earlier.side, 1 - earlier.side)
    )
    return 0.92 if theirs and not ours else 0.88


def _half_facts(account: Account, share: Share) -> dict[str, str]:
    flags = "not given" if share.flags is None else f"{share.flags & 0xFF:02x}"
    return {"source": account.source, "flags": flags}


def flow_icmp(case: Case) -> Iterator[Clue]:
    """RFC 792, RFC 4443: the type says who asks, whichever end a log prints first."""
    for log in case.traffic.logs:
        if isinstance(log, FlowRecord | LogRecord) and log.basis is Basis.ARBITRARY:
            continue
        ends = (log.orig, log.resp) if isinstance(log, FlowRecord) else (log.src, log.dst)
        asker = ends[0] if ends[0].port in QUESTIONS else None
        if ends[0].port in ANSWERS and ends[1].port in QUESTIONS:
            asker = ends[1]
        if asker is not None:
            facts = {"type": str(asker.port), "code": "0", "name": QUESTIONS[asker.port]}
            yield from case.clue_of("flow.icmp", asker, 0.97, (log.location,), **facts)
            return


def _flow_clue(case: Case, rule: str, flow: FlowRecord, confidence: float) -> Iterator[Clue]:
    flags = "/".join(f"{value:02x}" for value in (flow.orig_flags, flow.resp_flags) if value is not None)
    facts = {"source": flow.source, "state": flow.state, "history": flow.history, "flags": flags}
    yield from case.clue_of(rule, flow.orig, confidence, (flow.location,), **facts)


def earlier_conversation(case: Case) -> Iterator[Clue]:
    """The same two endpoints talked before, and a proof says who opened that."""
    earlier = case.scene.earlier.get((case.traffic.protocol, frozenset(case.ends)))
    if earlier is not None:
        orig = next(end for end in case.ends if str(end) == earlier.facts["orig"])
        yield from case.clue_of("earlier.conversation", orig, 0.88, earlier.records, rule=earlier.rule)


# Ports and order: guesses


def port_service(case: Case) -> Iterator[Clue]:
    """Exactly one of the two ports is a service's (`ports`). Peers choose their ports, so theirs say nothing."""
    if any(item.role.service in PEERS for item in case.spoken):
        return
    services = [service_on(case.traffic.protocol, end.port) for end in case.ends]
    if bool(services[0]) == bool(services[1]):
        return
    server = 0 if services[0] else 1
    facts = {"port": str(case.ends[server].port), "service": services[server]}
    yield case.clue("port.service", 1 - server, 0.85, _first(case), **facts)


def fan_in(case: Case) -> Iterator[Clue]:
    """One endpoint talks with several others of this evidence and its peer does not."""
    counts = [len(case.scene.peers.get(end, ())) for end in case.ends]
    if (counts[0] >= MANY_PEERS) == (counts[1] >= MANY_PEERS):
        return
    server = 0 if counts[0] >= MANY_PEERS else 1
    facts = {"endpoint": str(case.ends[server]), "peers": f"At least {MANY_PEERS}"}
    yield case.clue("peers.fan_in", 1 - server, 0.8, _first(case), **facts)


def port_range(case: Case) -> Iterator[Clue]:
    """Only one of the two ports lies in a range from which clients choose."""
    low, high = sorted(end.port for end in case.ends)
    if not low:  # a log that does not print it
        return
    for boundary in BOUNDARIES:
        if low < boundary <= high:
            facts = {"low": str(low), "high": str(high), "boundary": str(boundary)}
            yield case.clue("port.range", _higher(case), 0.8, _first(case), **facts)
            return


def port_lower(case: Case) -> Iterator[Clue]:
    low, high = sorted(end.port for end in case.ends)
    if low and low != high:
        yield case.clue("port.lower", _higher(case), 0.65, _first(case), low=str(low), high=str(high))


def packet_first(case: Case) -> Iterator[Clue]:
    """Right for UDP nearly always, for TCP without a handshake hardly more often than a coin. A firewall's line about
    a datagram is its first packet as well as any."""
    confidence = 0.75 if case.traffic.protocol is Protocol.UDP else 0.5
    facts = {"protocol": case.traffic.protocol.upper()}
    if case.traffic.has_packets:
        yield case.clue("packet.first", 0, confidence, _first(case), **facts)
        return
    for log in _statements(case, Basis.FIRST_PACKET):
        if log.orig is not None:
            yield from case.clue_of("packet.first", log.orig, confidence, (log.location,), **facts)
        return


def _higher(case: Case) -> int:
    return 0 if case.ends[0].port > case.ends[1].port else 1


def _first(case: Case) -> tuple[Location, ...]:
    return tuple(case.traffic.records[:1])


def _statements(case: Case, basis: Basis) -> Iterator[LogRecord]:
    """Yield the log lines that say who opened the conversation, and rest it on `basis`."""
    for log in case.traffic.logs:
        if isinstance(log, LogRecord) and log.basis is basis and log.orig is not None:
            yield log


def _stated(case: Case, rule: str, log: LogRecord, **facts: str) -> Iterator[Clue]:
    """The line's own originator, as far as its basis is believed."""
    if log.orig is not None:
        yield from case.clue_of(rule, log.orig, BASES[log.basis], (log.location,), **facts)


def _flows(case: Case) -> Iterator[FlowRecord]:
    return (log for log in case.traffic.logs if isinstance(log, FlowRecord))


# For TCP ports come before the first packet, for UDP after it: so it was measured on real captures.
LADDERS: dict[Protocol, tuple[Rung, ...]] = {
    Protocol.TCP: (
        host_login,
        honeypot_session,
        tcp_syn,
        tcp_syn_ack,
        application_role,
        icmp_quoted_request,
        device_denied,
        device_opening,
        flow_syn,
        flow_answer,
        device_flow,
        device_built,
        flow_answer_denied,
        control_announced,
        sensor_beginning,
        sensor_turned,
        sensor_application,
        device_reply,
        tcp_reset_alone,
        flow_reset_alone,
        flow_earlier,
        tcp_without_ack,
        earlier_conversation,
        icmp_quoted,
        port_service,
        fan_in,
        port_range,
        sensor_flow_start,
        port_lower,
        flow_order_of_halves,
        flow_order,
        packet_first,
    ),
    Protocol.UDP: (
        host_login,
        honeypot_session,
        multicast_sender,
        application_role,
        icmp_quoted_request,
        device_denied,
        device_opening,
        device_built,
        control_announced,
        sensor_application,
        sensor_turned,
        device_reply,
        earlier_conversation,
        device_flow,
        flow_answer_denied,
        flow_earlier,
        port_service,
        icmp_quoted,
        packet_first,
        fan_in,
        sensor_flow_start,
        port_range,
        flow_order_of_halves,
        flow_order,
        port_lower,
    ),
    Protocol.ICMP: (
        icmp_request,
        flow_icmp,
        icmp_quoted_request,
        host_login,
        device_denied,
        device_opening,
        device_flow,
        device_built,
        device_reply,
        icmp_message,
        flow_order,
    ),
}
OF_LOGS = frozenset({
    host_login, honeypot_session, device_denied, device_opening, flow_syn, flow_answer, device_flow, device_built,
    flow_answer_denied, sensor_beginning, sensor_turned, sensor_application, device_reply, flow_reset_alone, flow_earlier,
    sensor_flow_start, flow_order_of_halves, flow_order, flow_icmp,
})  # fmt: skip
LADDERS_OF_PACKETS = {
    protocol: tuple(rung for rung in rungs if rung not in OF_LOGS) for protocol, rungs in LADDERS.items()
}
