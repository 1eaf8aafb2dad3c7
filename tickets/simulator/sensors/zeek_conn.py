"""Zeek's conn.log as tab-separated text, with the community id policy loaded.

States and history letters follow Zeek's base/protocols/conn: one letter for each kind of packet and
side, upper case for the originator, in order of first appearance.
"""

from __future__ import annotations

from itertools import pairwise

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S, to_datetime, to_seconds
from tickets.simulator.network import SeenPacket
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording, Tally
from tickets.simulator.sensors.community_id import NUMBERS, compute_community_id

COLUMNS = (
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("proto", "enum"),
    ("service", "string"),
    ("duration", "interval"),
    ("orig_bytes", "count"),
    ("resp_bytes", "count"),
    ("conn_state", "string"),
    ("local_orig", "bool"),
    ("local_resp", "bool"),
    ("missed_bytes", "count"),
    ("history", "string"),
    ("orig_pkts", "count"),
    ("orig_ip_bytes", "count"),
    ("resp_pkts", "count"),
    ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"),
    ("ip_proto", "count"),
    ("community_id", "string"),
)
LOCAL_NETWORKS = ("10.", "192.0.2.")
SERVICES = frozenset({"dns", "http", "ntp", "ssh"})
ATTEMPT_NS = 5 * NS_PER_S  # tcp_attempt_delay: an unanswered SYN is given up, a later one starts anew
CLOSE_NS = 5 * NS_PER_S  # tcp_close_delay
RESET_NS = NS_PER_S // 10  # tcp_reset_delay
UDP_NS = 60 * NS_PER_S  # udp_inactivity_timeout
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def write_conn_log(recording: Recording, chance: Stream) -> bytes:
    """One line a connection, written when Zeek lets go of it."""
    flows = [part for flow in recording.flows for part in _split_attempts(flow)]
    flows.sort(key=_written_ns)
    opened = to_datetime(recording.packets[0].time_ns).strftime("%Y-%m-%d-%H-%M-%S")
    closed = to_datetime(_written_ns(flows[-1]) + NS_PER_S).strftime("%Y-%m-%d-%H-%M-%S")
    head = (
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        "#path\tconn",
        f"#open\t{opened}",
        "\t".join(("#fields", *(name for name, _ in COLUMNS))),
        "\t".join(("#types", *(kind for _, kind in COLUMNS))),
    )
    lines = ("\t".join(_write_fields(flow, chance)) for flow in flows)
    return "\n".join((*head, *lines, f"#close\t{closed}", "")).encode()


def _split_attempts(flow: Flow) -> list[Flow]:
    """A SYN that comes when the attempt has been given up is a connection of its own."""
    if flow.dialogue.protocol is not Protocol.TCP or flow.tally(from_orig=False).packets:
        return [flow]
    cuts, first_ns = [0], flow.start_ns
    for at, seen in enumerate(flow.packets):
        if seen.time_ns - first_ns > ATTEMPT_NS:
            cuts.append(at)
            first_ns = seen.time_ns
    return [flow.cut(start, end) for start, end in pairwise((*cuts, len(flow.packets)))]


def _write_fields(flow: Flow, chance: Stream) -> tuple[str, ...]:
    orig, resp = flow.tally(from_orig=True), flow.tally(from_orig=False)
    is_lone = len(flow.packets) == 1
    uid = "C" + "".join(chance.pick(BASE62) for _ in range(17))
    service = flow.dialogue.service
    return (
        to_seconds(flow.start_ns),
        uid,
        flow.orig.ip,
        str(flow.orig.port),
        flow.resp.ip,
        str(flow.resp.port),
        flow.dialogue.protocol.value,
        service if service in SERVICES else "-",
        "-" if is_lone else to_seconds(flow.end_ns - flow.start_ns),
        "-" if is_lone else str(orig.payload_bytes),
        "-" if is_lone else str(resp.payload_bytes),
        _state(flow, orig, resp),
        _is_local(flow.orig.ip),
        _is_local(flow.resp.ip),
        "0",
        _history(flow),
        str(orig.packets),
        str(orig.ip_bytes),
        str(resp.packets),
        str(resp.ip_bytes),
        "-",
        str(NUMBERS[flow.dialogue.protocol]),
        compute_community_id(flow.dialogue.protocol, flow.orig, flow.resp),
    )


def _state(flow: Flow, orig: Tally, resp: Tally) -> str:
    if not resp.packets:
        return "S0"
    if flow.dialogue.protocol is Protocol.UDP:
        return "SF"
    if resp.flags & TcpFlags.RST and not resp.flags & TcpFlags.SYN:
        return "REJ"
    return "SF" if orig.flags & resp.flags & TcpFlags.FIN else "S1"


def _history(flow: Flow) -> str:
    letters: list[str] = []
    for seen in flow.packets:
        letter = _letter(seen)
        letters.append(letter.upper() if flow.is_from_orig(seen) else letter)
    return "".join(dict.fromkeys(letters))


def _letter(seen: SeenPacket) -> str:
    flags = seen.packet.flags
    if flags & TcpFlags.SYN:
        return "h" if flags & TcpFlags.ACK else "s"
    if flags & TcpFlags.RST:
        return "r"
    if flags & TcpFlags.FIN:
        return "f"
    return "d" if seen.packet.payload else "a"


def _written_ns(flow: Flow) -> int:
    if flow.dialogue.protocol is Protocol.UDP:
        return flow.end_ns + UDP_NS
    answers = flow.tally(from_orig=False)
    if not answers.packets:
        return flow.start_ns + ATTEMPT_NS
    return flow.end_ns + (RESET_NS if answers.flags & TcpFlags.RST else CLOSE_NS)


def _is_local(ip: str) -> str:
    return "T" if ip.startswith(LOCAL_NETWORKS) else "F"
