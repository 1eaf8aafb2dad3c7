"""A text cut into sentences of tokens, each with its place, so that everything found later can be shown.

The sentence's `gloss` is what the patterns run over: lower case, spelling mended, one blank between tokens,
and a capital letter with the token's number for what is not a word (A3 is an address or a host's name)."""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tickets.grading.spellings import refang

MAX_CHARS = 20_000  # of one step; what stands behind is not read
MAX_TOKENS = 120  # of one sentence; a longer one is cut, so that no pattern runs over more

_DOT = r"(?:\.|[\[({]\s*(?:\.|dot)\s*[\])}])"
_COLON = r"(?::|[\[({]\s*:\s*[\])}])"
_LEXER = re.compile(
    rf"""
    (?P<time>(?:\d{{4}}-\d\d-\d\d[T ])?(?<![\d:.])(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?![\d:])(?:\.\d+)?Z?)
  | (?P<record>(?:context|[A-Za-z][\w-]*(?:\.[\w-]+)*\.(?:pcapng|pcap|cap|json|log|txt|csv|xml|jsonl)):[1-9]\d{{0,8}}(?:-\d+)?)
  | (?P<v4>(?<![\w.])\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?!\.?\d)(?::(?P<v4port>\d{{1,5}})(?!\.?\d))?)
  | (?P<v6>(?<![\w:])(?:\[(?P<v6bare>[0-9a-fA-F:.]{{2,45}})\]:(?P<v6port>\d{{1,5}})
        |\[?[0-9a-fA-F]{{0,4}}(?:{_COLON}[0-9a-fA-F]{{0,4}}){{2,7}}\]?)(?![\w:]))
  | (?P<portproto>(?<![\w.])(?:(?P<n1>\d{{1,5}})\s?/\s?(?P<p1>tcp|udp)|(?P<p2>tcp|udp)\s?/\s?(?P<n2>\d{{1,5}}))(?!\w))
  | (?P<synack>(?<!\w)syn\s?[-/+_ ]?\s?acks?(?!\w))
  | (?P<arrow><?[-=]+>|<[-=]+|→|⇒|←|(?<=\s)[<>](?=\s))
  | (?P<word>[A-Za-z](?:[\w'’-]|\.(?=[A-Za-z0-9]))*)
  | (?P<number>\d+)
  | (?P<mark>[^\s\w])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SENTENCE_MARKS = frozenset(".?!")
_BULLET = re.compile(r"(?:\d{1,2}[.)]|[-*•+])\s+")


@dataclass(frozen=True, slots=True)
class Token:
    """`gloss` is the letter of what is not a word, or the word in lower case; `value` an address or a number."""

    gloss: str
    value: str
    port: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    tokens: tuple[Token, ...]
    gloss: str
    starts: tuple[int, ...]  # where each token begins in the gloss
    is_question: bool
    start: int
    end: int

    def token_at(self, place: int) -> int:
        """The number of the token that covers this place of the gloss."""
        return max(bisect_right(self.starts, place) - 1, 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text of a match in the gloss."""
        return self.tokens[self.token_at(start)].start, self.tokens[self.token_at(max(end - 1, start))].end


def cut_sentences(text: str, hosts: Mapping[str, str]) -> tuple[Sentence, ...]:
    """The sentences of a text; a line's end ends a sentence too, as in a list."""
    found: list[Sentence] = []
    at = 0
    for line in text[:MAX_CHARS].splitlines(keepends=True):
        found.extend(_cut_line(line, at, hosts))
        at += len(line)
    return tuple(found)


def _cut_line(line: str, at: int, hosts: Mapping[str, str]) -> Iterator[Sentence]:
    tokens: list[Token] = []
    bullet = _BULLET.match(line)
    for token in _tokens(line, bullet.end() if bullet else 0, at, hosts):
        if token.gloss in _SENTENCE_MARKS:
            if tokens:
                yield _sentence(tokens, is_question=token.gloss == "?")
            tokens = []
        else:
            tokens.append(token)
        if len(tokens) >= MAX_TOKENS:
            yield _sentence(tokens, is_question=False)
            tokens = []
    if tokens:
        yield _sentence(tokens, is_question=False)


def _sentence(tokens: Iterable[Token], *, is_question: bool) -> Sentence:
    kept = tuple(tokens)
    parts, starts, at = [], [], 0
    for number, token in enumerate(kept):
        part = f"{token.gloss}{number}" if token.gloss.isupper() else token.gloss
        parts.append(part)
        starts.append(at)
        at += len(part) + 1
    return Sentence(kept, " ".join(parts), tuple(starts), is_question, kept[0].start, kept[-1].end)


def _tokens(line: str, skip: int, at: int, hosts: Mapping[str, str]) -> Iterator[Token]:
    position = skip
    while (found := _LEXER.search(line, position)) is not None:
        position = found.end()
        yield from _token(found, at, hosts)


def _token(found: re.Match[str], at: int, hosts: Mapping[str, str]) -> Iterator[Token]:
    start, end, raw = at + found.start(), at + found.end(), found[0]
    named = {name: value for name, value in found.groupdict().items() if value is not None}
    if "v4" in named or "v6" in named:
        yield _address(raw, named, start, end)
    elif "portproto" in named:
        yield Token("P", named.get("n1") or named["n2"], None, start, end)
        yield Token((named.get("p1") or named["p2"]).lower(), "", None, start, end)
    elif "word" in named:
        yield from _words(raw, start, end, hosts)
    else:
        yield _single(raw, named, start, end)


def _single(raw: str, named: Mapping[str, str], start: int, end: int) -> Token:
    """A token that stands for itself."""
    if "time" in named:
        return Token("T", _clock(raw), None, start, end)
    if "record" in named:
        return Token("R", re.sub(r"-\d+$", "", raw), None, start, end)
    if "number" in named:
        return Token("N", raw, None, start, end)
    if "synack" in named:
        return Token("syn-ack", "", None, start, end)
    if "arrow" in named:
        return Token("<-" if raw[0] in "<←" and ">" not in raw else "->", "", None, start, end)
    return Token(raw, "", None, start, end)


def _clock(raw: str) -> str:
    found = re.search(r"\d{1,2}:\d\d:\d\d", raw)
    return found[0] if found else raw


def _address(raw: str, named: Mapping[str, str], start: int, end: int) -> Token:
    port = named.get("v4port") or named.get("v6port")
    bare = named.get("v6bare") or refang(raw if "v6" in named else raw.rsplit(":", 1)[0] if port else raw)
    try:
        address = ipaddress.ip_address(bare.strip("[]"))
    except ValueError:
        return Token("X", raw, None, start, end)  # a number with dots that is no address
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    usable = int(port) if port is not None and int(port) <= 65535 else None
    return Token("A", str(address), usable, start, end)


_SHORT = {
    "didn't": "did not",
    "don't": "do not",
    "doesn't": "does not",
    "isn't": "is not",
    "wasn't": "was not",
    "aren't": "are not",
    "weren't": "were not",
    "can't": "can not",
    "cannot": "can not",
    "couldn't": "could not",
    "won't": "will not",
    "wouldn't": "would not",
    "hasn't": "has not",
    "haven't": "have not",
    "hadn't": "had not",
    "it's": "it is",
    "that's": "that is",
    "there's": "there is",
}


def _words(raw: str, start: int, end: int, hosts: Mapping[str, str]) -> Iterator[Token]:
    word = raw.lower().replace("’", "'")
    bare = word.removesuffix("'s")
    if bare in hosts:
        yield Token("A", hosts[bare], None, start, start + len(bare))
        return
    for part in _SHORT.get(word, _mend(bare)).split():
        yield Token(part, raw, None, start, end)


# The words that a slip of the pen may be mended to: those that the patterns turn on, six letters or more.
_MENDABLE = (
    "connect connects connected connecting connection connections established establish refused rejected unanswered "
    "answered answer response responded replied initiated initiator originator responder received successful "
    "successfully success reversed direction destination source handshake firewall positive benign backward blocked "
    "escalate isolate monitor because immediately expected expects contacted scanned"
).split()
_MENDED = {
    "prot": "port",
    "porto": "port",
    "recieved": "received",
    "positiv": "positive",
    "adress": "address",
}
_KNOWN = frozenset(_MENDABLE) | {"respond", "responds", "sourced", "sources", "rejects", "refuses", "answers"}
# Words of their own that stand near one of them.
_REAL = frozenset(
    "connector refuse reject expect contract contracted resource resources reverse reserved reflected reflects "
    "excepted contained contains correction corrected collected collection convention scanner scanners position "
    "positions relieved refuted blocker blocking initiates responding replies answering".split()
)


@lru_cache(maxsize=4096)
def _mend(word: str) -> str:
    """The word that was meant where one or two letters are wrong; else the word itself."""
    if word in _MENDED:
        return _MENDED[word]
    if len(word) < 6 or len(word) > 16 or word in _KNOWN or word in _REAL or not word.isalpha():
        return word
    near = [
        (d, w) for w in _MENDABLE if w[0] == word[0] and (d := _distance(word, w)) <= (1 if len(w) < 8 else 2)
    ]
    best = min(near, default=(0, word))[1]
    return word if best.startswith(word) or word.startswith(best) else best


def _distance(one: str, other: str) -> int:
    """Letters to change, add, drop or exchange with a neighbour (optimal string alignment)."""
    if abs(len(one) - len(other)) > 2:
        return 9
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]
