"""Which protocol is spoken, by what is said: how a sensor names an application without looking at ports alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tickets.engine.types import Protocol
from tickets.simulator.sensors.account import Account
from tickets.simulator.sensors.spoken.dns import read_messages
from tickets.simulator.sensors.spoken.turns import Turn

SIGNS = (
    (
        "http",
        re.compile(
            rb"(?:GET|POST|HEAD|PUT|OPTIONS|DELETE|CONNECT|TRACE|PATCH) \S+ HTTP/1\.|HTTP/1\.[01] \d{3}"
        ),
    ),
    ("ssh", re.compile(rb"SSH-[12]\.")),
    ("tls", re.compile(rb"\x16\x03[\x00-\x04]")),
    ("smb", re.compile(rb"\x00[\x00-\x01]..[\xfe\xff]SMB", re.DOTALL)),
    ("smtp", re.compile(rb"220[ -][^\r\n]*SMTP|(?:EHLO|HELO) ", re.IGNORECASE)),
    ("ftp", re.compile(rb"220[ -][^\r\n]*FTP|USER \S+\r\n", re.IGNORECASE)),
    ("sip", re.compile(rb"(?:INVITE|REGISTER|OPTIONS|BYE|ACK) sips?:|SIP/2\.0 \d{3}")),
)
# Ports that it is looked for on (none: any), and its sign: SNMP's sequence and version (RFC 3416, RFC 1157), DHCP's
# cookie (RFC 2131, 3), a long header of QUIC version 1 (RFC 9000, 17.2).
DATAGRAMS: tuple[tuple[str, frozenset[int], re.Pattern[bytes]], ...] = (
    (
        "snmp",
        frozenset({161, 162}),
        re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01[\x00\x01\x03]", re.DOTALL),
    ),
    ("dhcp", frozenset({67, 68}), re.compile(rb"[\x01\x02].{235}\x63\x82\x53\x63", re.DOTALL)),
    ("quic", frozenset(), re.compile(rb"[\xc0-\xff]\x00\x00\x00\x01", re.DOTALL)),
    ("sip", frozenset(), SIGNS[-1][1]),
)
# What only a server says first, or only a client: where a sensor that came late can tell the sides by it.
SERVERS = re.compile(
    rb"HTTP/1\.[01] \d{3}|\x16\x03[\x00-\x04]..\x02|\x00[\x00-\x01]..\xfeSMB.{12}[\x01\x03\x05]|SIP/2\.0 \d{3}",
    re.DOTALL,
)
CLIENTS = re.compile(
    rb"(?:GET|POST|HEAD|PUT|OPTIONS|DELETE|CONNECT) \S+ HTTP/1\.|\x16\x03[\x00-\x04]..\x01|(?:EHLO|HELO) |USER \S",
    re.DOTALL,
)


def recognise(account: Account, turns: Sequence[Turn]) -> str:
    """The protocol's name, empty where nothing is recognised."""
    if account.protocol is Protocol.UDP:
        return _recognise_datagrams(account, turns)
    for turn in turns[:2]:
        for name, sign in SIGNS:
            if sign.match(turn.data):
                return name
    has_port = 53 in (account.orig.port, account.resp.port)
    return "dns" if has_port and read_messages(turns, over_tcp=True) else ""


def says_server(data: bytes) -> bool | None:
    """Is this a server's message? None where it does not tell."""
    if SERVERS.match(data):
        return True
    return False if CLIENTS.match(data) else None


def _recognise_datagrams(account: Account, turns: Sequence[Turn]) -> str:
    ports = {account.orig.port, account.resp.port}
    if not turns:
        return ""
    if 53 in ports and read_messages(turns, over_tcp=False):
        return "dns"
    if 123 in ports and len(turns[0].data) >= 48:
        return "ntp"
    for name, known_ports, sign in DATAGRAMS:
        if (not known_ports or known_ports & ports) and sign.match(turns[0].data):
            return name
    return ""
