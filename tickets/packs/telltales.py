"""Words that give the answer away: the key in its own words, and names that tell what only the author knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tickets.engine import Outcome, ReasonCode


def _words(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(words)})(?![^\W_])", re.IGNORECASE)


_VERDICT = (
    *(code.value for code in ReasonCode if code is not ReasonCode.UN),
    "revers(?:ed|al)",
    "backwards?",
    "swapped",
    "flipped",
    "return(?:ing)? traffic",
    "back-?scatter",
    "originator",
    "responder",
    "true[ _-]positive",
    "false[ _-]positive",
    "benign",
)
_OUTCOMES = tuple(outcome.value.replace("_", "[ _-]") for outcome in Outcome)

# What no hint may say: it leads to the record, and leaves the judgement.
VERDICT_WORDS = _words(*_VERDICT)
# What a title, statement, note, message, value or file name may not say.
TELLTALES = _words(*_OUTCOMES, *_VERDICT)
# What nobody calls a machine, a sensor or a ticket that is still to be judged.
NAME_TELLTALES = _words(
    "attack(?:s|ed|ers?)?",
    "victims?",
    "evil",
    "malware",
    "malicious",
    "compromised?",
    "infected",
    "hack(?:ed|ers?)?",
    "harmless",
    "innocent",
    "spoof(?:ed|ing)?",
    "fake",
    "decepti(?:on|ve)",
    "legitimate",
    "false alarm",
    "back-?door",
    "succeeded",
    "failed",
)


def tell_tales(text: str, *patterns: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Each word that tells, once and in lower case, with the place in the text where it first stands."""
    first: dict[str, int] = {}
    for pattern in patterns:
        for found in pattern.finditer(text):
            first.setdefault(found[0].lower(), found.start())
    yield from ((at, word) for word, at in first.items())
