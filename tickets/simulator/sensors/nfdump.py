"""NetFlow as nfdump prints it: its CSV of ten columns, the older one of 48, and `-B`, which merges both directions.

Source: nfdump's output_csv.c and nflowcache.c, and runs of nfdump 1.7.1. A record tells one direction: flags are added up,
so the server's half of an ordinary connection shows SYN too. `-B` lays two halves together and guesses by their
ports which side is the client (`needs_swap`); its flags are those of the half that was exported first. Times are local and
carry no zone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tickets.engine.types import Endpoint, Protocol, TcpFlags
from tickets.simulator.clock import DeviceClock, to_milliseconds
from tickets.simulator.network import SentPacket
from tickets.simulator.sensors.flow_halves import Half

FILE = "netflow.csv"
COLUMNS = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows"
MPLS = tuple(f"mpls{number}" for number in range(1, 11))
OLD_COLUMNS = (
    *"ts te td sa da sp dp pr flg fwd stos ipkt ibyt opkt obyt in out sas das smk dmk dtos dir".split(),
    *"nh nhb svln dvln ismc odmc idmc osmc".split(),
    *MPLS,
    *"cl sl al ra eng exid tr".split(),
)
FLAG_LETTERS = (
    (TcpFlags.CWR, "C"),
    (TcpFlags.ECE, "E"),
    (TcpFlags.URG, "U"),
    (TcpFlags.ACK, "A"),
    (TcpFlags.PSH, "P"),
    (TcpFlags.RST, "R"),
    (TcpFlags.SYN, "S"),
    (TcpFlags.FIN, "F"),
)
NS_PER_MS = 1_000_000
# The borders between kinds of ports that -B looks at: well known, registered, and the usual client ranges.
PORT_BORDERS = (1024, 32768, 49152)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record as it is printed; `sent` and `received` are packets and bytes of the two directions."""

    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    start_ms: int
    end_ms: int
    flags: TcpFlags
    sent: tuple[int, int]
    received: tuple[int, int] = (0, 0)
    dst_port: str = ""
    received_ms: int = 0

    @property
    def key(self) -> tuple[Protocol, Endpoint, Endpoint]:
        return self.protocol, self.src, self.dst


def write_nfdump_csv(halves: tuple[Half, ...], *, east_s: int = 0) -> bytes:
    """The list that `nfdump -o csv` prints since 1.7.2: one line a record, in the order of export."""
    clock = DeviceClock(east_s=east_s)
    lines = [COLUMNS, *(_line(_row(half, "{}.{}"), clock) for half in halves)]
    return "".join(line + "\n" for line in lines).encode()


def write_nfdump_csv48(halves: tuple[Half, ...], exporter_ip: str, *, east_s: int = 0) -> bytes:
    """The list of nfdump 1.6 and 1.7.1, with times cut to seconds."""
    return _write48([_row(half, "") for half in halves], exporter_ip, DeviceClock(east_s=east_s))


def write_nfdump_merged(halves: tuple[Half, ...], exporter_ip: str, *, east_s: int = 0) -> bytes:
    """The same after `nfdump -B`: the client is a guess, and is printed as if it were known."""
    return _write48(merge_halves(halves), exporter_ip, DeviceClock(east_s=east_s))


def needs_swap(src_port: int, dst_port: int) -> bool:
    """Does `-B` take the destination for the client? (nflowcache.h, NeedSwap.)"""
    return any(src_port < border <= dst_port for border in PORT_BORDERS)


def merge_halves(halves: tuple[Half, ...]) -> list[Row]:
    """Lay the halves of TCP and UDP together; ICMP's stay apart, for they have other keys."""
    merged: dict[tuple[Protocol, Endpoint, Endpoint], Row] = {}
    for half in halves:
        row = _row(half, "")
        has_ports = row.protocol is not Protocol.ICMP
        if has_ports and needs_swap(row.src.port, row.dst.port):
            row = _turned(row)
        if row.key not in merged and has_ports and _turned(row).key in merged:
            row = _turned(row)
        merged[row.key] = _added(merged[row.key], row) if row.key in merged else row
    return sorted(merged.values(), key=lambda row: row.start_ms)


def _turned(row: Row) -> Row:
    return replace(
        row,
        src=row.dst,
        dst=row.src,
        sent=row.received,
        received=row.sent,
        dst_port=str(row.src.port),
    )


def _added(first: Row, second: Row) -> Row:
    """Only the same direction's flags are added up."""
    goes_one_way = bool(first.sent[0]) == bool(second.sent[0])
    return replace(
        first,
        start_ms=min(first.start_ms, second.start_ms),
        end_ms=max(first.end_ms, second.end_ms),
        flags=first.flags | second.flags if goes_one_way else first.flags,
        sent=(first.sent[0] + second.sent[0], first.sent[1] + second.sent[1]),
        received=(first.received[0] + second.received[0], first.received[1] + second.received[1]),
    )


def _row(half: Half, message: str) -> Row:
    return Row(
        protocol=half.protocol,
        src=half.src,
        dst=half.dst,
        start_ms=half.start_ns // NS_PER_MS,
        end_ms=half.end_ns // NS_PER_MS,
        flags=half.flags,
        sent=(half.count, half.ip_bytes),
        dst_port=_dst_port(half.packets[0].packet, message),
        received_ms=half.exported_ns // NS_PER_MS,
    )


def _dst_port(packet: SentPacket, message: str) -> str:
    """ICMP's type and code stand in its place: as 3.3, or as one number."""
    if packet.protocol is not Protocol.ICMP:
        return str(packet.dst.port)
    kind, code = packet.icmp_type, packet.icmp_code
    return message.format(kind, code) if message else str(256 * kind + code)


def _src_port(row: Row) -> str:
    return "0" if row.protocol is Protocol.ICMP else str(row.src.port)


def _line(row: Row, clock: DeviceClock) -> str:
    columns = (
        _milliseconds(row.start_ms, clock),
        _duration(row),
        row.protocol.value.upper(),
        row.src.ip,
        _src_port(row),
        row.dst.ip,
        row.dst_port,
        str(row.sent[0]),
        str(row.sent[1]),
        "1",
    )
    return ",".join(columns)


def _write48(rows: list[Row], exporter_ip: str, clock: DeviceClock) -> bytes:
    lines = [",".join(OLD_COLUMNS), *(_line48(row, exporter_ip, clock) for row in rows)]
    return "".join(line + "\n" for line in lines).encode()


def _line48(row: Row, exporter_ip: str, clock: DeviceClock) -> str:
    no_mac = "00:00:00:00:00:00"
    columns = (
        *(_milliseconds(moment, clock)[:19] for moment in (row.start_ms, row.end_ms)),
        *(_duration(row), row.src.ip, row.dst.ip, _src_port(row), row.dst_port, row.protocol.value.upper()),
        *("".join(letter if row.flags & flag else "." for flag, letter in FLAG_LETTERS), "0", "0"),
        *(str(number) for number in (*row.sent, *row.received)),
        *("0",) * 8,
        *("0.0.0.0", "0.0.0.0", "0", "0"),  # noqa: S104 - next hops that the exporter did not tell
        *(no_mac,) * 4,
        *("0-0-0",) * 10,
        *("    0.000",) * 3,
        *(exporter_ip, "17/1", "0", _milliseconds(row.received_ms, clock)),
    )
    return ",".join(columns)


def _milliseconds(moment_ms: int, clock: DeviceClock) -> str:
    return to_milliseconds(clock.reads(moment_ms * NS_PER_MS))


def _duration(row: Row) -> str:
    lasted_ms = row.end_ms - row.start_ms
    return f"{lasted_ms // 1000}.{lasted_ms % 1000:03d}"
