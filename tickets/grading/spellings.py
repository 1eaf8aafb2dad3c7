"""The spellings of addresses, ports and protocols: what was typed, to the one value it can mean.

What can only mean one thing is accepted, however it is written. What could mean two is refused with a
sentence that says what to write, so that a slip of the keyboard never becomes a wrong answer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple

from tickets.engine import Protocol


class MalformedError(Exception):
    """A value that is of no use, told in one sentence."""


class Place(NamedTuple):
    """What an address field holds: the address as canonical text (RFC 5952), and the port pasted with it."""

    ip: str | None
    port: int | None


# What copying from a web page or a terminal brings along and nobody sees.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u202f\u3000"), " ")
# Full-width letters, digits and signs, as an East Asian keyboard types them (Unicode block FF01 to FF5E), and
# the full stop of such a keyboard. Not all of NFKC: it would make a footnote's 10.0.0.1² the address 10.0.0.12.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3002: ord("."), 0xFF61: ord(".")}
_AS_TYPED = _INVISIBLE | _BLANKS
# Hyphens, dashes and the minus sign, as word processors set them.
DASHES = "\u2010-\u2015\u2212"
_QUOTES = "`'\"“”‘’‚„«»"
_TRAILING = ",;."
_LONGEST = 200  # no spelling of one value is longer

_DOTS = re.compile(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*", re.IGNORECASE)
_COLONS = re.compile(r"[\[({]\s*:\s*[\])}]")
_SLASHES = re.compile(r"[\[({]\s*:\s*//\s*[\])}]|[\[({]\s*:\s*[\])}]\s*//")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,15}://([^/\s@]+)/?", re.IGNORECASE)
_V4_AND_PORT = re.compile(r"((?:\d{1,3}\.){3}\d{1,3}):(\d{1,5})(?:/(?:tcp|udp))?", re.ASCII | re.IGNORECASE)
_V6_AND_PORT = re.compile(r"\[([0-9a-f:.]+)\]:(\d{1,5})(?:/(?:tcp|udp))?", re.ASCII | re.IGNORECASE)
_LOOSE_PORT = re.compile(
    r"(?:\d+\.){3}\d+(?:\s*[/# ]\s*|\.|\s*,?\s*(?:port|:)\s*)\d{1,5}", re.ASCII | re.IGNORECASE
)
_NETWORK = re.compile(r"[0-9a-f:.]+\s*/\s*\d{1,3}", re.ASCII | re.IGNORECASE)
_DOTTED = re.compile(r"\d{1,9}(?:\.\d{1,9}){3}", re.ASCII)
_ONE_OF_SEVERAL = re.compile(r"\s*(?:,|;|\s|->|→|>|\band\b|\bor\b)\s*", re.IGNORECASE)
_NAME = re.compile(r"(?=.*[a-z])[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.ASCII | re.IGNORECASE)
_PORT = re.compile(
    r"(?:(?:(?:dst|src|dest|source|destination)?[ _]?(?:ports?|sport|dport)\s*[:=#]?|[:#])\s*)?(\d{1,5})",
    re.ASCII | re.IGNORECASE,
)
_PORT_PROTOCOL = re.compile(
    r"^(?:tcp|udp|icmp)(?:\s*[/:]\s*|\s+)|(?:\s*/\s*|\s+)(?:tcp|udp|icmp)$|\s*\((?:tcp|udp|icmp)\)$",
    re.IGNORECASE,
)
_PROTOCOL_LABEL = re.compile(r"^(?:ip[ _-])?proto(?:col)?\s*[:=#]?\s*", re.IGNORECASE)
_NAME_AND_NUMBER = re.compile(r"([a-z0-9-]+)\s*(?:\(\s*([a-z0-9-]+)\s*\)|/\s*([a-z0-9-]+))", re.IGNORECASE)

# Names and numbers of IANA's registry of protocol numbers.
PROTOCOL_SPELLINGS: Mapping[str, Protocol] = {
    "tcp": Protocol.TCP,
    "6": Protocol.TCP,
    "ipproto_tcp": Protocol.TCP,
    "udp": Protocol.UDP,
    "17": Protocol.UDP,
    "ipproto_udp": Protocol.UDP,
    "icmp": Protocol.ICMP,
    "1": Protocol.ICMP,
    "ipproto_icmp": Protocol.ICMP,
    "icmpv4": Protocol.ICMP,
    "58": Protocol.ICMP,
    "icmpv6": Protocol.ICMP,
    "icmp6": Protocol.ICMP,
    "ipv6-icmp": Protocol.ICMP,
}


def as_typed(raw: object) -> str:
    """Text without what is invisible and without the quotation marks of a pasted log field."""
    return str(raw).translate(_AS_TYPED).strip().strip(_QUOTES).strip()


def refang(text: str) -> str:
    """`203[.]0[.]113[.]80`, `203(dot)0...`, `2001[:]db8...`, `hxxp://...` as before someone made them harmless."""
    whole = _SLASHES.sub("://", text)
    return re.sub(
        r"^hxxp(s?)(?=://)", r"http\1", _COLONS.sub(":", _DOTS.sub(".", whole)), flags=re.IGNORECASE
    )


def read_place(text: str) -> Place:
    """An address field. A port that was pasted with the address (`203.0.113.80:80`, `[2001:db8::1]:443`,
    `http://203.0.113.80:8080/`) comes back apart, for the caller to hold against the port field; every other
    way to write two things into one field is refused, because it could also mean a network or two hosts."""
    text = _plain(refang(_fold(text)))
    found = _SCHEME.fullmatch(text)
    text = found[1] if found else text
    pair = _V4_AND_PORT.fullmatch(text) or _V6_AND_PORT.fullmatch(text)
    if pair is not None and int(pair[2]) <= 65535:
        return Place(_read_one_address(pair[1]), int(pair[2]))
    _refuse_two_things(text)
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return Place(_read_one_address(bare), None)


def read_port(text: str) -> int:
    """`445`, `:445`, `port 445`, `445/tcp`, `tcp/445`, `TCP 445`: a whole number from 0 to 65535 (RFC 9293, 3.1)."""
    text = _PORT_PROTOCOL.sub("", _plain(_fold(text)), count=1)
    found = _PORT.fullmatch(text)
    if found is None or int(found[1]) > 65535:
        raise MalformedError("A port is one whole number from 0 to 65535, as in 445 or 445/tcp.")
    return int(found[1])


def read_protocol(text: str) -> Protocol:
    """`tcp`, `TCP`, `6`, `proto 6`, `tcp (6)`: the protocol that carries the ports, by name or number."""
    bare = _PROTOCOL_LABEL.sub("", _plain(_fold(text))).lower()
    pair = _NAME_AND_NUMBER.fullmatch(bare)
    named = {PROTOCOL_SPELLINGS.get(word) for word in ((pair[1], pair[2] or pair[3]) if pair else (bare,))}
    spelled = named.pop() if len(named) == 1 else None
    if spelled is None:
        raise MalformedError(
            "The protocol here is the one that carries the ports: tcp, udp or icmp (or its number, 6, 17 or 1)."
        )
    return spelled


def _fold(text: str) -> str:
    """Full-width characters as the ones that they stand for. For typed values only: a file's name keeps its own."""
    if len(text) > _LONGEST:
        raise MalformedError("This is too long for this field: write one value.")
    return text.translate(_FULL_WIDTH)


def _plain(text: str) -> str:
    """Without the brackets and the punctuation that a value brings along from a sentence."""
    text = text.strip().rstrip(_TRAILING).strip(_QUOTES).strip()
    for opening, closing in ("<>", "()"):
        if text.startswith(opening) and text.endswith(closing):
            text = text[1:-1].strip().rstrip(_TRAILING)
    return text


def _refuse_two_things(text: str) -> None:
    if _NETWORK.fullmatch(text) and (":" in text or int(text.rsplit("/", 1)[1]) <= 32):
        raise MalformedError(
            "Write one address, not a network: as in 192.0.2.10, without the / and what follows it."
        )
    if _LOOSE_PORT.fullmatch(text):
        raise MalformedError(
            "This is an address and a port. Write the address here and the port in its own field."
        )
    parts = [part.strip("[]") for part in _ONE_OF_SEVERAL.split(text) if part]
    if len(parts) > 1 and all(_is_address(part.split(":")[0]) or _is_address(part) for part in parts):
        raise MalformedError("These are two addresses or more. Write the one that this field asks for.")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read_one_address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise MalformedError(_why_no_address(text)) from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise MalformedError("Write the address without the zone after the % sign.")
        # ::ffff:192.0.2.10 is how a dual-stack socket writes the IPv4 address 192.0.2.10 (RFC 4291, 2.5.5.2).
        address = address.ipv4_mapped or address
    return str(address)


def _why_no_address(text: str) -> str:
    if _DOTTED.fullmatch(text):
        if any(int(part) > 255 for part in text.split(".")):
            return "This is not an IP address: each of the four numbers is from 0 to 255, as in 192.0.2.10."
        # 010 is ten to a person and eight to the C library (inet_aton), so it is nobody's guess to make.
        return "This is not an IP address: write its numbers without zeros in front, 10 and not 010."
    if _NAME.fullmatch(text) and not re.fullmatch(r"[0-9a-f.]+", text, re.IGNORECASE):
        return "This is not an IP address but a name: write the host's address, as in 192.0.2.10."
    return "This is not an IP address. Write it as in 192.0.2.10 or 2001:db8::10, without a name or a zone."
