"""Measures: formulas over many grades, each with its n and its uncertainty. Pure."""

from tickets.measures.clusters import measure_clustered_share
from tickets.measures.confusion import BLANK, DISPOSITIONS, Confusion, measure_confusion
from tickets.measures.intervals import Display, Share, classify_display, measure_share, wilson
from tickets.measures.misconceptions import (
    Exposure,
    MisconceptionRate,
    measure_misconceptions,
)

__all__ = [
    "BLANK",
    "DISPOSITIONS",
    "Confusion",
    "Display",
    "Exposure",
    "MisconceptionRate",
    "Share",
    "classify_display",
    "measure_clustered_share",
    "measure_confusion",
    "measure_misconceptions",
    "measure_share",
    "wilson",
]
