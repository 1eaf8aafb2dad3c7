"""What stands for characters that would not show themselves, or that change how others are drawn.

Evidence is written by strangers: a terminal's escape, a control of the writing direction or a tower of accents must be seen
for what it is, on a page as in a spreadsheet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Marks on one letter that a script may need; a tower of them covers other lines.
MAX_MARKS = 3
_PLAIN = re.compile(r"[\x20-\x7e\n\t]*")

# Unicode: bidi controls, zero width, tags, variation selectors of the supplement, line and paragraph separators.
_UNSEEN = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0")
_UNSEEN_RANGES = ((0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0xFFF9, 0xFFFB), (0xE0000, 0xE0FFF))

# The same, and more than MAX_MARKS of the usual combining marks, as they would stand in a whole page. A carriage return is
# harmless there.
_STRANGE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    + "".join(_UNSEEN)
    + "".join(f"{chr(first)}-{chr(last)}" for first, last in _UNSEEN_RANGES)
    + r"]|[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4,}"
)
# What a person types and gets back as it was.
_FIELDS = re.compile(r"(<textarea\b[^>]*>.*?</textarea>|\svalue=\"[^\"]*\")", re.DOTALL)


def is_plain(text: str) -> bool:
    """Is there nothing to spell? Most of what is shown is such."""
    return _PLAIN.fullmatch(text) is not None


def spell(text: str) -> Iterator[tuple[str, str]]:
    """Each character, with what stands for it: "" where it shows itself."""
    marks = 0
    for character in text:
        name = name_of(character)
        marks = marks + 1 if not name and unicodedata.category(character) in ("Mn", "Me") else 0
        yield character, name or (f"U+{ord(character):04X}" if marks > MAX_MARKS else "")


def spelled(text: str) -> str:
    """The text with all of them spelled out: `\\x1b`, `U+202E`."""
    return text if is_plain(text) else "".join(name or character for character, name in spell(text))


def spelled_page(html: str) -> str:
    """A whole page in which nothing hides, but what stands in a field: that is saved again as it was."""
    if not _STRANGE.search(html):
        return html
    parts = _FIELDS.split(html)
    parts[::2] = [_STRANGE.sub(lambda found: spelled(found[0]), part) for part in parts[::2]]
    return "".join(parts)


def on_one_line(text: str, longest: int = 4000) -> str:
    """The same on one line of a terminal: a line break or tab is spelled too, so that no record begins a line of its
    own, and what is longer than `longest` is cut with the number of characters left out."""
    told = spelled(text[:longest]).replace("\n", "\\n").replace("\t", "\\t")
    return told if len(text) <= longest else f"{told} … {len(text) - longest:,} more characters"


def name_of(character: str) -> str:
    """What stands for a character that would not show itself by itself; "" for one that does."""
    code = ord(character)
    if 0x20 <= code < 0x7F or character in "\n\t":
        return ""
    if code < 0xA0:
        return f"\\x{code:02x}"
    if 0xD800 <= code <= 0xDFFF:
        return f"\\u{code:04x}"
    is_unseen = character in _UNSEEN or any(first <= code <= last for first, last in _UNSEEN_RANGES)
    return f"U+{code:04X}" if is_unseen else ""
