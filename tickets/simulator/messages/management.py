"""What keeps a network running: SNMP (RFC 3416), syslog (RFC 3164), TFTP (RFC 1350), DHCP (RFC 2131)."""

from __future__ import annotations

from collections.abc import Sequence

from tickets.simulator.addresses import pack_ip
from tickets.simulator.clock import MONTHS, to_datetime
from tickets.simulator.messages import asn1

SYS_DESCR, SYS_UPTIME, IF_IN_OCTETS = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.2.2.1.10.1"
TRAP_OID, LINK_DOWN = "1.3.6.1.6.3.1.1.4.1.0", "1.3.6.1.6.3.1.1.5.3"
TIME_TICKS, COUNTER = 0x43, 0x41
GET, RESPONSE, TRAP = 0, 2, 7
TFTP_BLOCK_BYTES = 512
DHCP_DISCOVER, DHCP_OFFER, DHCP_REQUEST, DHCP_ACK = 1, 2, 3, 5
DHCP_BYTES = 300


def write_snmp_get(request: int, community: str, names: Sequence[str]) -> bytes:
    return _snmp(GET, request, community, [(name, asn1.null()) for name in names])


def write_snmp_response(request: int, community: str, values: Sequence[tuple[str, bytes]]) -> bytes:
    """Values are encoded (`asn1.octets`, `asn1.integer(n, COUNTER)`)."""
    return _snmp(RESPONSE, request, community, values)


def write_snmp_trap(request: int, community: str, uptime: int, trap: str = LINK_DOWN) -> bytes:
    """The agent speaks first, to port 162."""
    values = ((SYS_UPTIME, asn1.integer(uptime, TIME_TICKS)), (TRAP_OID, asn1.object_id(trap)))
    return _snmp(TRAP, request, community, values)


def _snmp(kind: int, request: int, community: str, values: Sequence[tuple[str, bytes]]) -> bytes:
    """Version 2c."""
    bindings = asn1.sequence(*(asn1.sequence(asn1.object_id(name), value) for name, value in values))
    body = asn1.integer(request) + asn1.integer(0) + asn1.integer(0) + bindings
    return asn1.sequence(asn1.integer(1), asn1.octets(community.encode()), asn1.explicit(kind, body))


def write_syslog(priority: int, host: str, program: str, text: str, now_ns: int) -> bytes:
    moment = to_datetime(now_ns)
    stamp = f"{MONTHS[moment.month - 1]} {moment.day:2d} {moment:%H:%M:%S}"
    return f"<{priority}>{stamp} {host} {program}: {text}".encode()


def write_tftp_read(file_name: str) -> bytes:
    return b"\x00\x01" + file_name.encode() + b"\x00octet\x00"


def write_tftp_blocks(content: bytes) -> list[bytes]:
    """Blocks of 512 bytes; a shorter one, if need be an empty one, is the last."""
    pieces = [content[at : at + TFTP_BLOCK_BYTES] for at in range(0, len(content) + 1, TFTP_BLOCK_BYTES)]
    return [b"\x00\x03" + number.to_bytes(2, "big") + piece for number, piece in enumerate(pieces, 1)]


def write_tftp_ack(number: int) -> bytes:
    return b"\x00\x04" + number.to_bytes(2, "big")


def write_tftp_error(code: int, text: str) -> bytes:
    return b"\x00\x05" + code.to_bytes(2, "big") + text.encode() + b"\x00"


def write_dhcp(
    kind: int, transaction: int, mac: bytes, *, name: str = "", own_ip: str = "", server_ip: str = ""
) -> bytes:
    """One of the four messages of a lease. `own_ip` is the address asked for or given."""
    is_answer = kind in (DHCP_OFFER, DHCP_ACK)
    given = pack_ip(own_ip) if is_answer else bytes(4)
    head = bytes([2 if is_answer else 1, 1, 6, 0]) + transaction.to_bytes(4, "big") + b"\x00\x00\x80\x00"
    head += bytes(4) + given + bytes(8) + mac.ljust(16, b"\x00") + bytes(192) + b"\x63\x82\x53\x63"
    return (head + _dhcp_options(kind, name, own_ip, server_ip) + b"\xff").ljust(DHCP_BYTES, b"\x00")


def _dhcp_options(kind: int, name: str, own_ip: str, server_ip: str) -> bytes:
    """RFC 2132: message type, server, lease time, mask, router, resolver; or name, wish and list."""
    options = [(53, bytes([kind]))]
    if kind in (DHCP_OFFER, DHCP_ACK):
        router = pack_ip(own_ip)[:3] + b"\x01"
        options += [(54, pack_ip(server_ip)), (51, (28_800).to_bytes(4, "big")), (1, b"\xff\xff\xff\x00")]
        options += [(3, router), (6, pack_ip(server_ip))]
    else:
        options += [(50, pack_ip(own_ip))] if own_ip else []
        options += [(54, pack_ip(server_ip))] if server_ip else []
        options += [
            (12, name.encode()),
            (55, bytes((1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252))),
        ]
    return b"".join(bytes([code, len(value)]) + value for code, value in options if value)
