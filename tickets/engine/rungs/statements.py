"""What hosts, decoys, devices and sensors say in their logs about who opened a conversation."""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Alert, Basis, Endpoint, FlowRecord, LogRecord, Protocol, Statement, TcpFlags
from .case import BASES, ORDER_ONLY, Case, Clue, flow_clue, flows_of, stated, statements

DECOY_RULES = {
    Statement.ACCEPTED: "honeypot.accepted",
    Statement.REFUSED: "honeypot.rejected",
    Statement.SEEN: "honeypot.pending",
    Statement.CONNECTED_OUT: "honeypot.dialled_out",
    Statement.AUTHENTICATED: "honeypot.accepted",
    Statement.AUTHENTICATION_FAILED: "honeypot.accepted",
}

SURICATA_FLOWS = frozenset({"suricata.flow", "suricata.netflow"})


def host_login(case: Case) -> Iterator[Clue]:
    """A host knows its own peers: sshd that it accepted the connection (OpenSSH, auth.c), a firewall of the host
    whose program connected or listened."""
    for log in statements(case, Basis.HOST):
        facts = {name: log.fields.get(name, "") for name in ("user", "method", "result")}
        is_login = log.statement in (Statement.AUTHENTICATED, Statement.AUTHENTICATION_FAILED)
        rule = "host.login" if is_login else "host.connection"
        yield from stated(case, rule, log, **facts)


def honeypot_session(case: Case) -> Iterator[Clue]:
    """The decoy's session type says who dialled (dionaea's connection types). What one decoy says again and again
    of the same session is one witness."""
    heard: set[tuple[str, Endpoint | None]] = set()
    for log in statements(case, Basis.DECOY):
        if log.statement in DECOY_RULES and (log.source, log.orig) not in heard:
            heard.add((log.source, log.orig))
            yield from stated(case, DECOY_RULES[log.statement], log, action=log.fields.get("action", ""))


def device_built(case: Case) -> Iterator[Clue]:
    """A stateful device's session: its own word names the side that asked, whatever the order of printing."""
    for log in statements(case, Basis.SESSION):
        facts = {"word": log.fields.get("word", ""), "device": "The firewall"}
        yield from stated(case, "device.built", log, **facts)
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
    for log in statements(case, Basis.DENIED_PACKET):
        facts = {"source": log.source, "flags": log.fields.get("flags", "")}
        yield from stated(case, "device.denied_packet", log, **facts)


def device_opening(case: Case) -> Iterator[Clue]:
    """A line about the packet that opens, without a word on what the device did with it (netfilter's LOG, pf's
    pass of a SYN, p0f's SYN)."""
    for log in statements(case, Basis.HANDSHAKE):
        facts = {"source": log.source, "what": _what(log)}
        yield from stated(case, "device.opening_packet", log, **facts)


def device_reply(case: Case) -> Iterator[Clue]:
    """A line about a packet that answers (a SYN-ACK that came late, Cisco 106015): one alone may be backscatter."""
    for log in statements(case, Basis.REPLY):
        facts = {"source": log.source, "what": _what(log)}
        yield from stated(case, "device.reply_packet", log, **facts)
    for flow in flows_of(case):
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
    for flow in flows_of(case):
        if BASES[flow.basis] > ORDER_ONLY and flow.basis is not Basis.SESSION:
            yield from flow_clue(case, "device.flow", flow, BASES[flow.basis])


def sensor_application(case: Case) -> Iterator[Clue]:
    """Suricata's and Zeek's application events name the client where their parsers check which side asks. An alert may name it too (ECS: `client`, filled by the integration that knows the product)."""
    for log in statements(case, Basis.PARSER):
        yield from stated(case, "sensor.application", log, source=log.source)
        return
    for alert in case.traffic.logs:
        if isinstance(alert, Alert) and alert.basis is Basis.PARSER and alert.flow_orig is not None:
            facts = {"source": alert.source}
            yield from case.clue_of(
                "sensor.application", alert.flow_orig, BASES[alert.basis], (alert.location,), **facts
            )
            return


def sensor_tracked(case: Case) -> Iterator[Clue]:
    """Events of protocols that both sides begin alike (SSH), or whose parser does not check which side asks: their client
    is the side with which the sensor's flow began, so over TCP the ports come first, and a flow that began in the middle says
    nothing."""
    for log in statements(case, Basis.TRACKED) if not _began_in_the_middle(case) else ():
        yield from stated(case, "sensor.application", log, source=log.source)
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
    its alerts about one flow disagree, the later one is right. What is raised when a flow ends may carry an earlier
    time, but it knows what was spoken."""
    told = sorted(_told_flows(case), key=lambda item: (item[0].basis is Basis.PARSER, item[0].time_ns or 0))
    if told and any(orig != told[-1][1] for alert, orig in told if alert.flow_id == told[-1][0].flow_id):
        alert, orig = told[-1]
        facts = {"source": alert.source}
        yield from case.clue_of("sensor.turned", orig, BASES[Basis.TRACKED], (alert.location,), **facts)


def sensor_flow_start(case: Case) -> Iterator[Clue]:
    """Suricata 7 prints the flow's own tuple in an alert, client first; older ones only the packet's direction. It is
    the side that the sensor saw first. Unless it is set to pick up connections in the middle it waits for their SYN, so
    of TCP this tells more than `packet_first` does. Where its flow has no SYN and hears one side only it was the client in 5 of 15, and nobody knows."""
    confidence = 0.75 if case.traffic.protocol is Protocol.UDP else 0.7
    if _began_in_the_middle(case) and _heard_one_side(case):
        confidence = BASES[Basis.FIRST_PACKET]
    for alert, orig in _told_flows(case):
        yield from case.clue_of("sensor.flow_start", orig, confidence, (alert.location,), source=alert.source)
        return


def _began_in_the_middle(case: Case) -> bool:
    """Do the flow records of Suricata tell TCP's flags, and no SYN among them?"""
    if case.traffic.protocol is not Protocol.TCP:
        return False
    told = [flags for flow in _own_flows(case) for flags in (flow.orig_flags, flow.resp_flags)]
    flags = [each for each in told if each is not None]
    return bool(flags) and not any(each & TcpFlags.SYN for each in flags)


def _heard_one_side(case: Case) -> bool:
    counted = [
        count
        for flow in _own_flows(case)
        for count in ((flow.orig, flow.orig_packets), (flow.resp, flow.resp_packets))
    ]
    return len({end for end, packets in counted if packets}) < 2


def _own_flows(case: Case) -> list[FlowRecord]:
    return [flow for flow in flows_of(case) if flow.source in SURICATA_FLOWS]


def _told_flows(case: Case) -> Iterator[tuple[Alert, Endpoint]]:
    """Alerts that name the side with which the sensor's flow began."""
    for log in case.traffic.logs:
        if isinstance(log, Alert) and log.basis not in (Basis.SESSION, Basis.ARBITRARY):
            orig = log.flow_orig or {"to_server": log.src, "to_client": log.dst}.get(log.direction)
            if orig is not None:
                yield log, orig
