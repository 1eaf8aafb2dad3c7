"""Finds the words that a script would show by itself: a small scanner, for test_words_are_marked.

A script takes what it shows from `data-say-...` attributes, which a template fills with marked words. So none of its
own literals may be prose, and none at all with a letter in it may be put where people read or hear it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.wording import WORD, Found

TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.DOTALL
)
# What a template literal takes from elsewhere, and the place of a marked pattern that a script fills in: `{clock}`.
FILLED = re.compile(r"\$\{.*?(?:\}|$)|\{\w+\}", re.DOTALL)
# The literal goes, on this line, into what is read or heard. The rest of the line up to it is code.
SHOWN = re.compile(
    r"(?:\.(?:textContent|innerText|innerHTML|title|placeholder|ariaLabel|alt)\s*\+?=(?!=)"
    r"|setAttribute\(\"(?:aria-label|aria-description|title|placeholder|alt)\","
    r"|(?:new Option|createTextNode|append|prepend|alert|confirm)\()[^;]*$"
)
# The literal is looked up or listened for: a selector, a name, a form of time.
ASKED = re.compile(
    r"(?:querySelector|querySelectorAll|closest|matches|getElementById|getAttribute|createElement"
    r"|toLocale(?:Time|Date)?String|addEventListener)\(\s*$"
)
PROSE = re.compile(r"[A-Z][a-z]+|[\w'’-]+[,:;]? [\w'’-]+(?:[\w ,:;.?!'’+-])*")
KEYS = frozenset({"Arrow", "Delete", "End", "Enter", "Escape", "Home", "Tab"})
# A selector that a constant holds: names of elements with commas between them.
ELEMENTS = re.compile(r"(?:(?:, )?\b(?:a|button|details|input|select|summary|textarea|tr))+")


def script_words(source: str) -> Iterator[Found]:
    """Each literal of visible words, with the number of its line (from 1)."""
    for token in TOKEN.finditer(source):
        literal = token.group()
        if literal.startswith("/"):
            continue
        words = FILLED.sub("", literal[1:-1])
        before = source[source.rfind("\n", 0, token.start()) + 1 : token.start()]
        if ASKED.search(before) or words in KEYS or ELEMENTS.fullmatch(words) or not WORD.search(words):
            continue
        if SHOWN.search(before) or PROSE.fullmatch(words.strip()):
            yield Found(1 + source.count("\n", 0, token.start()), literal[1:-1])
