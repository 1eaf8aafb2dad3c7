"""What became of a conversation: a table from what was seen to outcomes.

The target's own answer decides. What a device says of its policy is kept apart: allowed is not
established, and a denial proves an outcome only where nothing else is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from .halves import HEADERS, Account, accounts_of, is_part, outcome_of
from .tcp import has_wrong_answer
from .traffic import Side, Traffic, Unreachable, is_group
from .types import (
    Basis,
    Claim,
    Effect,
    Endpoint,
    Finding,
    FlowRecord,
    Location,
    LogRecord,
    Outcome,
    Protocol,
    Statement,
    TcpFlags,
)

# RFC 792, RFC 1122 and RFC 1812 (type 3); RFC 4443 (type 1).
CODES4 = {
    0: "network unreachable", 1: "host unreachable", 2: "protocol unreachable", 3: "port unreachable",
    5: "source route failed", 6: "network unknown", 7: "host unknown", 9: "network prohibited", 10: "host prohibited",
    11: "network unreachable for this service", 12: "host unreachable for this service", 13: "prohibited by policy",
    14: "host precedence violation", 15: "precedence cut-off",
}  # fmt: skip
CODES6 = {
    0: "no route", 1: "prohibited by policy", 2: "beyond the scope of the source", 3: "address unreachable",
    4: "port unreachable", 5: "source address failed policy", 6: "route rejected",
}  # fmt: skip
# The requests of ICMP that wait for a reply: an echo and its like.
ICMP_WAITING = frozenset({8, 13, 15, 17, 128, 139})
SYN, ACK, RST, FIN = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.RST, TcpFlags.FIN


# Who says of a TCP conversation that it stood, and was there when it began: a firewall opens none in the middle.
SAW_IT_STAND = frozenset({"firewall.teardown", "host.connection", "host.login"})


class Proof(NamedTuple):
    """An outcome and what proves it."""

    outcome: Outcome
    rule: str
    records: tuple[Location, ...]
    facts: Mapping[str, str] = {}


def classify_outcome(traffic: Traffic, originator: int | None) -> tuple[Outcome, tuple[Finding, ...]]:
    """Return the outcome and its findings. Without any proof (an alert alone) it is one_way, and no finding says so.

    `originator` is the index of the side that opened it; None where that cannot be determined."""
    proofs = _by_who_was_there([*_seen(traffic, originator), *_said(traffic, originator)])
    outcome = proofs[0].outcome if proofs else Outcome.ONE_WAY
    is_probe = any(proof.rule == "tcp.probe_refused" for proof in proofs)
    findings = [_finding(proof, outcome) for proof in proofs if not _is_deaf(proof, outcome, is_probe)]
    return outcome, (*findings, *_device_findings(traffic))


def _by_who_was_there(proofs: list[Proof]) -> list[Proof]:
    """A capture that begins in the middle does not know how it began: the device or host that was there goes first."""
    if proofs and proofs[0].rule == "tcp.midstream":
        return sorted(proofs, key=lambda proof: proof.rule not in SAW_IT_STAND)
    return proofs


def _is_deaf(proof: Proof, outcome: Outcome, is_probe: bool) -> bool:
    """A flow meter counts the packets of the two ends. An ICMP error of somebody on the way is no packet of theirs, so
    "unanswered" in a flow record says nothing against a rejection. Nor does "in the middle" against a refused probe:
    a meter calls everything so that it saw without a SYN; or against a beginning that somebody else saw."""
    if proof.outcome is Outcome.MIDSTREAM and outcome is Outcome.ESTABLISHED:
        return True
    if proof.rule != "flow.state":
        return False
    if proof.outcome is Outcome.MIDSTREAM:
        return is_probe and outcome is Outcome.REFUSED
    return proof.outcome is Outcome.UNANSWERED and outcome is Outcome.REJECTED


def _finding(proof: Proof, outcome: Outcome) -> Finding:
    return Finding(
        rule=proof.rule,
        claim=Claim.OUTCOME,
        value=proof.outcome.value,
        records=proof.records,
        facts=proof.facts,
        supports=proof.outcome is outcome,
    )


# What the capture shows


def _seen(traffic: Traffic, originator: int | None) -> Iterator[Proof]:
    if not traffic.has_packets:
        return
    if originator is None:
        yield _seen_without_roles(traffic)
        return
    orig, resp = traffic.sides[originator], traffic.sides[1 - originator]
    rows = {Protocol.TCP: TCP_ROWS, Protocol.UDP: UDP_ROWS, Protocol.ICMP: ICMP_ROWS}[traffic.protocol]
    view = View(traffic, originator, orig, resp)
    yield next(proof for row in rows if (proof := row(view)) is not None)


def _seen_without_roles(traffic: Traffic) -> Proof:
    one, other = traffic.sides
    records = _places(one.first, other.first)
    for answerer, asker in ((one, other), (other, one)):
        if answerer.syn_ack and asker.only_reset and not answerer.went_on:
            return Proof(Outcome.MIDSTREAM, "tcp.reply_reset", _places(answerer.syn_ack, asker.rst))
    if one.packets and other.packets:
        return BOTH_SIDES[traffic.protocol](records)
    return Proof(Outcome.ONE_WAY, f"{traffic.protocol}.one_side_only", records, {"side": "one side"})


BOTH_SIDES: Mapping[Protocol, Callable[[tuple[Location, ...]], Proof]] = {
    Protocol.TCP: lambda records: Proof(Outcome.MIDSTREAM, "tcp.midstream", records),
    Protocol.UDP: lambda records: Proof(Outcome.ESTABLISHED, "udp.reply", records),
    Protocol.ICMP: lambda records: Proof(Outcome.ESTABLISHED, "icmp.reply", records),
}


class View(NamedTuple):
    """A conversation with its roles set."""

    traffic: Traffic
    originator: int
    orig: Side
    resp: Side

    def unreachable(self) -> Unreachable | None:
        """Return the first ICMP error that says that the originator's packet could not be delivered."""
        for notice in self.traffic.unreachables:
            if notice.side == self.originator and _names(notice):
                return notice
        return None


Row = Callable[[View], Proof | None]


def _names(notice: Unreachable) -> str:
    """Return the words for a destination unreachable; "" for other errors, which reject nothing (a packet
    too big, a time exceeded, which is how traceroute works)."""
    if ":" in notice.reporter:
        return CODES6.get(notice.code, "") if notice.kind == 1 else ""
    return CODES4.get(notice.code, "") if notice.kind == 3 else ""


def _unreachable_proof(view: View, notice: Unreachable) -> Proof:
    """A port that the target itself calls unreachable is refused; anything else is rejected on the way."""
    is_port = notice.code == (4 if ":" in notice.reporter else 3)
    facts = {
        "type": str(notice.kind),
        "code": str(notice.code),
        "name": _names(notice),
        "from": notice.reporter,
    }
    records = _places(view.orig.first, notice.location)
    if is_port and notice.reporter == view.resp.endpoint.ip and view.traffic.protocol is Protocol.UDP:
        return Proof(Outcome.REFUSED, "udp.unreachable_port", records, facts)
    return Proof(Outcome.REJECTED, "icmp.unreachable", records, facts)


def _tcp_handshake(view: View) -> Proof | None:
    """RFC 9293, 3.5. A SYN whose SYN-ACK was not captured stood all the same when both sides went on; a SYN-ACK that
    acknowledges something else answers no SYN of this connection."""
    orig, resp = view.orig, view.resp
    if has_wrong_answer(orig, resp):
        return Proof(
            Outcome.UNANSWERED, "tcp.wrong_answer", _places(orig.syn, resp.syn_ack, orig.rst), _numbers(view)
        )
    if orig.syn and resp.syn_ack:
        return Proof(Outcome.ESTABLISHED, "tcp.handshake", _places(orig.syn, resp.syn_ack))
    if resp.syn_ack and orig.only_reset and not resp.went_on:
        return Proof(Outcome.MIDSTREAM, "tcp.reply_reset", _places(resp.syn_ack, orig.rst))
    if resp.syn_ack and orig.packets:
        followed = orig.other or orig.rst or orig.first
        return Proof(Outcome.ESTABLISHED, "tcp.syn_ack_answered", _places(resp.syn_ack, followed))
    if orig.syn and orig.went_on and resp.went_on:
        return Proof(Outcome.ESTABLISHED, "tcp.went_on", _places(orig.syn, resp.other, orig.other))
    return None


def _numbers(view: View) -> dict[str, str]:
    return {"seq": str(view.orig.isns[0]), "ack": str(view.resp.syn_ack_acks[0])}


def _tcp_refused(view: View) -> Proof | None:
    """RFC 9293, 3.10.7.1: a RST answers a SYN to a port where nothing listens."""
    if view.orig.syn and view.resp.rst and not view.resp.went_on:
        return Proof(Outcome.REFUSED, "tcp.reset_answer", _places(view.orig.syn, view.resp.rst))
    if view.orig.probe and view.resp.only_reset and view.resp.rst_answers_syn:
        return Proof(Outcome.REFUSED, "tcp.probe_refused", _places(view.orig.probe, view.resp.rst))
    return None


def _rejected(view: View) -> Proof | None:
    notice = view.unreachable()
    answered = view.resp.packets > 0
    if notice is None or answered:
        return None
    return _unreachable_proof(view, notice)


def _tcp_unanswered(view: View) -> Proof | None:
    if view.orig.syn and not view.resp.packets and not view.orig.went_on:
        facts = {"attempts": str(view.orig.syn_count)}
        return Proof(Outcome.UNANSWERED, "tcp.syn_unanswered", _places(view.orig.syn), facts)
    return None


def _tcp_one_side(view: View) -> Proof | None:
    """RFC 9293, 3.10.7.2: a port that listens drops a segment without SYN, ACK and RST. So silence is no answer left
    out, and tells no open port from a filter."""
    if view.orig.packets and view.resp.packets:
        return None
    if view.orig.without_ack:
        return Proof(Outcome.ONE_WAY, "tcp.probe_silence", _places(view.orig.without_ack))
    side = "originator" if view.orig.packets else "responder"
    records = _places(view.orig.first, view.resp.first)
    return Proof(Outcome.ONE_WAY, "tcp.one_side_only", records, {"side": side})


def _tcp_midstream(view: View) -> Proof:
    return Proof(Outcome.MIDSTREAM, "tcp.midstream", _places(view.orig.first, view.resp.first))


def _udp_reply(view: View) -> Proof | None:
    if view.orig.packets and view.resp.packets:
        return Proof(Outcome.ESTABLISHED, "udp.reply", _places(view.orig.first, view.resp.first))
    return None


def _udp_group(view: View) -> Proof | None:
    if view.orig.packets and is_group(view.resp.endpoint.ip):
        return Proof(Outcome.ONE_WAY, "udp.multicast", _places(view.orig.first))
    return None


def _udp_no_reply(view: View) -> Proof | None:
    if view.orig.packets:
        return Proof(Outcome.UNANSWERED, "udp.no_reply", _places(view.orig.first))
    return None


def _udp_one_side(view: View) -> Proof:
    return Proof(Outcome.ONE_WAY, "udp.one_side_only", _places(view.resp.first))


def _icmp_reply(view: View) -> Proof | None:
    if view.orig.packets and view.resp.packets:
        return Proof(Outcome.ESTABLISHED, "icmp.reply", _places(view.orig.first, view.resp.first))
    return None


def _icmp_no_reply(view: View) -> Proof | None:
    """Only an echo or another request waits for a reply; errors and advertisements do not."""
    waits = view.orig.icmp_type in ICMP_WAITING
    if view.orig.packets and waits and not is_group(view.resp.endpoint.ip):
        return Proof(Outcome.UNANSWERED, "icmp.no_reply", _places(view.orig.first))
    return None


def _icmp_one_side(view: View) -> Proof:
    return Proof(Outcome.ONE_WAY, "icmp.one_side_only", _places(view.orig.first, view.resp.first))


TCP_ROWS: tuple[Row, ...] = (
    _tcp_handshake, _tcp_refused, _rejected, _tcp_unanswered, _tcp_one_side, _tcp_midstream,
)  # fmt: skip
UDP_ROWS: tuple[Row, ...] = (_udp_reply, _rejected, _udp_group, _udp_no_reply, _udp_one_side)
ICMP_ROWS: tuple[Row, ...] = (_icmp_reply, _icmp_no_reply, _icmp_one_side)


# What logs say


def _said(traffic: Traffic, originator: int | None) -> Iterator[Proof]:
    """Yield what flow records, hosts, decoys and firewalls say; of a firewall its teardown, and its denial last.
    Flow records see no ICMP errors, so what an error quotes comes before them, unless they saw an answer."""
    flows = [log for log in traffic.logs if isinstance(log, FlowRecord) and not is_part(log)]
    parts = [
        proof for account in accounts_of(traffic) for proof in _parts_proof(account, originator, traffic)
    ]
    wholes = [proof for flow in flows for proof in _flow_proof(flow, originator, traffic)]
    # A sensor that lost its flow writes a second one: the one that saw it stand outweighs a part of it.
    wholes.sort(key=lambda proof: proof.outcome is not Outcome.ESTABLISHED)
    proofs = [*parts, *wholes]
    quoted = [] if traffic.has_packets else list(_quoted_proofs(traffic, originator))
    errors = [*quoted, *_told_errors(traffic, originator)]
    stood = bool(proofs) and proofs[0].outcome is Outcome.ESTABLISHED
    yield from (*proofs, *errors) if stood else (*errors, *proofs)
    statements = [log for log in traffic.logs if isinstance(log, LogRecord)]
    for log in statements:
        yield from _statement_proof(log)
    if traffic.has_packets or flows or quoted:
        return
    denials = [log for log in statements if log.statement in (Statement.DENIED, Statement.RESET)]
    asker = None if originator is None else traffic.sides[originator].endpoint
    for log in denials[:1]:
        outcome = _denied_outcome(log, asker)
        yield Proof(outcome, "firewall.denied", (log.location,), _denial_facts(log))


def _quoted_proofs(traffic: Traffic, originator: int | None) -> Iterator[Proof]:
    """Of a conversation without packets of its own an ICMP error still shows one packet, and what became of it."""
    for notice in traffic.unreachables[:1]:
        side = notice.side if originator is None else originator
        view = View(traffic, side, traffic.sides[side], traffic.sides[1 - side])
        if notice.side == side and _names(notice):
            yield _unreachable_proof(view, notice)
        else:
            facts = {"type": str(notice.kind), "code": str(notice.code), "from": notice.reporter}
            yield Proof(Outcome.ONE_WAY, "icmp.quoted_only", (notice.location,), facts)


def _denied_outcome(log: LogRecord, asker: Endpoint | None) -> Outcome:
    """A denied packet that would have opened a conversation went unanswered; of another (a late reply, a stray ACK,
    an ICMP error) only that it was seen is known. Where the line does not show the flags, `asker` is who opened it.
    A host's own denial is of a connection, whichever end it prints first."""
    knows = log.orig is not None or log.fields.get("flags")
    is_connection = log.basis is Basis.HOST and log.orig is not None
    is_opening = (log.orig if knows else asker) == log.src and asker in (None, log.src)
    waits = log.protocol is not Protocol.ICMP or log.src.port in ICMP_WAITING
    if not is_connection and not (is_opening and waits and not is_group(log.dst.ip)):
        return Outcome.ONE_WAY
    return Outcome.REJECTED if log.statement is Statement.RESET else Outcome.UNANSWERED


# Of a host's own lines, those that follow a handshake. That its policy allowed one is not yet an answer.
HOST_STATEMENTS = (Statement.ACCEPTED, Statement.AUTHENTICATED, Statement.AUTHENTICATION_FAILED)

# Of a sensor's lines, those that show the responder's own answer.
SENSOR_STATEMENTS = (Statement.ANSWERED, Statement.AUTHENTICATED, Statement.AUTHENTICATION_FAILED)


def _statement_proof(log: LogRecord) -> Iterator[Proof]:
    if log.basis is Basis.HOST and log.statement in HOST_STATEMENTS:
        facts = {name: log.fields.get(name, "") for name in ("user", "method", "result")}
        rule = "host.connection" if log.statement is Statement.ACCEPTED else "host.login"
        yield Proof(Outcome.ESTABLISHED, rule, (log.location,), _with_ends(log, facts))
    elif log.statement in HOST_STATEMENTS:
        yield Proof(Outcome.ESTABLISHED, "honeypot.accepted", (log.location,), _decoy_facts(log))
    elif log.statement is Statement.CONNECTED_OUT:
        yield Proof(Outcome.ESTABLISHED, "honeypot.dialled_out", (log.location,), _decoy_facts(log))
    elif log.statement is Statement.REFUSED:
        yield Proof(Outcome.REFUSED, "honeypot.rejected", (log.location,), _decoy_facts(log))
    elif log.statement in SENSOR_STATEMENTS:
        facts = _with_ends(log, {"source": log.source, "service": log.service})
        yield Proof(Outcome.ESTABLISHED, "sensor.answered", (log.location,), facts)
    elif log.statement is Statement.CLOSED:
        yield from _teardown_proof(log)


def _decoy_facts(log: LogRecord) -> dict[str, str]:
    return _with_ends(log, {"action": log.fields.get("action", "")})


def _with_ends(log: LogRecord, facts: dict[str, str]) -> dict[str, str]:
    return {"orig": str(log.orig or log.src), "resp": str(log.resp or log.dst), **facts}


def _teardown_proof(log: LogRecord) -> Iterator[Proof]:
    """Cisco 302014: `SYN Timeout` is no handshake; FINs, or bytes of payload, follow one. UDP with bytes of both
    sides cannot be told from UDP with bytes of one, so 302016 proves nothing."""
    facts = {name: log.fields.get(name, "") for name in ("reason", "bytes", "duration")}
    if log.protocol is not Protocol.TCP:
        return
    if facts["reason"] == "SYN Timeout":
        yield Proof(Outcome.UNANSWERED, "firewall.teardown", (log.location,), facts)
    elif facts["reason"] == "TCP FINs" or facts["bytes"].strip("0"):
        yield Proof(Outcome.ESTABLISHED, "firewall.teardown", (log.location,), facts)


def _told_errors(traffic: Traffic, originator: int | None) -> Iterator[Proof]:
    """An ICMP error in a flow record that answers the originator: of the port itself, or on the way."""
    for error in traffic.told_errors:
        is_six = ":" in error.reporter
        name = (CODES6 if is_six else CODES4).get(error.code, "")
        if error.side != originator or not name:
            continue
        is_port = error.code == (4 if is_six else 3) and traffic.protocol is Protocol.UDP
        facts = {"source": error.source, "from": error.reporter, "name": name}
        facts |= {"type": str(error.kind), "code": str(error.code)}
        outcome = Outcome.REFUSED if is_port else Outcome.REJECTED
        yield Proof(outcome, "flow.unreachable", (error.location,), facts)


def _parts_proof(account: Account, originator: int | None, traffic: Traffic) -> Iterator[Proof]:
    outcome = outcome_of(account, traffic, originator)
    if outcome is None:
        return
    ours, theirs = account.shares[originator or 0], account.shares[1 - (originator or 0)]
    facts = {"source": account.source}
    for name, share in (("orig", ours), ("resp", theirs)):
        flags = "" if share.flags is None else f" (flags {share.flags & 0xFF:02x})"
        facts[name] = f"{share.packets} packets{flags} from {share.endpoint}"
    yield Proof(outcome, "flow.parts", _places(ours.first, theirs.first), facts)


def _flow_proof(flow: FlowRecord, originator: int | None, traffic: Traffic) -> Iterator[Proof]:
    """A flow record's own account, with its roles set right first."""
    if flow.protocol is Protocol.ICMP:
        return
    flipped = originator is not None and traffic.side_of(flow.orig) not in (None, originator)
    outcome = _stated_outcome(flow, flipped)
    flags = "/".join(f"{value:02x}" for value in (flow.orig_flags, flow.resp_flags) if value is not None)
    facts = {"source": flow.source, "state": flow.state, "history": flow.history, "flags": flags}
    if outcome is not None:
        yield Proof(outcome, "flow.state", (flow.location,), facts)


# What stands whichever side asked.
EITHER_WAY = (Outcome.ESTABLISHED, Outcome.MIDSTREAM, Outcome.ONE_WAY)


def _stated_outcome(flow: FlowRecord, flipped: bool) -> Outcome | None:
    if flow.outcome is not None and (not flipped or flow.outcome in EITHER_WAY):
        return flow.outcome
    if flow.history and flow.source in HISTORY_SOURCES:
        return _zeek_outcome(flow, flipped)
    return _flow_outcome(flow, flipped)


def _flow_outcome(flow: FlowRecord, flipped: bool) -> Outcome | None:
    """Suricata: flags are ORed over each direction; without them (UDP) packets of both sides are a reply."""
    ours, theirs = (flow.orig_packets, flow.resp_packets)[:: -1 if flipped else 1]
    if flow.protocol is Protocol.UDP or flow.orig_flags is None or flow.resp_flags is None:
        return _by_counts(flow, ours, theirs, flipped)
    orig, resp = (flow.orig_flags, flow.resp_flags)[:: -1 if flipped else 1]
    if resp & SYN and resp & ACK and (ours or orig):
        return Outcome.ESTABLISHED
    if (
        orig & SYN and resp & RST and not resp & (TcpFlags.PSH | FIN)
    ):  # data or an end only follow a handshake
        return Outcome.REFUSED
    if orig & SYN and not theirs:
        return Outcome.ONE_WAY if orig & ACK else Outcome.UNANSWERED
    if not ours or not theirs:
        return Outcome.ONE_WAY
    return Outcome.ESTABLISHED if orig & SYN else Outcome.MIDSTREAM


def _by_counts(flow: FlowRecord, ours: int, theirs: int, flipped: bool) -> Outcome | None:
    target = flow.orig if flipped else flow.resp
    if ours and theirs:
        has_data = any(
            size > HEADERS * count
            for size, count in ((flow.orig_bytes, flow.orig_packets), (flow.resp_bytes, flow.resp_packets))
        )
        return Outcome.ESTABLISHED if flow.protocol is Protocol.UDP or has_data else None
    if not ours and not theirs:
        return None
    if not ours or is_group(target.ip) or flow.protocol is Protocol.TCP:
        return Outcome.ONE_WAY
    return Outcome.UNANSWERED


# Zeek's own log, and the schemas that carry its letters on.
HISTORY_SOURCES = frozenset({"zeek.conn", "ecs.flow", "ocsf"})
# Zeek's conn_state by what the history adds. A state alone is not enough: RSTR is a late refusal as well as a
# reset of a connection that stood, and SF needs two FINs only.
ZEEK_UDP = {"SF": Outcome.ESTABLISHED, "S0": Outcome.UNANSWERED, "SHR": Outcome.ONE_WAY}
TURNED_STATES = {"S0": "SHR", "SHR": "S0"}
IGNORED = {"S0": "c", "SHR": "C"}


def _zeek_outcome(flow: FlowRecord, flipped: bool) -> Outcome | None:
    """The letters `c` and `g` tell of packets that are counted nowhere else: ignored for a wrong checksum, which a
    host's own capture is full of, or acknowledged by the peer and never seen."""
    letters = flow.history.swapcase() if flipped else flow.history
    if flow.protocol is Protocol.UDP:
        state = TURNED_STATES.get(flow.state, flow.state) if flipped else flow.state
        return Outcome.ONE_WAY if is_group(flow.resp.ip) else _zeek_udp(state, letters)
    if "h" in letters:
        if any(letter in letters for letter in "SADFG"):
            return Outcome.ESTABLISHED
        if "C" in letters:
            return Outcome.ESTABLISHED if any(letter in letters for letter in "adfg") else None
        return Outcome.MIDSTREAM if "R" in letters else Outcome.ONE_WAY
    if "S" in letters:
        return _zeek_without_answer(letters)
    return _zeek_midstream(set(letters))


def _zeek_udp(state: str, letters: str) -> Outcome | None:
    """A side that the state holds for silent may have sent what was ignored for its checksum."""
    if IGNORED.get(state) in set(letters):
        return Outcome.ESTABLISHED
    return ZEEK_UDP.get(state)


def _zeek_midstream(letters: set[str]) -> Outcome | None:
    """No letter of a handshake. A reset alone may answer what was ignored, so beside `c` it says nothing."""
    ours, theirs = bool(letters & set("ADFG")), bool(letters & set("adfg"))
    if letters & {"C", "c"}:
        is_both = (ours or "C" in letters) and (theirs or "c" in letters) and (ours or theirs)
        return Outcome.MIDSTREAM if is_both else None
    ours, theirs = ours or "R" in letters, theirs or "r" in letters
    if not ours and not theirs:
        return Outcome.ONE_WAY if letters - {"^"} else None
    return Outcome.MIDSTREAM if ours and theirs else Outcome.ONE_WAY


def _zeek_without_answer(letters: str) -> Outcome | None:
    if "r" in letters and not set(letters) & set("dg"):
        return Outcome.REFUSED
    if any(letter in letters for letter in "adfg"):
        return Outcome.ESTABLISHED
    if "c" in letters:
        return None
    return Outcome.ONE_WAY if any(letter in letters for letter in "ADFG") else Outcome.UNANSWERED


# What devices say of their policy


def _device_findings(traffic: Traffic) -> Iterator[Finding]:
    """Statements of a policy: about the effect, never the target's answer."""
    for log in traffic.logs:
        if not isinstance(log, LogRecord):
            continue
        if log.statement in (Statement.DENIED, Statement.RESET):
            yield _policy(log, "firewall.denied", Effect.BLOCKED.value, _denial_facts(log))
        elif log.statement is Statement.ALLOWED:
            facts = {"source": log.source, "word": log.fields.get("word", "allowed")}
            yield _policy(log, "firewall.allowed", "allowed", facts)


def _policy(log: LogRecord, rule: str, value: str, facts: Mapping[str, str]) -> Finding:
    return Finding(rule=rule, claim=Claim.EFFECT, value=value, records=(log.location,), facts=facts)


def _denial_facts(log: LogRecord) -> dict[str, str]:
    return {"source": log.source, **{name: log.fields.get(name, "") for name in ("reason", "acl", "flags")}}


def _places(*locations: Location | None) -> tuple[Location, ...]:
    return tuple(location for location in locations if location is not None)
