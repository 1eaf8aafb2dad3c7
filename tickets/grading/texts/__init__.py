"""Free text, honestly: what the five steps' texts say, what they contradict, what they lack. No language model."""

from tickets.grading.texts.facts import Fact, Kind, Passage, Standing, Stuffing, TextContext, asserted
from tickets.grading.texts.marks import TextMark, mark_texts
from tickets.grading.texts.needs import CRITERION_OF, NEEDS, Need, services_of
from tickets.grading.texts.quality import FIGURES, FIRST_LOOK, Figures
from tickets.grading.texts.reading import Against, Contradiction, TextReading, read_text

__all__ = [
    "CRITERION_OF",
    "FIGURES",
    "FIRST_LOOK",
    "NEEDS",
    "Against",
    "Contradiction",
    "Fact",
    "Figures",
    "Kind",
    "Need",
    "Passage",
    "Standing",
    "Stuffing",
    "TextContext",
    "TextMark",
    "TextReading",
    "asserted",
    "mark_texts",
    "read_text",
    "services_of",
]
