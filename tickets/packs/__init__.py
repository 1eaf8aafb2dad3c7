"""The scenario file: reading it, with all mistakes at once and their lines. See docs/scenario-file.md."""

from .context import Section, read_context, read_headings
from .document import Mistake, PackError, line_of
from .review import Flaw, review_packs
from .scenario import (
    Accepted,
    Expected,
    Filled,
    Level,
    Scenario,
    Severity,
    fill_scenario,
    fill_variables,
    placeholders,
    read_expected,
    read_scenario,
    setting_of,
)
from .schema import pack_schema
from .telltales import TELLTALES, tell_tales

__all__ = [
    "TELLTALES",
    "Accepted",
    "Expected",
    "Filled",
    "Flaw",
    "Level",
    "Mistake",
    "PackError",
    "Scenario",
    "Section",
    "Severity",
    "fill_scenario",
    "fill_variables",
    "line_of",
    "pack_schema",
    "placeholders",
    "read_context",
    "read_expected",
    "read_headings",
    "read_scenario",
    "review_packs",
    "setting_of",
    "tell_tales",
]
