"""What a simulated trainee has before him, and what is right in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.engine import Claim, Endpoint, Outcome, Protocol, Record, Reversed, Verdict
from tickets.grading import Answers, Criterion, Key, model_answers


@dataclass(frozen=True, slots=True)
class World:
    """What a trainee has before him, and what is right in it."""

    verdict: Verdict
    key: Key
    records: Sequence[Record] = ()

    @property
    def model(self) -> Answers:
        return model_answers(self.key)

    @property
    def sides(self) -> tuple[Endpoint, Endpoint] | None:
        """Originator and responder, where the key names them."""
        orig, resp = self.key.originator, self.key.responder
        return None if orig is None or resp is None else (orig, resp)

    @property
    def outcome(self) -> Outcome | None:
        return self.verdict.outcome if self.key.is_marked(Criterion.OUTCOME) else None

    def is_reversed(self, truth: Reversed) -> bool:
        return self.key.is_marked(Criterion.REVERSED) and self.verdict.reversed is truth

    def is_protocol(self, protocol: Protocol) -> bool:
        conversation = self.verdict.conversation
        return conversation is not None and conversation.protocol is protocol

    def control_says(self, word: str) -> bool:
        findings = (item for item in self.verdict.findings if item.claim is Claim.EFFECT)
        return any(item.value == word for item in findings)
