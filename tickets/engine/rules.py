"""A Suricata or Snort rule: its text read into its parts, with the column of anything that is wrong.

Only what the product needs is interpreted (the header, flow, flags, target, metadata); every other
option is kept in order as text. Addresses and ports are lists as the rule writes them: items, ranges,
variables, negation, nesting; `contains` tells whether a value is in one, with None for "a variable that
decides it is not stated". Source: the Suricata user guide, "Rules Format" and "Flow Keywords".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .types import EngineError

ACTIONS = frozenset(
    [
        "alert",
        "block",
        "config",
        "drop",
        "log",
        "pass",
        "react",
        "reject",
        "rejectboth",
        "rejectdst",
        "rejectsrc",
        "rewrite",
        "sdrop",
    ]
)
DIRECTIONS = frozenset({"->", "<>", "=>"})
TO_SERVER = frozenset({"to_server", "from_client"})
TO_CLIENT = frozenset({"to_client", "from_server"})
STATES = frozenset({"established", "not_established", "stateless"})
FLOW_WORDS = TO_SERVER | TO_CLIENT | STATES | {"only_stream", "no_stream", "only_frag", "no_frag"}
HEADER_PARTS = ("action", "protocol", "source", "source port", "direction", "destination", "destination port")


class Protocols(NamedTuple):
    """What a rule's protocol word means: the transports it runs on, the services it names ("" = any)."""

    transports: frozenset[str]
    services: frozenset[str] = frozenset()


_ANY = frozenset({"tcp", "udp", "icmp"})
_TCP = frozenset({"tcp"})
_UDP = frozenset({"udp"})
_BOTH = _TCP | _UDP


def _named(*names: str, on: frozenset[str]) -> dict[str, Protocols]:
    return {name: Protocols(on, frozenset({name})) for name in names}


# The services are named as conversations name them (Zeek's words).
PROTOCOLS: Mapping[str, Protocols] = {
    "ip": Protocols(_ANY),
    "ipv4": Protocols(_ANY),
    "ip4": Protocols(_ANY),
    "ipv6": Protocols(_ANY),
    "ip6": Protocols(_ANY),
    "pkthdr": Protocols(_ANY),
    "tcp": Protocols(_TCP),
    "tcp-pkt": Protocols(_TCP),
    "tcp-stream": Protocols(_TCP),
    "udp": Protocols(_UDP),
    "icmp": Protocols(frozenset({"icmp"})),
    "icmpv4": Protocols(frozenset({"icmp"})),
    "icmpv6": Protocols(frozenset({"icmp"})),
    "http": Protocols(_TCP, frozenset({"http", "http2"})),
    "http1": Protocols(_TCP, frozenset({"http"})),
    "http2": Protocols(_TCP, frozenset({"http2"})),
    "tls": Protocols(_TCP, frozenset({"tls", "ssl"})),
    "ssl": Protocols(_TCP, frozenset({"tls", "ssl"})),
    "ftp-data": Protocols(_TCP, frozenset({"ftp-data"})),
    "smb": Protocols(_TCP, frozenset({"smb", "smb2"})),
    "ike": Protocols(_UDP, frozenset({"ike", "ipsec"})),
    "krb5": Protocols(_BOTH, frozenset({"krb", "krb5", "kerberos"})),
    "pgsql": Protocols(_TCP, frozenset({"pgsql", "postgresql"})),
    "dcerpc": Protocols(_BOTH, frozenset({"dcerpc", "dce_rpc"})),
    "rfb": Protocols(_TCP, frozenset({"rfb", "vnc"})),
    **_named("ftp", "imap", "ldap", "modbus", "mqtt", "mysql", "pop3", on=_TCP),
    **_named("rdp", "smtp", "ssh", "telnet", "websocket", on=_TCP),
    **_named("bittorrent-dht", "dhcp", "mdns", "ntp", "quic", "snmp", "tftp", on=_UDP),
    **_named("dnp3", "dns", "enip", "nfs", "sip", on=_BOTH),
}


class Option(NamedTuple):
    """One `name:value;` of the rule's body. `value` is None for a bare `name;`."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One address, network, port, range, variable or list of them, as the rule writes it."""

    text: str
    negated: bool = False
    items: tuple[Item, ...] = ()

    @property
    def is_list(self) -> bool:
        return self.text == ""

    def __str__(self) -> str:
        inner = f"[{','.join(map(str, self.items))}]" if self.is_list else self.text
        return "!" * self.negated + inner


ANY = Item("any")
HOME = Item("$HOME_NET")
Variables = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule and its options in the order written; `raw` is the text it was read from."""

    action: str
    protocol: str
    src: Item
    sport: Item
    direction: str
    dst: Item
    dport: Item
    options: tuple[Option, ...]
    sid: int
    rev: int
    raw: str

    def first(self, name: str) -> str:
        """The value of the first option of that name, "" when there is none."""
        return next((option.value or "" for option in self.options if option.name == name), "")

    @property
    def msg(self) -> str:
        return self.first("msg")

    @property
    def classtype(self) -> str:
        return self.first("classtype")

    @property
    def flow(self) -> frozenset[str]:
        return frozenset(_words(self.first("flow")))

    @property
    def flags(self) -> str:
        return self.first("flags")

    @property
    def target(self) -> str:
        return self.first("target")

    @property
    def services(self) -> frozenset[str]:
        """The applications that the rule is about: by its protocol, by Snort 3's `service`, by Snort 2's metadata
        `service http`. Empty where it names none."""
        named = (*_words(self.first("service")), *(word for key, word in self.metadata if key == "service"))
        by_name = (PROTOCOLS[word].services for word in named if word in PROTOCOLS)
        return PROTOCOLS[self.protocol].services.union(*by_name)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Pairs of key and value; a key may come more than once."""
        pairs = (word.partition(" ") for word in _words(self.first("metadata")))
        return tuple((key, value.strip()) for key, _, value in pairs)


def parse_rule(text: str) -> Rule:
    """Read exactly one rule. Lines that start with # are comments; `\\` at a line's end continues it.

    EngineError names the column (and the line, when there are several) of what is wrong.
    """
    reader = _Reader(_blank_comments(text))
    header = reader.header()
    options = reader.options()
    reader.require_end()
    _check_flow(reader, options)
    _check_flags(reader, options)
    _check_target(reader, options)
    return Rule(
        action=header.action,
        protocol=header.protocol,
        src=header.src,
        sport=header.sport,
        direction=header.direction,
        dst=header.dst,
        dport=header.dport,
        options=tuple(option for _, option in options),
        sid=_whole_number(reader, options, "sid"),
        rev=_whole_number(reader, options, "rev", default=1),
        raw=text.strip(),
    )


def contains_address(item: Item, ip: str, variables: Variables) -> bool | None:
    """Is `ip` in the rule's address? None when a variable that decides it is not stated."""
    address = ipaddress.ip_address(ip)
    return _contains(item, lambda leaf: _address_in(leaf, address), _Lookup(variables, _parse_addresses))


def contains_port(item: Item, port: int, variables: Variables) -> bool | None:
    """Is `port` in the rule's ports? None when a variable that decides it is not stated."""
    return _contains(item, lambda leaf: _port_in(leaf, port), _Lookup(variables, _parse_ports))


def is_at_home(ip: str, variables: Variables) -> bool | None:
    """Is `ip` in $HOME_NET, which Suricata and Snort call what a sensor protects? None where that is not stated, and
    for a text that is no address."""
    try:
        return contains_address(HOME, ip, variables)
    except ValueError:
        return None


def missing_variables(item: Item, variables: Variables) -> tuple[str, ...]:
    """The variables below `item` that are not stated, in the order met."""
    if item.is_list:
        names = [name for part in item.items for name in missing_variables(part, variables)]
        return tuple(dict.fromkeys(names))
    if not item.text.startswith("$"):
        return ()
    name = item.text[1:]
    if name not in variables:
        return (name,)
    # A variable may name others; which of the two grammars it has does not matter to its names.
    named = re.findall(r"\$(\w+)", " ".join(variables[name]))
    return tuple(other for other in named if other not in variables)


def check_variables(variables: Variables) -> None:
    """EngineError for a variable that is no list of addresses or ports, or that names itself."""
    for name, texts in variables.items():
        _require_no_cycle(name, variables, ())
        parse = _parse_ports if name.endswith(("_PORT", "_PORTS")) else _parse_addresses
        for text in texts:
            try:
                parse(text)
            except EngineError as error:
                raise EngineError(error.problem, place=f"variable {name}") from error


# Reading the text


class _Header(NamedTuple):
    action: str
    protocol: str
    src: Item
    sport: Item
    direction: str
    dst: Item
    dport: Item


class _Reader:
    """A place in the text. Offsets are kept so that a mistake can be told with its column."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.skip_space()

    def error(self, problem: str, at: int | None = None) -> EngineError:
        offset = self.at if at is None else at
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        several = "\n" in self.text.strip("\n")
        return EngineError(problem, place=f"line {line}, column {column}" if several else f"column {column}")

    def skip_space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def token(self) -> tuple[int, str]:
        """The next word of the header. Spaces inside brackets belong to it."""
        self.skip_space()
        start, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if depth == 0 and (char.isspace() or char == "("):
                break
            depth += (char == "[") - (char == "]")
            self.at += 1
        if depth > 0:
            raise self.error("The list has no closing ].", start)
        return start, self.text[start : self.at]

    def header(self) -> _Header:
        words: list[tuple[int, str]] = []
        while True:
            start, word = self.token()
            if not word:
                break
            words.append((start, word))
        if len(words) == 2:  # a Snort 3 service rule has no addresses
            words += [(self.at, text) for text in ("any", "any", "->", "any", "any")]
        if len(words) < len(HEADER_PARTS):
            raise self.error(f"The {HEADER_PARTS[len(words)]} is missing.")
        if len(words) > len(HEADER_PARTS):
            raise self.error(
                f"The options in parentheses were expected here, not {words[7][1]!r}.", words[7][0]
            )
        return self._header_from(words)

    def _header_from(self, words: list[tuple[int, str]]) -> _Header:
        (action_at, action), (protocol_at, word), src, sport, (direction_at, direction), dst, dport = words
        protocol = word.lower()
        if action not in ACTIONS:
            raise self.error(f"{action!r} is not an action of a rule.", action_at)
        if protocol not in PROTOCOLS:
            raise self.error(f"{protocol!r} is not a protocol that is known here.", protocol_at)
        if direction not in DIRECTIONS:
            raise self.error(f"The direction must be ->, <> or =>, not {direction!r}.", direction_at)
        return _Header(
            action,
            protocol,
            self._spec(src, _parse_addresses),
            self._spec(sport, _parse_ports),
            direction,
            self._spec(dst, _parse_addresses),
            self._spec(dport, _parse_ports),
        )

    def _spec(self, word: tuple[int, str], parse: Callable[[str], Item]) -> Item:
        start, text = word
        try:
            return parse(text)
        except _SpecError as error:
            raise self.error(error.problem, start + error.offset) from error

    def options(self) -> list[tuple[int, Option]]:
        if self.at >= len(self.text) or self.text[self.at] != "(":
            raise self.error("The options in parentheses are missing.")
        self.at += 1
        options: list[tuple[int, Option]] = []
        while True:
            self.skip_space()
            if self.at >= len(self.text):
                raise self.error("The closing parenthesis is missing.")
            if self.text[self.at] == ")":
                self.at += 1
                return options
            options.append(self.option())

    def option(self) -> tuple[int, Option]:
        start = self.at
        name = re.compile(r"[A-Za-z0-9_.\-]*").match(self.text, start)
        self.at = name.end() if name else start
        word = self.text[start : self.at]
        if not word:
            raise self.error("The name of an option was expected here.")
        self.skip_space()
        if self.text[self.at : self.at + 1] == ":":
            self.at += 1
            return start, Option(word, _unquote(self.value(word, start)))
        if self.text[self.at : self.at + 1] != ";":
            raise self.error(f"A ; is missing after {word!r}.")
        self.at += 1
        return start, Option(word, None)

    def value(self, name: str, option_at: int) -> str:
        """The text up to the `;` that ends the option; `\\` takes the next character as it is."""
        start, quoted = self.at, False
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                self.at += 1
            elif char == '"':
                quoted = not quoted
            elif char == ";" and not quoted:
                self.at += 1
                return self.text[start : self.at - 1].strip()
            self.at += 1
        raise self.error(f"The option {name!r} has no {'closing quote' if quoted else ';'}.", option_at)

    def require_end(self) -> None:
        self.skip_space()
        if self.at < len(self.text):
            raise self.error("One rule was expected; more text follows its closing parenthesis.")


def _blank_comments(text: str) -> str:
    """Comments and line continuations as blanks, so that offsets stay those of the text."""
    lines = [" " * len(line) if line.lstrip().startswith("#") else line for line in text.splitlines()]
    joined = "\n".join(re.sub(r"\\\s*$", lambda found: " " * len(found.group()), line) for line in lines)
    if not joined.strip():
        raise EngineError("There is no rule in this text.", place="column 1")
    return joined


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == '"' and value[-1] == '"':
        return re.sub(r"\\([\";:\\])", r"\1", value[1:-1])
    return value


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for part in value.split(",") if (word := part.strip()))


def _whole_number(
    reader: _Reader, options: list[tuple[int, Option]], name: str, *, default: int | None = None
) -> int:
    for start, option in options:
        if option.name == name:
            if not (option.value or "").isdecimal():
                raise reader.error(f"{name} must be a whole number, not {option.value!r}.", start)
            return int(option.value or "")
    if default is None:
        raise reader.error(f"The rule has no {name}.", max(len(reader.text.rstrip()) - 1, 0))
    return default


def _check_flow(reader: _Reader, options: list[tuple[int, Option]]) -> None:
    for start, option in options:
        if option.name != "flow":
            continue
        words = frozenset(_words(option.value or ""))
        if unknown := sorted(words - FLOW_WORDS):
            raise reader.error(f"{unknown[0]!r} is not a word of the flow keyword.", start)
        if words & TO_SERVER and words & TO_CLIENT:
            raise reader.error("flow cannot ask for both to_server and to_client.", start)


# Suricata's user guide and Snort 3's manual, keyword flags: a modifier, the flags, and after a comma those to ignore.
# 1 and 2 are the reserved bits that ECN took; 0 is no flag at all.
FLAGS = re.compile(r"[!*+]?[FSRPAUECD012]+[+*]?(\s*,\s*[FSRPAUECD12]+)?", re.IGNORECASE)


def _check_flags(reader: _Reader, options: list[tuple[int, Option]]) -> None:
    for start, option in options:
        if option.name == "flags" and not FLAGS.fullmatch((option.value or "").strip()):
            raise reader.error(f"{option.value!r} is not a set of TCP flags such as S, +A or S,12.", start)


def _check_target(reader: _Reader, options: list[tuple[int, Option]]) -> None:
    for start, option in options:
        if option.name == "target" and option.value not in ("src_ip", "dest_ip"):
            raise reader.error(f"target is src_ip or dest_ip, not {option.value!r}.", start)


# Addresses and ports


class _SpecError(EngineError):
    def __init__(self, problem: str, offset: int) -> None:
        self.offset = offset
        super().__init__(problem)


def _parse_addresses(text: str) -> Item:
    return _parse_item(text, 0, _check_address)


def _parse_ports(text: str) -> Item:
    return _parse_item(text, 0, _check_port)


def _parse_item(text: str, offset: int, check: Callable[[str, int], None]) -> Item:
    """`text` stands `offset` characters into the whole; `check` refuses a leaf that means nothing."""
    lead = len(text) - len(text.lstrip())
    text, offset = text.strip(), offset + lead
    negated = text.startswith("!")
    if negated:
        text, offset = text[1:], offset + 1
    if not text.startswith("["):
        if text.startswith("$"):
            _check_variable(text, offset)
        elif text != "any":
            check(text, offset)
        elif negated:
            raise _SpecError("!any matches nothing.", offset)
        return Item(text, negated)
    if not text.endswith("]"):
        raise _SpecError("The list has no closing ].", offset)
    parts = _split_list(text[1:-1], offset + 1)
    return Item("", negated, tuple(_parse_item(part, at, check) for at, part in parts))


def _split_list(text: str, offset: int) -> list[tuple[int, str]]:
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if depth < 0:
            raise _SpecError("There is a ] too many.", offset + index)
        if char == "," and depth == 0:
            parts.append((offset + start, text[start:index]))
            start = index + 1
    if depth:
        raise _SpecError("The list has no closing ].", offset + start)
    return [*parts, (offset + start, text[start:])]


def _check_variable(text: str, offset: int) -> None:
    if not re.fullmatch(r"\$[A-Za-z_]\w*", text):
        raise _SpecError(f"{text!r} is not the name of a variable.", offset)


def _check_address(text: str, offset: int) -> None:
    low, dash, high = text.partition("-")
    try:
        if dash:
            if int(ipaddress.ip_address(low)) > int(ipaddress.ip_address(high)):
                raise _SpecError(f"The range {text} ends before it starts.", offset)
        else:
            ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _SpecError(f"{text!r} is not an address or a network.", offset) from None


def _check_port(text: str, offset: int) -> None:
    low, _, high = text.partition(":")
    bounds = [part for part in (low, high) if part]
    if not bounds or not all(part.isdecimal() and int(part) <= 65535 for part in bounds):
        raise _SpecError(f"{text!r} is not a port or a range of ports.", offset)
    if low and high and int(low) > int(high):
        raise _SpecError(f"The range {text} ends before it starts.", offset)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address_in(text: str, address: _Address) -> bool:
    low, dash, high = text.partition("-")
    if not dash:
        return address in ipaddress.ip_network(text, strict=False)
    first, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
    return first.version == address.version and int(first) <= int(address) <= int(last)


def _port_in(text: str, port: int) -> bool:
    low, colon, high = text.partition(":")
    if not colon:
        return port == int(low)
    return int(low or 0) <= port <= int(high or 65535)


class _Lookup(NamedTuple):
    variables: Variables
    parse: Callable[[str], Item]

    def find(self, name: str) -> Item | None:
        texts = self.variables.get(name)
        return None if texts is None else Item("", items=tuple(self.parse(text) for text in texts))


def _contains(item: Item, leaf_holds: Callable[[str], bool], lookup: _Lookup) -> bool | None:
    inside = _is_inside(item, leaf_holds, lookup)
    return inside if inside is None else inside is not item.negated


def _is_inside(item: Item, leaf_holds: Callable[[str], bool], lookup: _Lookup) -> bool | None:
    if item.is_list:
        return _is_in_list(item.items, leaf_holds, lookup)
    if item.text == "any":
        return True
    if not item.text.startswith("$"):
        return leaf_holds(item.text)
    stated = lookup.find(item.text[1:])
    return None if stated is None else _contains(stated, leaf_holds, lookup)


def _is_in_list(items: tuple[Item, ...], leaf_holds: Callable[[str], bool], lookup: _Lookup) -> bool | None:
    """In one of the items that are not negated (or there are none such), and outside every negated one."""
    wanted = [_contains(item, leaf_holds, lookup) for item in items if not item.negated]
    outside = [_contains(item, leaf_holds, lookup) for item in items if item.negated]
    return _all([_any(wanted) if wanted else True, *outside])


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _require_no_cycle(name: str, variables: Variables, seen: tuple[str, ...]) -> None:
    if name in seen:
        raise EngineError(f"The variable {name} is defined by itself.", place=f"variable {name}")
    for other in re.findall(r"\$(\w+)", " ".join(variables.get(name, ()))):
        _require_no_cycle(other, variables, (*seen, name))
