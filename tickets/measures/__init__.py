"""Measures: formulas over many grades, each with its n and its uncertainty. Pure."""

from tickets.measures.clusters import measure_clustered_share
from tickets.measures.confusion import BLANK, DISPOSITIONS, Confusion, measure_confusion
from tickets.measures.intervals import Display, Share, classify_display, measure_share, wilson
from tickets.measures.mastery import Evidence, Lack, Mastery, State, measure_mastery
from tickets.measures.misconceptions import (
    Exposure,
    MisconceptionRate,
    measure_misconceptions,
)
from tickets.measures.repairs import (
    REPAIRED_AFTER,
    IdeaHistory,
    IdeaState,
    Meeting,
    measure_repairs,
)
from tickets.measures.skill_evidence import GradedTicket, Mark, evidence_of

__all__ = [
    "BLANK",
    "DISPOSITIONS",
    "REPAIRED_AFTER",
    "Confusion",
    "Display",
    "Evidence",
    "Exposure",
    "GradedTicket",
    "IdeaHistory",
    "IdeaState",
    "Lack",
    "Mark",
    "Mastery",
    "Meeting",
    "MisconceptionRate",
    "Share",
    "State",
    "classify_display",
    "evidence_of",
    "measure_clustered_share",
    "measure_confusion",
    "measure_mastery",
    "measure_misconceptions",
    "measure_repairs",
    "measure_share",
    "wilson",
]
