"""What a worksheet is marked on: its fields, the records it pins, and its five texts."""

from __future__ import annotations

from enum import StrEnum

from tickets.methodology import STEP_NAMES


class Criterion(StrEnum):
    """The lines of the rubric, in the order in which they are shown."""

    REVERSED = "reversed"
    ORIGINATOR_IP = "originator_ip"
    ORIGINATOR_PORT = "originator_port"
    RESPONDER_IP = "responder_ip"
    RESPONDER_PORT = "responder_port"
    PROTOCOL = "protocol"
    OUTCOME = "outcome"
    INTENT = "intent"
    DISPOSITION = "disposition"
    REASON_CODE = "reason_code"
    EVIDENCE = "evidence"


class TextLine(StrEnum):
    """The texts of the five steps as lines of the rubric, behind the fields."""

    REASON = "text_reason"
    SUPPORTING_EVIDENCE = "text_supporting_evidence"
    ANALYSIS = "text_analysis"
    CONCLUSION = "text_conclusion"
    NEXT_STEPS = "text_next_steps"

    @property
    def step(self) -> str:
        return self.value.removeprefix("text_")


Line = Criterion | TextLine

LINE_OF_STEP = {step: TextLine(f"text_{step}") for step in STEP_NAMES}
