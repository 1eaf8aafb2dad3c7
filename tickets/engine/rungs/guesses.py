"""Ports and order of arrival: guesses, which stand last and never override a proof."""

from __future__ import annotations

from collections.abc import Iterator

from ..ports import service_on
from ..types import Basis, Protocol
from .case import BASES, ORDER_ONLY, Case, Clue, first_record, flow_clue, flows_of, statements

# From here an FTP server opens its data connections (RFC 959, 3.2).
FTP_DATA = 20
# Where the ports begin that clients choose: all but the well known, and Linux' (nfdump's nflowcache.c, NeedSwap, divides at
# 49152 too). On real captures these two tell the server in 29 of 33 conversations of which no port is a service's alone.
# Where both ports are Linux' the lower one was the server's in 5 of 21, and of two from 1024 to 32767 in none of 6: such
# ports say nothing.
RANGES = (1024, 32768)
# Two ports between the same of these numbers, which are no service's, are alike to every rung.
BOUNDARIES = (FTP_DATA, FTP_DATA + 1, *RANGES)
PEERS = frozenset({"bittorrent", "bittorrent-dht"})


def port_service(case: Case) -> Iterator[Clue]:
    """Exactly one of the two ports is a service's (`ports`). Peers choose their ports, so theirs say nothing."""
    if any(item.role.service in PEERS for item in case.spoken):
        return
    services = [service_on(case.traffic.protocol, end.port) for end in case.ends]
    if bool(services[0]) == bool(services[1]):
        return
    server = 0 if services[0] else 1
    facts = {"port": str(case.ends[server].port), "service": services[server]}
    yield case.clue("port.service", 1 - server, 0.85, first_record(case), **facts)


def port_ftp_data(case: Case) -> Iterator[Clue]:
    """Nobody serves on port 20: whoever has it opened the connection, where a client said (RFC 959, 3.2)."""
    ports = [end.port for end in case.ends]
    if ports.count(FTP_DATA) == 1:
        yield case.clue("port.ftp_data", ports.index(FTP_DATA), 0.8, first_record(case))


def port_range(case: Case) -> Iterator[Clue]:
    """Only one of the two ports lies in a range from which clients choose."""
    low, high = _sorted_ports(case)
    for boundary in RANGES:
        if 0 < low < boundary <= high:
            facts = {"low": str(low), "high": str(high), "boundary": str(boundary)}
            yield case.clue("port.range", _higher(case), 0.8, first_record(case), **facts)
            return


def port_lower(case: Case) -> Iterator[Clue]:
    """Of two well-known ports the lower one is a little more often the server's."""
    low, high = _sorted_ports(case)
    if 0 < low < high < RANGES[0]:
        yield case.clue("port.lower", _higher(case), 0.65, first_record(case), low=str(low), high=str(high))


def _sorted_ports(case: Case) -> tuple[int, int]:
    """The lower and the higher port; 0 where a log does not print it, or where the lower one is FTP's for its data."""
    low, high = sorted(end.port for end in case.ends)
    return (0, high) if low == FTP_DATA and case.traffic.protocol is Protocol.TCP else (low, high)


def _higher(case: Case) -> int:
    return 0 if case.ends[0].port > case.ends[1].port else 1


def packet_first(case: Case) -> Iterator[Clue]:
    """Right for UDP nearly always, for TCP without a handshake hardly more often than a coin. A firewall's line about
    a datagram is its first packet as well as any."""
    confidence = 0.75 if case.traffic.protocol is Protocol.UDP else 0.5
    facts = {"protocol": case.traffic.protocol.upper()}
    if case.traffic.has_packets:
        yield case.clue("packet.first", 0, confidence, first_record(case), **facts)
        return
    for log in statements(case, Basis.FIRST_PACKET):
        if log.orig is not None:
            yield from case.clue_of("packet.first", log.orig, confidence, (log.location,), **facts)
        return


def flow_order(case: Case) -> Iterator[Clue]:
    """A flow record without a handshake: its originator is the sender of the first packet that it saw."""
    for flow in flows_of(case):
        if 0 < BASES[flow.basis] <= ORDER_ONLY and not (flow.is_half and _says_no_order(case)):
            yield from flow_clue(case, "device.flow_order", flow, BASES[Basis.FIRST_PACKET])


def _says_no_order(case: Case) -> bool:
    """Of TCP a half that is alone may as well be the answer; of two halves `flow_earlier` tells the earlier."""
    halves = [share for account in case.accounts if account.has_halves for share in account.shares]
    return case.traffic.protocol is Protocol.TCP or all(share.records for share in halves)
