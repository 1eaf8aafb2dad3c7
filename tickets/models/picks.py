"""Which record decides? The one that a trainee named before the worked path opened. It is asked once and never changes."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from .grades import CriterionResult, Grade
from .identity import Identified, one_of
from .worksheets import Submission

# The lines of the rubric that ask for a claim, direction before outcome: without it the outcome has no sides.
ASKED_BY: Mapping[str, tuple[str, ...]] = {
    "originator": ("reversed", "originator_ip", "responder_ip"),
    "outcome": ("outcome",),
}


class RecordPick(Identified):
    class Claim(models.TextChoices):
        ORIGINATOR = "originator", _("who opened the conversation")
        OUTCOME = "outcome", _("what the outcome was")

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="pick")
    # The run that was shown when it was asked.
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="+")
    claim = models.CharField(max_length=10, choices=Claim.choices)
    # `capture.pcap:4`; blank where the trainee asked to be shown.
    place = models.CharField(max_length=160, blank=True)
    is_right = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            one_of("claim", ["originator", "outcome"], name="record_pick_claim_known"),
            models.CheckConstraint(
                condition=~models.Q(place="", is_right=True), name="no_record_is_never_the_right_one"
            ),
        ]

    def __str__(self) -> str:
        return self.place or "asked to be shown"


def claim_asked(grade: Grade) -> str:
    """Of which claim a trainee is to name the deciding record, "" for none: the first that came out wrong and that a
    record decides. A grade from before its proofs were kept asks nothing."""
    missed = {
        line.criterion for line in grade.criteria.all() if line.result != CriterionResult.Result.CORRECT
    }
    proofs = grade.lesson.get("proofs") or {}
    wrong = (claim for claim, lines in ASKED_BY.items() if proofs.get(claim) and missed.intersection(lines))
    return next(wrong, "")
