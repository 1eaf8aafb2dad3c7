"""Proves a variant fair before anyone sees it: what the story made true and what the evidence shows agree."""

from tickets.quality.catalogue import FamilyProof, prove_family, seed_number
from tickets.quality.report import Check, Fault, Report, Volume, report_from_plain, report_to_plain
from tickets.quality.surface import Siblings
from tickets.quality.truth import tell_unexpected
from tickets.quality.variant import Proven, check_variant, prove_variant

__all__ = [
    "Check",
    "FamilyProof",
    "Fault",
    "Proven",
    "Report",
    "Siblings",
    "Volume",
    "check_variant",
    "prove_family",
    "prove_variant",
    "report_from_plain",
    "report_to_plain",
    "seed_number",
    "tell_unexpected",
]
