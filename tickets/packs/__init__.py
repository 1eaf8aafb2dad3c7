"""The scenario file: reading it, with all mistakes at once and their lines. See docs/scenario-file.md."""

from .context import Section, read_context
from .document import Mistake, PackError
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
    read_scenario,
    setting_of,
)

__all__ = [
    "Accepted",
    "Expected",
    "Filled",
    "Level",
    "Mistake",
    "PackError",
    "Scenario",
    "Section",
    "Severity",
    "fill_scenario",
    "fill_variables",
    "placeholders",
    "read_context",
    "read_scenario",
    "setting_of",
]
