"""What is no statement of the trainee's: lists of keywords, pasted log lines, copies, repetitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tickets.grading.texts.facts import Passage, Stuffing, TextContext
from tickets.grading.texts.words import MAX_CHARS, Sentence, cut_sentences

KEYWORDS = 6  # a list of so many with nothing between them is no sentence
COPIED_WORDS = 4  # in a row, and the whole of the line

_LOG_LINE = re.compile(
    r"""\b(?:alert|drop|pass|reject)\s+(?:tcp|udp|icmp|ip)\s+\S+\s+\S+\s+(?:->|<>)   # a rule
      | %[A-Z]+-\d-\d{6}                           # Cisco
      | (?:\t[^\t]*){5}                            # columns
      | (?:\b\w+=\S+\s+){4}                        # key=value
    """,
    re.VERBOSE,
)
_STAMP = re.compile(
    r"""^\s*(?:\d{4}-\d\d-\d\d[T\ ]\d\d:\d\d|\d{10}\.\d+|[A-Z][a-z]{2}\s+\d{1,2}\s+(?:\d{4}\s+)?\d\d:\d\d:\d\d)\S*\s+\S+
    """,
    re.VERBOSE,
)
_JSON_NAME = re.compile(r'"[\w.]{1,40}"\s?:')
_SENTENCE_WORD = re.compile(
    r"\b(?:is|was|were|are|the|a|an|it|that|because|so|which|from|to|by|our|has|have|had|in|then|and|see|with)\b"
)
_ROLE = re.compile(
    r"->|<-|\b(?:client|server|source|destination|originator|responder|initiator|src|dst)\b|[a-z]+ : "
)
# One side, a word, the other side: "A calls B" is a sentence, however short.
_TRIPLE = re.compile(r"\bA\d+ (?!(?:syn|ack|rst|fin|tcp|udp|icmp)\b)[a-z]{3,} A\d+")
_KEYWORD = re.compile(
    r"\b(?:[ANPRT]\d+|syn-ack|syn|ack|rst|fin|psh|tcp|udp|icmp|https?|ssh|rdp|smb|dns|ftp|sip|telnet|established|refused|"
    r"rejected|unanswered|reply|reversed|mismatch|match|intent|scan|login|root|success|spoofed|backscatter|one-way|honeypot|"
    r"true positive|false positive|benign|undetermined|duplicate|tp\d|bn\d|fp\d|active|data|internal|external|port)\b"
)
_DISPOSITION = re.compile(r"\b(?:true positive|false positive|benign|undetermined|duplicate)\b")


def find_passages(text: str, context: TextContext) -> tuple[Passage, ...]:
    """The lines that are pasted, copied or only lists of words, and sentences that were there before."""
    return (*_lines(text, context), *_repetitions(text, context))


def _lines(text: str, context: TextContext) -> Iterator[Passage]:
    sources = tuple(_bare(source) for source in context.copied if source)
    at = 0
    for line in text[:MAX_CHARS].splitlines(keepends=True):
        why = _why(line, sources, context)
        if why is not None:
            yield Passage(why, at, at + len(line.rstrip("\r\n")))
        at += len(line)


def _why(line: str, sources: tuple[str, ...], context: TextContext) -> Stuffing | None:
    start = line[:2000]
    if len(_JSON_NAME.findall(start)) >= 3 or _LOG_LINE.search(start):
        return Stuffing.PASTED
    if _STAMP.search(start) and not _is_prose(line):
        return Stuffing.PASTED
    bare = _bare(line)
    if len(bare.split()) >= COPIED_WORDS and any(bare in source for source in sources):
        return Stuffing.COPIED
    return Stuffing.KEYWORDS if _is_list(line, context) else None


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _is_prose(line: str) -> bool:
    """A stamp at the beginning of a sentence does not make it a log line."""
    return len(_SENTENCE_WORD.findall(line.lower())) >= 3


def _is_list(line: str, context: TextContext) -> bool:
    for sentence in cut_sentences(line, context.hosts):
        if len(set(_DISPOSITION.findall(sentence.gloss))) >= 3:
            return True
        if any(pattern.search(sentence.gloss) for pattern in (_SENTENCE_WORD, _ROLE, _TRIPLE)):
            continue
        if len(_KEYWORD.findall(sentence.gloss)) >= KEYWORDS and _is_mostly_keywords(sentence):
            return True
    return False


def _is_mostly_keywords(sentence: Sentence) -> bool:
    rest = re.findall(r"[a-z]{2,}", _KEYWORD.sub("", sentence.gloss))
    return len(rest) <= len(_KEYWORD.findall(sentence.gloss)) / 2


def _repetitions(text: str, context: TextContext) -> Iterator[Passage]:
    seen: set[str] = set()
    for sentence in cut_sentences(text, context.hosts):
        said = _bare(text[sentence.start : sentence.end])
        if len(said.split()) >= 3 and said in seen:
            yield Passage(Stuffing.REPEATED, sentence.start, sentence.end)
        seen.add(said)
