"""Finds the words of a template that a reader sees and no translator: a small scanner, for test_words_are_marked.

It reads a template as Django's lexer cuts it, puts one stand-in character for each tag and variable, and looks at
what is left: text between HTML tags, and the attributes that people read or hear."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.template.base import Lexer, Token, TokenType

# What is the same in every language: names, signs of a unit or a measure, file formats, what is typed as it stands.
NAMES = re.compile(r"(?<!\w)(?:SOC Trainer|UTC|SHA-256|CSV|NICE|IDS|TCP|n|T-7K2QX9|\\xff)(?!\w)")
CODE_ELEMENTS = frozenset({"code", "kbd", "script", "style"})
HUMAN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "label", "data-title", "data-label")
# What a template gives a script to show.
SAID = "data-say-"
# Blocks that fill an attribute of the base template.
CLASS_BLOCKS = frozenset({"body_class", "bodyclass"})

# A tag or variable stands as one of these: what it prints is marked or data, or it holds a literal of words.
CLEAN, WORDY = "\ue000", "\ue001"
HTML_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z!][\w-]*)((?:[^\"'>]|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]+)\s*=\s*\"([^\"]*)\"")
LITERAL = r"(?:\"[^\"]*\"|'[^']*')"
WORD = re.compile(r"[^\W\d_]")
# Filters whose argument is printed, as `default:"none"` is; marked, it is `default:_("none")`.
PRINTED_ARGUMENT = re.compile(rf"\|(?:default|default_if_none|yesno|join|add):({LITERAL})")
PASSED_ON = re.compile(rf"\w+=({LITERAL})")
ICON_LABEL = re.compile(rf"icon\s+\S+\s+({LITERAL})")


@dataclass(frozen=True)
class Found:
    line: int
    words: str


def unmarked(source: str) -> list[Found]:
    """Words of a template that are not marked for translation, each with the number of its line (from 1)."""
    flat = "".join(_stand_ins(source))
    found = [_found(flat, position, text) for position, text in _seen(flat) if _has_words(text)]
    pluralized = [
        Found(1 + source.count("\n", 0, match.start()), match.group())
        for match in re.finditer(r"\|pluralize[^|}\s]*", source)
    ]
    return sorted(found + pluralized, key=lambda each: each.line)


def _found(flat: str, position: int, text: str) -> Found:
    first = next(place for place, sign in enumerate(text) if sign == WORDY or WORD.match(sign))
    readable = text.replace(CLEAN, "…").replace(WORDY, "<a literal in a tag>")
    return Found(1 + flat.count("\n", 0, position + first), " ".join(readable.split()))


def _stand_ins(source: str) -> Iterator[str]:
    """The template with its marked text, tags and variables taken out, and its line breaks kept."""
    inside = ""
    for token in Lexer(source).tokenize():
        name = token.split_contents()[0] if token.token_type == TokenType.BLOCK else ""
        if inside:
            yield "\n" * token.contents.count("\n")
            inside = "" if name == "end" + inside else inside
        elif token.token_type == TokenType.TEXT:
            yield token.contents
        elif token.token_type == TokenType.VAR:
            yield WORDY if _prints_words(token.contents) else CLEAN
        elif name:
            inside = _unseen(token)
            yield WORDY if _passes_words(name, token.contents) else CLEAN


def _unseen(token: Token) -> str:
    """The name of a tag whose inside is marked, or is no text that anybody sees."""
    name, *rest = token.split_contents()
    fills_attribute = name == "block" and rest[0] in CLASS_BLOCKS
    return name if name in ("blocktranslate", "comment") or fills_attribute else ""


def _prints_words(expression: str) -> bool:
    return (
        any(WORD.search(literal) for literal in PRINTED_ARGUMENT.findall(expression))
        and "ftp-data" not in expression
    )


def _passes_words(name: str, contents: str) -> bool:
    """Whether a tag hands a sentence or a heading on: `{% include ... with title="Closed rightly" %}`."""
    if name == "icon":
        return bool(ICON_LABEL.search(contents))
    if name in ("include", "with"):
        return any(re.search(r"[A-Z ]", literal) for literal in PASSED_ON.findall(contents))
    return name == "blocktranslate" and _prints_words(contents)


def _seen(flat: str) -> Iterator[tuple[int, str]]:
    """What a reader sees or hears of a page: its position and its words."""
    start, skipped = 0, ""
    for tag in HTML_TAG.finditer(flat):
        if not skipped:
            yield start, flat[start : tag.start()]
        start = tag.end()
        closing, name, attributes = tag.group(1), (tag.group(2) or "").lower(), tag.group(3) or ""
        if skipped:
            skipped = "" if closing and name == skipped else skipped
        elif name in CODE_ELEMENTS and not closing:
            skipped = name
        submits = name == "input" and 'type="submit"' in attributes
        for attribute, value in ATTRIBUTE.findall(attributes):
            is_human = attribute in HUMAN_ATTRIBUTES or attribute.startswith(SAID)
            if is_human or (attribute == "value" and submits):
                yield tag.start(), value
    yield start, flat[start:]


def _has_words(text: str) -> bool:
    if WORDY in text:
        return True
    return bool(WORD.search(NAMES.sub("", html.unescape(text.replace(CLEAN, " ")))))
