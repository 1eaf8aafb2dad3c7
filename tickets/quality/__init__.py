"""Proves a variant fair before anyone sees it: what the story made true and what the evidence shows agree."""

from tickets.quality.variant import Fault, check_variant

__all__ = ["Fault", "check_variant"]
