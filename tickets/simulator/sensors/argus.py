"""Argus flows as `ra -nn -c ,` prints them, with the header line.

Source: ra(1), argus's ArgusModeler.c, and runs of argus 3.0.8. A record tells both directions. The centre of `Dir` says how
sure the source is: `->` the handshake's beginning was seen; `?` it was not, and the side with a service's port is
held for the server. A connection that begins with a SYN-ACK is turned round once more than a reset follows. Bytes
are of frames. A connection that lasts is told again every five seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.clock import NS_PER_S, DeviceClock
from tickets.simulator.network import SeenPacket
from tickets.simulator.recording import Flow, Recording, Tally
from tickets.simulator.sensors.account import Account, by_first_packet, split
from tickets.simulator.sensors.lines import LogLine, encode_lines
from tickets.simulator.sensors.segments import is_fin, is_reset, is_syn, is_syn_ack
from tickets.simulator.sensors.service_ports import is_service_port

FILE = "argus.csv"
HEADER = (
    "StartTime,LastTime,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,SrcPkts,DstPkts,SrcBytes,DstBytes,State"
)
ASKED6 = {129: 128}
STATUS_NS = 5 * NS_PER_S
UNREACHABLES = {0: "URN", 1: "URH", 2: "URP", 3: "URP", 4: "URF"}


def write_argus_lines(recording: Recording, *, east_s: int = 0) -> tuple[LogLine, ...]:
    """The records of a recording in order of their beginning, each written when its last packet had passed."""
    clock = DeviceClock(east_s=east_s)
    quoted = _quoted_ends(recording)
    records = [record for flow in recording.flows for record in _records(flow, quoted)]
    records.sort(key=lambda record: record[0])
    return tuple(
        LogLine(
            record.end_ns,
            _line(record, whole, flags, clock),
            record.flow.dialogue,
            (record.orig, record.resp),
        )
        for _, record, whole, flags in records
    )


def encode_argus_csv(lines: Iterable[LogLine]) -> bytes:
    return f"{HEADER}\n".encode() + encode_lines(lines)


def write_argus_csv(recording: Recording, *, east_s: int = 0) -> bytes:
    return encode_argus_csv(write_argus_lines(recording, east_s=east_s))


def _records(flow: Flow, quoted: set[frozenset[Endpoint]]) -> Iterator[tuple[int, Account, Account, str]]:
    """Each piece of a flow, with the flow as it stood at the end of the piece: that settles sides and state."""
    told = 0
    for piece in split(flow, lambda so_far, seen: seen.time_ns - so_far[0].time_ns > STATUS_NS):
        told += len(piece.packets)
        whole = take_sides(flow.until(told))
        account = Account(piece, whole.is_turned)
        yield piece.start_ns, account, whole, _flags(account, whole, quoted)


def take_sides(flow: Flow) -> Account:
    """Whom argus holds for the source."""
    account = by_first_packet(flow)
    if flow.dialogue.protocol is Protocol.TCP:
        return account.turned() if _is_turned(account) else account
    first = flow.packets[0].packet
    is_answer = first.protocol is Protocol.ICMP and first.icmp_type == 0
    return account.turned() if is_answer else account


def _is_turned(account: Account) -> bool:
    first, rest = account.packets[0], account.packets[1:]
    if is_syn(first):
        return False
    if is_syn_ack(first):
        return any(not is_reset(seen) and not is_syn_ack(seen) for seen in rest)
    return is_service_port(account.orig.port) and not is_service_port(account.resp.port)


def _line(account: Account, whole: Account, flags: str, clock: DeviceClock) -> str:
    src, dst = (account.tally(from_orig=side) for side in (True, False))
    sport, dport = _ports(account)
    columns = (
        *(f"{clock.reads(moment):%Y-%m-%d %H:%M:%S.%f}" for moment in (account.start_ns, account.end_ns)),
        *(flags, _protocol(account), account.orig.ip, sport),
        *(f"{_direction(account, whole, src, dst):>5}", account.resp.ip, dport),
        *(str(src.packets), str(dst.packets), str(src.frame_bytes), str(dst.frame_bytes)),
        _state(whole),
    )
    return ",".join(columns)


def _ports(account: Account) -> tuple[str, str]:
    """ICMP's type and code, and its identifier, as a machine with the low byte first holds them. Of ICMPv6 the type
    and the code are plain, and an answer to an echo is printed as one that asks."""
    if account.protocol is not Protocol.ICMP:
        return str(account.orig.port), str(account.resp.port)
    first = account.packets[0].packet
    if first.is_ipv6:
        return str(ASKED6.get(first.icmp_type, first.icmp_type)), str(first.icmp_code)
    return f"0x{256 * first.icmp_code + first.icmp_type:04x}", f"0x{first.icmp_rest[1::-1].hex()}"


def _protocol(account: Account) -> str:
    is_six = account.protocol is Protocol.ICMP and account.packets[0].packet.is_ipv6
    return "ipv6-icmp" if is_six else account.protocol.value


def _direction(account: Account, whole: Account, src: Tally, dst: Tally) -> str:
    if account.protocol is Protocol.TCP and any(is_syn(seen) or is_syn_ack(seen) for seen in whole.packets):
        return "->"
    sure = "?" if account.protocol is Protocol.TCP else "-"
    return f"{'<' if dst.packets else ''}{sure}{'>' if src.packets else ''}".rjust(3).rstrip()


def _state(whole: Account) -> str:
    if whole.protocol is Protocol.UDP:
        return "CON" if whole.tally(from_orig=False).packets else "INT"
    if whole.protocol is Protocol.ICMP:
        return _message_state(whole.packets[0])
    if any(map(is_reset, whole.packets)):
        return "RST"
    if any(map(is_fin, whole.packets)):
        return "FIN"
    return _open_state(whole)


def _open_state(whole: Account) -> str:
    """Asked, answered, connected. A connection that was turned round counts as closing at once."""
    asked = any(map(is_syn, whole.packets))
    answered = any(map(is_syn_ack, whole.packets))
    if not asked and answered:
        return "CLO" if whole.tally(from_orig=False).packets and _begins_with_answer(whole) else "ACC"
    others = [seen for seen in whole.packets if not is_syn(seen) and not is_syn_ack(seen)]
    if asked and not others:
        return "ACC" if answered else "REQ"
    return "CON"


def _begins_with_answer(whole: Account) -> bool:
    return not whole.is_from_orig(whole.packets[0])


def _message_state(seen: SeenPacket) -> str:
    kind, code = seen.packet.icmp_type, seen.packet.icmp_code
    if kind == 3:
        return UNREACHABLES.get(code, "URF")
    return {0: "ECR", 8: "ECO", 11: "TXD", 5: "RED", 128: "ECO", 129: "ECO"}.get(kind, "UNK")


def _flags(account: Account, whole: Account, quoted: set[frozenset[Endpoint]]) -> str:
    """Ten columns: `e` Ethernet, `U` an ICMP error was sent for this flow, `s` and `d` sent again by either side."""
    has_error = account.protocol is not Protocol.ICMP and frozenset((account.orig, account.resp)) in quoted
    return f" e{'U' if has_error else ' '}{_sent_again(account, whole)}      "


def _sent_again(account: Account, whole: Account) -> str:
    sides = [side for side in (True, False) if _repeats(account, whole, from_orig=side)]
    if not sides:
        return " "
    return "*" if len(sides) == 2 else "s" if sides[0] else "d"


def _repeats(account: Account, whole: Account, *, from_orig: bool) -> bool:
    """Did a side send a segment that takes up sequence space twice, the second time in this piece?"""
    known: set[tuple[int, int]] = set()
    for seen in whole.sent(from_orig=from_orig):
        packet = seen.packet
        if packet.protocol is not Protocol.TCP or not (packet.payload or is_syn(seen) or is_syn_ack(seen)):
            continue
        segment = (packet.seq, len(packet.payload))
        if segment in known and seen.time_ns >= account.start_ns:
            return True
        known.add(segment)
    return False


def _quoted_ends(recording: Recording) -> set[frozenset[Endpoint]]:
    """The ends of all packets that ICMP errors are about."""
    quotes = (seen.packet.quoted for seen in recording.packets if seen.packet.quoted is not None)
    return {frozenset((quote.packet.src.endpoint, quote.packet.dst.endpoint)) for quote in quotes}
