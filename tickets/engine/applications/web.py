"""HTTP and its relatives, TLS, DTLS, QUIC."""

from __future__ import annotations

import re
import string

from ..types import Protocol
from .roles import CLIENT, EITHER, LETTERS, SERVER, Message, Role, over, u16, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
METHODS = (
    rb"GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK"
    rb"|REPORT|SEARCH|SUBSCRIBE|UNSUBSCRIBE|NOTIFY|M-SEARCH|RPC_IN_DATA|RPC_OUT_DATA|BPROPFIND|CCM_POST"
)
HTTP_REQUEST = re.compile(rb"(?:" + METHODS + rb") +[^\r\n]{0,8192}?(?:[ \r\n]|$)")
ANY_REQUEST = re.compile(rb"[A-Za-z]{1,20} [^\r\n]{1,8192} HTTP/\d\.\d\r?\n")
HTTP_RESPONSE = re.compile(rb"(?:HTTP/\d\.\d|HTTP/2|ICY) \d{3}")
RTSP_RESPONSE = re.compile(rb"RTSP/\d\.\d \d{3}")
RTSP_REQUEST = re.compile(rb"[A-Z]{2}[A-Z_]{2,18} (?:rtsp:|\*)\S* RTSP/\d\.\d")
CAPITALS = string.ascii_uppercase.encode()
CLIENT_HELLO, SERVER_HELLO = 1, 2
# RFC 5246, 7.4 and RFC 6347, 4.3.2: who may send each handshake message. Certificates come from both.
HANDSHAKES = {
    0: ("HelloRequest", SERVER),
    CLIENT_HELLO: ("ClientHello", CLIENT),
    SERVER_HELLO: ("ServerHello", SERVER),
    3: ("HelloVerifyRequest", SERVER),
    4: ("NewSessionTicket", SERVER),
    11: ("Certificate", EITHER),
    12: ("ServerKeyExchange", SERVER),
    14: ("ServerHelloDone", SERVER),
    16: ("ClientKeyExchange", CLIENT),
}


@over(TCP, bytes_at={0: CAPITALS, 1: CAPITALS, 2: CAPITALS + b"_", 3: CAPITALS + b"_"})
def rtsp(message: Message) -> Role | None:
    """RFC 7826, 20. Asked before HTTP, with which it shares some methods."""
    if RTSP_RESPONSE.match(message.data):
        return Role("rtsp", "status line", SERVER)
    return Role("rtsp", "request", CLIENT) if RTSP_REQUEST.match(message.data) else None


@over(TCP, bytes_at={0: LETTERS, 1: b" "})
@over(TCP, bytes_at={0: LETTERS, 1: b"-" + LETTERS, 2: b" " + LETTERS})
def http(message: Message) -> Role | None:
    """RFC 9112: request line or status line."""
    if message.data.startswith(b"PRI * HTTP/2.0\r\n"):
        return Role("http2", "connection preface", CLIENT)  # RFC 9113, 3.4
    return _http("http", message)


@over(UDP, 1900, 3702)
def ssdp(message: Message) -> Role | None:
    """UPnP Device Architecture 2.0, 1.1: HTTP's lines over UDP."""
    return _http("ssdp" if message.is_on(1900) else "http", message)


WS_DISCOVERY = re.compile(rb"/discovery/(Hello|Bye|Probe|Resolve)(Matches)?\s*<")


@over(UDP, 3702)
def ws_discovery(message: Message) -> Role | None:
    """WS-Discovery 1.1, 4 to 6: the action says what is asked and what matches."""
    action = WS_DISCOVERY.search(message.data)
    if action is None:
        return None
    return Role("ws-discovery", action[1].decode("ascii"), SERVER if action[2] else CLIENT)


def _http(service: str, message: Message) -> Role | None:
    if HTTP_RESPONSE.match(message.data):
        return Role(service, "status line", SERVER)
    if HTTP_REQUEST.match(message.data) or ANY_REQUEST.match(message.data):
        return Role(service, message.data.split(b" ", 1)[0].decode("ascii", "replace") + " request", CLIENT)
    return None


@over(TCP, bytes_at={0: bytes((20, 21, 22, 23)), 1: b"\x03", 2: bytes(range(5))})
def tls(message: Message) -> Role | None:
    """RFC 8446, 5.1: content type, version 3.x, length. A sealed handshake message looks random, so lengths must fit."""
    data = message.data
    if data[0] not in (20, 21, 22, 23) or data[1] != 3 or data[2] > 4:
        return None
    length = u16(data, 3)
    if data[0] != 22:
        return Role("tls", "record", EITHER) if 0 < length <= 16640 else None
    return _handshake("tls", data, 5, length)


def _handshake(service: str, data: bytes, at: int, length: int) -> Role:
    kind, size = data[at], u32(data, at) & 0xFFFFFF
    name, speaker = HANDSHAKES.get(kind, ("handshake", EITHER))
    header = 4 if service == "tls" else 12
    fits = size + header <= length or (kind in (CLIENT_HELLO, SERVER_HELLO, 11) and size < 1 << 17)
    if not fits or (kind in (CLIENT_HELLO, SERVER_HELLO) and data[at + header] not in (3, 254)):
        return Role(service, "handshake", EITHER)
    return Role(service, name, speaker)


@over(TCP, bytes_at={0: bytes(range(0x80, 0x100)), 2: bytes((CLIENT_HELLO,)), 3: b"\x00\x03"})
def ssl2(message: Message) -> Role | None:
    """RFC 5246, E.2: a ClientHello in SSL 2's clothes, whose length counts itself in 15 bits."""
    data = message.data
    if (
        data[0] & 0x80
        and data[2] == CLIENT_HELLO
        and u16(data, 3) in (0x0002, 0x0300, 0x0301, 0x0302, 0x0303)
    ):
        return Role("tls", "ClientHello", CLIENT) if u16(data, 0) & 0x7FFF <= message.length else None
    return None


@over(UDP, bytes_at={0: bytes((20, 21, 22, 23)), 1: b"\xfe", 2: b"\xfd\xff"})
def dtls(message: Message) -> Role | None:
    """RFC 6347, 4.1: as TLS, with version 254.x, epoch and sequence number before the length."""
    data = message.data
    if data[0] not in (20, 21, 22, 23) or data[1] != 254 or data[2] not in (253, 255):
        return None
    if data[0] != 22 or u16(data, 3) != 0:  # from epoch 1 on handshakes are sealed
        return Role("dtls", "record", EITHER)
    return _handshake("dtls", data, 13, u16(data, 11))


@over(
    UDP,
    bytes_at={
        0: bytes(range(0x80, 0x100)),
        1: b"\x00\x6b\x70\xff\x51\x54\xfa",
        2: b"\x00\x33\x9a\x30\xce",
    },
)
def quic(message: Message) -> Role | None:
    """RFC 9000, 17.2 (and RFC 9369 for version 2): long headers. Who sends an Initial is told by a connection id of no
    length, which clients choose for themselves, and servers, whose clients may move, do not; and by a token, which only
    clients send (17.2.2). Other lengths tell nothing: a client's later Initials go to an id of the server's choice."""
    data = message.data
    version = u32(data, 1)
    if not data[0] & 0x80 or not _is_quic(version):
        return None
    to_length = data[5]
    from_length = data[6 + to_length]
    if version == 0:
        return _version_negotiation(message, 7 + to_length + from_length)
    if to_length > 20 or from_length > 20:
        return None
    name = _long_header(version, data[0] >> 4 & 3)
    if name in ("0-RTT", "Retry"):
        return Role("quic", name, CLIENT if name == "0-RTT" else SERVER)
    if name != "Initial":
        return Role("quic", name, EITHER)
    if bool(to_length) != bool(from_length):
        return Role("quic", name, CLIENT if to_length else SERVER)
    at = 7 + to_length + from_length
    has_token = bool(data[at] & 0x3F or (data[at] and data[at + 1]))
    return Role("quic", name, CLIENT if has_token else EITHER)


def _version_negotiation(message: Message, at: int) -> Role | None:
    """RFC 9000, 17.2.1: nothing but a list of versions. One of them is known: zeros alone may be anything."""
    if at >= message.length or (message.length - at) % 4:
        return None
    offered = (u32(message.data, place) for place in range(at, len(message.data) - 3, 4))
    is_known = any(version and _is_quic(version) for version in offered)
    return Role("quic", "version negotiation", SERVER) if is_known else None


def _is_quic(version: int) -> bool:
    is_draft = version >> 8 == 0xFF0000
    # Q0xx and T0xx in letters
    is_google = version >> 16 in (0x5130, 0x5430) and all(
        0x30 <= version >> shift & 0xFF <= 0x39 for shift in (0, 8)
    )
    is_facebook = version >> 8 == 0xFACEB0
    return version in (0, 1, 0x6B3343CF, 0x709A50C4) or is_draft or is_google or is_facebook


def _long_header(version: int, kind: int) -> str:
    if version in (0x6B3343CF, 0x709A50C4):
        kind = (kind - 1) % 4
    return ("Initial", "0-RTT", "Handshake", "Retry")[kind]


@over(UDP, 80, 443, 8443, first=bytes(range(0x40)))
def google_quic(message: Message) -> Role | None:
    """Before the IETF's QUIC: the handshake's tags stand in the clear, behind flags whose upper two bits are not set.
    (They are in the IETF's headers, and where Google's tags went into those, the version tells: `quic`.)"""
    head = message.data
    if head[0] & 0xC0:
        return None
    if b"CHLO" in head:
        return Role("quic", "CHLO", CLIENT)
    if b"REJ\x00" in head or b"SHLO" in head:
        return Role("quic", "REJ or SHLO", SERVER)
    if (
        head[0] & 0x09 == 0x09 and head[9:10] == b"Q"
    ):  # version flag with a connection id: only clients set it
        return Role("quic", "version flag", CLIENT)
    return None
