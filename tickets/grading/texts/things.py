"""What a text names: ports and the side that they belong to, protocols, services, flags, records, times, rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tickets.grading.texts.facts import Fact, Kind, TextContext
from tickets.grading.texts.sides import Triple, triples_of
from tickets.grading.texts.stance import standing_of
from tickets.grading.texts.words import Sentence

_SERVICES: Mapping[str, str] = {
    "http": r"http",
    "https": r"https",
    "ssh": r"ssh",
    "rdp": r"rdp|remote desktop",
    "smb": r"smb|cifs",
    "dns": r"dns",
    "ftp": r"ftp",
    "telnet": r"telnet",
    "sip": r"sip",
    "smtp": r"smtp",
    "ntp": r"ntp",
    "snmp": r"snmp",
    "tls": r"tls",
}
_SERVICE = {name: re.compile(rf"\b(?:{words})\b(?!-)") for name, words in _SERVICES.items()}
_FLAGS = {
    "syn_ack": re.compile(r"\bsyn-acks?\b"),
    "syn": re.compile(r"\bsyns?\b(?!-ack)(?! :)"),
    "rst": re.compile(r"\b(?:rsts?|resets?)\b(?! (?:all|the|its|his|password))"),
    "fin": re.compile(r"\bfins?\b"),
}
_PROTOCOL = re.compile(r"\b(tcp|udp|icmp)\b")
_PLACE_WORDS = r"(?:on|at|over|via|port|ports|tcp|udp|its|:|\(|,|with|is|/)"
_PORT_OF_SIDE = re.compile(
    rf"A(\d+)(?: \))?(?: (?:{_PLACE_WORDS}))*? (?:(?:port|ports|tcp|udp) [:=]? ?N(\d+)|P(\d+))"
)
_PORT_BEHIND = re.compile(r"A(\d+) (?:: )?N(\d+)\b(?! (?:times|seconds|minutes|packets|bytes))")
_SIDE_OF_PORT = re.compile(r"\b(?:port N(\d+)|P(\d+))(?: (?:of|on|at|belongs to|to))? A(\d+)")
_LOOSE_PORT = re.compile(
    r"\b(?:ports?|dport|sport) (?:is |was |: |= |number |to )*N(\d+)|P(\d+)|: N(\d+) (?:tcp|udp)"
)
_NAMED_WAY = re.compile(r"\b(from|on|over|at|to|via)(?: (?:the|its|tcp|udp|service|destination|source))*$")
_SID = re.compile(r"\b(?:sid|rule|signature)(?: (?:number|no|id|:|=|#))* N(\d+)")


def read_things(sentences: Iterable[Sentence], context: TextContext, step: str) -> tuple[Fact, ...]:
    """Everything that the sentences name, each once."""
    facts: list[Fact] = []
    for sentence in sentences:
        found = (
            *_ports(sentence, step),
            *_words(sentence, step),
            *_tokens(sentence, step),
            *_sids(sentence, context, step),
        )
        facts.extend(found)
    return tuple(_once(_tied_only(facts)))


def _make(sentence: Sentence, kind: Kind, value: str, at: int, until: int, step: str) -> Fact:
    return Fact(kind, value, *sentence.span(at, until), standing_of(sentence, at, step))


def port_value(ip: str, port: int) -> str:
    """A port tied to its address, as in a URL: [2001:db8::1]:443 (RFC 3986, 3.2.2)."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _ports(sentence: Sentence, step: str) -> Iterator[Fact]:
    gloss, tokens = sentence.gloss, sentence.tokens
    for number, token in enumerate(tokens):
        if token.gloss == "A" and token.port is not None:
            at = sentence.starts[number]
            yield _make(sentence, Kind.PORT, port_value(token.value, token.port), at, at + 1, step)
    used: set[str] = set()
    every = tuple(triples_of(sentence))
    for side, port, found in _tied(gloss, sentence, every):
        if port not in used:
            used.add(port)
            yield from _port(sentence, tokens[int(side)].value, port, found.start(), found.end(), step)
    triples = [t for t in every if t.tail and t.head]
    for found in _LOOSE_PORT.finditer(gloss):
        port = found[1] or found[2] or found[3]
        if port not in used:
            owner = _owner(gloss[: found.start()].rstrip(), triples)
            yield from _port(sentence, owner, port, found.start(), found.end(), step)


def _tied(
    gloss: str, sentence: Sentence, triples: Iterable[Triple]
) -> Iterator[tuple[str, str, re.Match[str]]]:
    for pattern in (_PORT_OF_SIDE, _PORT_BEHIND):
        for found in pattern.finditer(gloss):
            port = next(group for group in found.groups()[1:] if group)
            if not _is_carried_along(sentence, found, triples):
                yield found[1], port, found
    for found in _SIDE_OF_PORT.finditer(gloss):
        yield found[3], found[1] or found[2], found


def _is_carried_along(sentence: Sentence, found: re.Match[str], triples: Iterable[Triple]) -> bool:
    """Is the port only near, and belongs to the other side: "reached from A over TCP on port 22", "B answered A
    on 53/udp"?"""
    if re.search(r"\b(?:on|over|at|via)\b", found[0]) is None:
        return False
    for triple in triples:
        side = sentence.tokens[int(found[1])].value
        if triple.at < found.start() < triple.until and (triple.tail == side) and triple.head:
            return True
    return False


def _owner(before: str, triples: list[Triple]) -> str:
    """Whose port it is by the sentence's triple: "on" and "to" the one who was asked, "from" the one who asked."""
    way = _NAMED_WAY.search(before)
    asked = [t for t in triples if t.kind in {Kind.OPENED, Kind.CLAIMED} and not t.is_role]
    if way is None or not asked or re.search(r"\b(?:answer|repl|respon)\w*", before):
        return ""
    if not any(t.at < len(before) for t in asked):
        return ""
    return asked[0].tail if way[1] == "from" else asked[0].head


def _port(sentence: Sentence, ip: str, token: str, at: int, until: int, step: str) -> Iterator[Fact]:
    number = int(sentence.tokens[int(token)].value[:6])
    if number <= 65535:
        value = port_value(ip, number) if ip else str(number)
        yield _make(sentence, Kind.PORT, value, at, until, step)


def _words(sentence: Sentence, step: str) -> Iterator[Fact]:
    gloss = sentence.gloss
    for found in _PROTOCOL.finditer(gloss):
        yield _make(sentence, Kind.PROTOCOL, found[1], found.start(), found.end(), step)
    for table, kind in ((_SERVICE, Kind.SERVICE), (_FLAGS, Kind.FLAG)):
        for name, pattern in table.items():
            for found in pattern.finditer(gloss):
                yield _make(sentence, kind, name, found.start(), found.end(), step)


def _tokens(sentence: Sentence, step: str) -> Iterator[Fact]:
    for number, token in enumerate(sentence.tokens):
        kind = {"R": Kind.RECORD, "T": Kind.TIME}.get(token.gloss)
        if kind is not None:
            at = sentence.starts[number]
            yield _make(sentence, kind, token.value, at, at + 1, step)


def _sids(sentence: Sentence, context: TextContext, step: str) -> Iterator[Fact]:
    named = {found[1] for found in _SID.finditer(sentence.gloss)}
    for number, token in enumerate(sentence.tokens):
        is_sid = str(number) in named or (token.value.isdigit() and int(token.value[:12]) in context.sids)
        if token.gloss == "N" and is_sid and len(token.value) >= 4:
            at = sentence.starts[number]
            yield _make(sentence, Kind.SID, token.value, at, at + 1, step)


def _tied_only(facts: list[Fact]) -> list[Fact]:
    """A port by itself says nothing more where the same text ties it to an address."""
    tied = {fact.value.rsplit(":", 1)[1] for fact in facts if fact.kind is Kind.PORT and ":" in fact.value}
    return [fact for fact in facts if not (fact.kind is Kind.PORT and fact.value in tied)]


def _once(facts: Iterable[Fact]) -> Iterator[Fact]:
    seen: set[tuple[Kind, str, str]] = set()
    for fact in facts:
        key = (fact.kind, fact.value, fact.standing)
        if key not in seen:
            seen.add(key)
            yield fact
