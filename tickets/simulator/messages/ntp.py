"""NTP (RFC 5905): question and answer, and the list of clients that amplified floods are made of (mode 7)."""

from __future__ import annotations

from tickets.simulator.addresses import pack_ip

NTP_EPOCH_S = 2_208_988_800  # 1970 in seconds since 1900 (RFC 5905)
NS_PER_S = 1_000_000_000
MONLIST_ITEM_BYTES = 72
MONLIST_ITEMS = 6  # as many as fit into one datagram of 440 bytes


def write_ntp_question(now_ns: int) -> bytes:
    """Version 4, mode 3, only the transmit time set (RFC 5905, 7.3)."""
    return b"\x23" + bytes(39) + _ntp_time(now_ns)


def write_ntp_answer(asked_ns: int, now_ns: int, upstream_ip: str) -> bytes:
    """Mode 4, stratum 2, with the question's transmit time as origin."""
    head = bytes.fromhex("240206e9") + bytes.fromhex("0000021800000642") + pack_ip(upstream_ip)
    times = (now_ns - 71 * NS_PER_S, asked_ns, now_ns, now_ns + 24_000)
    return head + b"".join(_ntp_time(time_ns) for time_ns in times)


def write_monlist_question() -> bytes:
    """Mode 7, implementation XNTPD, request 42 (ntp_request.h of the reference implementation)."""
    return bytes.fromhex("1700032a").ljust(48, b"\x00")


def write_monlist_answers(client_ips: list[str]) -> list[bytes]:
    """Datagrams of six clients each; all but the last say that more follow."""
    groups = [client_ips[at : at + MONLIST_ITEMS] for at in range(0, len(client_ips), MONLIST_ITEMS)]
    return [_monlist(group, number, is_last=number == len(groups) - 1) for number, group in enumerate(groups)]


def _monlist(ips: list[str], number: int, *, is_last: bool) -> bytes:
    first = 0x97 if is_last else 0xD7
    head = (
        bytes([first, number & 0x7F, 3, 42])
        + len(ips).to_bytes(2, "big")
        + MONLIST_ITEM_BYTES.to_bytes(2, "big")
    )
    return head + b"".join(_monlist_item(ip, at) for at, ip in enumerate(ips))


def _monlist_item(ip: str, at: int) -> bytes:
    """Average interval, last seen, restrictions, count, address, local address, flags, port, mode, version."""
    numbers = (64 + at, 3 + 7 * at, 0, 20 + 3 * at)
    fixed = b"".join(number.to_bytes(4, "big") for number in numbers)
    rest = pack_ip(ip) + bytes(4) + bytes(4) + (123).to_bytes(2, "big") + b"\x03\x04" + bytes(4)
    return (fixed + rest).ljust(MONLIST_ITEM_BYTES, b"\x00")


def _ntp_time(time_ns: int) -> bytes:
    seconds, rest_ns = divmod(time_ns, NS_PER_S)
    return (seconds + NTP_EPOCH_S).to_bytes(4, "big") + ((rest_ns << 32) // NS_PER_S).to_bytes(4, "big")
