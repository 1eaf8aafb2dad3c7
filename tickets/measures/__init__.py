"""Measures: formulas over many grades, each with its n and its uncertainty. Pure."""

from tickets.measures.clusters import measure_clustered_share
from tickets.measures.confusion import BLANK, DISPOSITIONS, Confusion, measure_confusion
from tickets.measures.facility import Facility, Observation, measure_facility
from tickets.measures.intervals import Display, Share, classify_display, measure_share, wilson
from tickets.measures.misconceptions import (
    MIN_EXPOSED,
    Exposure,
    MisconceptionRate,
    measure_misconceptions,
)

__all__ = [
    "BLANK",
    "DISPOSITIONS",
    "MIN_EXPOSED",
    "Confusion",
    "Display",
    "Exposure",
    "Facility",
    "MisconceptionRate",
    "Observation",
    "Share",
    "classify_display",
    "measure_clustered_share",
    "measure_confusion",
    "measure_facility",
    "measure_misconceptions",
    "measure_share",
    "wilson",
]
