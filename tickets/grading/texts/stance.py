"""Does the writer stand by what a sentence says? Negated, guessed, asked and reported speech do not count.

Rules of thumb, and kept on the side of caution: what is in doubt is not evaluated, and earns nothing and
costs nothing (method: a negation within six words before, in the same clause, defeats a statement)."""

from __future__ import annotations

import re

from tickets.grading.texts.facts import Standing
from tickets.grading.texts.words import Sentence

REACH = 6  # words that a negation reaches forward

_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|none|neither|nor|nothing|without|cannot|isn't|rather than|instead of|"
    r"no one|hardly|wait(?:ed|ing)?|ruled out|excluded?)\b"
)
_CLAUSE_END = re.compile(
    r"[,;:()]|\b(?:but|because|so|since|therefore|then|while|although|and then|which|when|if)\b"
)
_HEDGE = re.compile(
    r"\b(?:maybe|may|might|perhaps|probably|possibly|presumably|could (?:be|have)|would|should have|if|unless|"
    r"unclear|unsure|not sure|not certain|uncertain|it depends|seems?|looks like|i guess|guess|suppos\w+|some say|others say|likely)\b"
)
# In the next steps a wish is an order: "I would escalate", "should the host answer, isolate it".
_HEDGE_OF_STEPS = re.compile(r"\b(?:maybe|might|perhaps|possibly|not sure|unsure|it depends)\b")
# "is looked for if": how some say what a rule does, and no condition. Nor is "as if".
_NO_CONDITION = re.compile(r"\b(?:as|look\w*|check\w*|test\w*|see|trigger\w*|fire\w*) if\b")


def standing_of(sentence: Sentence, at: int, step: str = "") -> Standing:
    """How the writer stands to what begins at this place of the gloss."""
    if is_hedged(sentence, step, at):
        return Standing.HEDGED
    return Standing.NEGATED if is_negated(sentence.gloss, at) else Standing.ASSERTED


def is_hedged(sentence: Sentence, step: str = "", at: int | None = None) -> bool:
    """Is the sentence a question, a guess or a condition? All of it, because "it is reversed, I guess" is a guess
    too; only "whether" leaves alone what stands before it."""
    if sentence.is_question:
        return True
    if "whether" in sentence.gloss[: len(sentence.gloss) if at is None else at].split():
        return True
    hedges = _HEDGE_OF_STEPS if step == "next_steps" else _HEDGE
    return hedges.search(_NO_CONDITION.sub("", sentence.gloss)) is not None


def is_negated(gloss: str, at: int) -> bool:
    """Does a negation stand within six words before this place, in the same clause?"""
    before = gloss[:at]
    ends = [found.end() for found in _CLAUSE_END.finditer(before)]
    clause = before[ends[-1] :] if ends else before
    near = " ".join(clause.split()[-REACH:])
    return _NEGATION.search(near) is not None
