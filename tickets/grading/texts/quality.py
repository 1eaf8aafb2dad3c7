"""How well the texts are read: the figures shown to instructors, beside the marks that rest on them.

Measured on answers that were written and labelled by hand for this purpose (tests/grading/texts/answers.yaml).
A third was kept aside while the reader was made, and its errors were looked at once, at the end. FIRST_LOOK is what
came out before anyone looked: the figure to judge the reader by. Three faults that were found then (a pasted rule read
as prose, "A calls B" taken for a list of words, a port after a host's name) would have cost trainees something and were
mended, so FIGURES, which a test measures again each time, are a little better than a new set of texts would give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """`right` facts were read and are labelled, `wrong` ones read and not labelled, `missed` ones labelled and
    not read."""

    name: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what is read, the share that the text says."""
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of what the texts say, the share that is read."""
        return self.right / (self.right + self.missed)


LABELLED_TEXTS = 230
KEPT_ASIDE = 76  # the texts behind these figures

FIRST_LOOK = Figures("all facts, before the errors were looked at", 213, 4, 7)

FIGURES: tuple[Figures, ...] = (
    Figures("all facts", 219, 2, 1),
    Figures("who turned to whom", 39, 1, 1),
    Figures("ports, protocols, flags, records and other names", 85, 0, 0),
    Figures("outcomes, dispositions, actions and other statements", 95, 1, 0),
    Figures("contradictions with the trainee's own fields", 15, 0, 0),
)
