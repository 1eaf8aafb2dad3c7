"""The five steps of the SOC method: the one place that names them.

The method (Reason, Supporting Evidence, Analysis, Conclusion, Next Steps) is Tyler Wall's.
The prompts are our own words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    name: str  # the form field and the JSON key
    title: str
    prompt: str
    percent: int  # of a ticket's time that it usually deserves; a guide, never a mark


STEPS = (
    Step(
        1,
        "reason",
        "Reason",
        "Why did this alert fire? Say what the rule looks for, what in this traffic matched it, and which side it expects to act.",
        5,
    ),
    Step(
        2,
        "supporting_evidence",
        "Supporting evidence",
        "From what IP, to what IP, over what port, by what protocol, and when? Pin the records that show it.",
        40,
    ),
    Step(
        3,
        "analysis",
        "Analysis",
        "Who opened the connection, and did it succeed? Argue from the records, and say which other explanation you ruled out.",
        40,
    ),
    Step(
        4,
        "conclusion",
        "Conclusion",
        "One disposition and the reason for it, in one or two sentences, with the impact.",
        10,
    ),
    Step(
        5,
        "next_steps",
        "Next steps",
        "What happens now, in order, and who does it: close, tune, watch, escalate or contain.",
        5,
    ),
)
STEP_NAMES = tuple(step.name for step in STEPS)


# What an instructor's 0, 1 and 2 mean in each step. Facts are read by machine; here an argument is judged.
LEVELS: dict[str, tuple[str, str, str]] = {
    "reason": (
        "Repeats the title.",
        "Says what the rule matches.",
        "Also says what the rule assumes.",
    ),
    "supporting_evidence": (
        "Prose about a screenshot.",
        "The sides, the port and the protocol are complete.",
        "Each fact with its source, and one independent confirmation.",
    ),
    "analysis": (
        "Asserts.",
        "One valid inference.",
        "Excludes the best alternative and names a limit.",
    ),
    "conclusion": (
        "None, or two.",
        "A verdict.",
        "A verdict, its reason, and how sure.",
    ),
    "next_steps": (
        "Generic.",
        "In proportion.",
        "Specific, in order, with an owner or the text of a tuning request.",
    ),
}
MOST_LEVEL = 2
