"""Chats: IRC's DCC has one client tell another where to connect to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address

from ..types import Endpoint, Packet, Protocol
from .announcements import Announced, Part, Questions, over

# The file's name may be quoted and hold blanks; the address is one number, IPv6 stands as text.
OFFER = re.compile(
    rb"PRIVMSG \S{1,100} :\x01DCC (?:SEND|CHAT|TSEND|SCHAT) (?:\"[^\"\r\n]{1,255}\"|\S{1,255}) "
    rb"([0-9A-Fa-f.:]{1,45}) (\d{1,5})(?: \d{1,20})?(?: T)?\x01"
)
MAX_OFFERS = 16


@over(Protocol.TCP, "irc", 194, 6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 7000)
@over(Protocol.TCP, "irc", starts=b":P", holds=b"\x01DCC ")
def direct_connection(packet: Packet, _: Questions) -> Iterator[Announced]:
    """The Client-To-Client Protocol's DCC (modern.ircdocs.horse/dcc): the receiver of the offer connects to the
    address and port in it. Port 0 asks the receiver to listen instead, and names nothing yet."""
    if b"\x01DCC " not in packet.payload:
        return
    for number, offer in enumerate(OFFER.finditer(packet.payload)):
        port = int(offer[2])
        if 0 < port <= 65535 and number < MAX_OFFERS:
            yield Announced(Protocol.TCP, Endpoint(_address(offer[1]), port), Part.LISTENS, "irc-dcc")


def _address(text: bytes) -> str:
    written = text.decode("ascii")
    return str(IPv4Address(int(written)) if written.isdigit() else ip_address(written))
