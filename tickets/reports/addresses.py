"""Where a line of a log names addresses, so that each can be put into a worksheet.

Forms: `203.0.113.80:80`, and with a slash as Cisco writes ports; `2001:db8::1`, `[2001:db8::1]:443`, `2001:db8::1/443`
(Cisco), `2001:db8::1.443` (tcpdump). Sources: RFC 4291, 2.2 (text forms), RFC 5952 (the one to write), RFC 3986, 3.2.2
(brackets), RFC 4007, 11 (zones).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_PORT = 65535

_IPV4 = re.compile(r"(?<![\d.])((?:\d{1,3}\.){3}\d{1,3})(?:([:/])(\d{1,5})(?!\d))?(?![\d.]*\d)")
_GROUPS = r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{0,40}(?:[0-9A-Fa-f]|::)(?:(?:\.\d{1,3}){3})?"
# Before it may stand an interface's name (`outside:2001:db8::1/443`), which is no part of it. A zone (`%eth0`) names
# an interface of the host that wrote the line: such an address means nothing elsewhere, and is left alone.
_IPV6 = re.compile(
    r"(?<![\w:.%-])(?:[A-Za-z][\w-]{0,30}:)??(?:"
    rf"\[(?P<held>{_GROUPS})\](?::(?P<after>\d{{1,5}})(?!\d))?"
    rf"|(?P<bare>{_GROUPS})(?:(?P<mark>[/.])(?P<port>\d{{1,5}})(?![\d.]*\d))?(?!:?[\w%])"
    r")"
)
_HARDWARE = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){7}")
# What an interface's address is written with: a length of the network, not a port.
_PREFIX_LENGTHS = (64, 128)


class Named(NamedTuple):
    """An address in a text, from `start` to `end`: `ip` as it is usually written, `port` or None."""

    start: int
    end: int
    ip: str
    port: int | None


def find_addresses(text: str) -> Iterator[Named]:
    """Every address of a text in its order; neither networks nor what only looks like an address."""
    sixes = [named for found in _IPV6.finditer(text) if (named := _read_ipv6(found))]
    fours = (named for found in _IPV4.finditer(text) if (named := _read_ipv4(found)))
    # The last four numbers of `::ffff:10.0.0.1` are found twice.
    covered = {at for named in sixes for at in range(named.start, named.end)}
    yield from sorted([*sixes, *(named for named in fours if named.start not in covered)])


def _read_ipv4(found: re.Match[str]) -> Named | None:
    ip, mark, port = found.groups()
    # Four numbers of which the last are nought are a version (`Chrome/134.0.0.0`) or a network.
    if any(int(part) > 255 for part in ip.split(".")) or ip.endswith(".0.0.0"):
        return None
    if port and (int(port) > MAX_PORT or (mark == "/" and int(port) <= 32 and ip.endswith(".0"))):
        return None
    return Named(found.start(), found.end(), ip, int(port) if port else None)


def _read_ipv6(found: re.Match[str]) -> Named | None:
    written = found["held"] or found["bare"]
    # `db::add` is a name in a program, and eight pairs are a network card.
    if not any(character.isdigit() for character in written) or _HARDWARE.fullmatch(written):
        return None
    try:
        address = ipaddress.IPv6Address(written)
    except ValueError:
        return None
    number = found["after"] or found["port"]
    port = int(number) if number else None
    if found["mark"] == "/" and _is_network(address, port):
        return None
    if port is not None and port > MAX_PORT:
        return None
    if found["mark"] == "/" and port in _PREFIX_LENGTHS:
        port = None
    start = found.start("held") - 1 if found["held"] else found.start("bare")
    return Named(start, found.end(), str(address.ipv4_mapped or address), port)


def _is_network(address: ipaddress.IPv6Address, length: int | None) -> bool:
    """Whether `address/length` names a network: nothing is set behind its first bits."""
    if length is None or length >= 128:
        return False
    return not int(address) & ((1 << (128 - length)) - 1)
