"""What a text can be read to say: facts with their places, and how the writer stands to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tickets.grading.answers import Answers
from tickets.grading.key import Key


class Kind(StrEnum):
    """The kinds of facts, each with the form of its value."""

    OPENED = "opened"  # "A>B": A asked B; one side may be open
    SENT = "sent"  # "A>B": something went from A to B
    CLAIMED = "claimed"  # "A>B": the alert, the rule or the queue is said to show this
    PORT = "port"  # "A:80", or "80" where it is tied to no address
    PROTOCOL = "protocol"
    SERVICE = "service"
    FLAG = "flag"
    RECORD = "record"  # "capture.pcap:1"
    TIME = "time"
    SID = "sid"
    OUTCOME = "outcome"  # as on the worksheet, or "failed" where only that much is said
    REVERSED = "reversed"
    INTENT = "intent"
    DISPOSITION = "disposition"
    CODE = "code"
    EXPECTATION = "expectation"
    BECAUSE = "because"
    ACTION = "action"


class Standing(StrEnum):
    """Only what is asserted earns anything; the rest is shown as read and not evaluated."""

    ASSERTED = "asserted"
    NEGATED = "negated"
    HEDGED = "hedged"  # guessed, asked, or laid into a condition


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a text says, and where: `text[start:end]`."""

    kind: Kind
    value: str
    start: int
    end: int
    standing: Standing = Standing.ASSERTED

    def __str__(self) -> str:
        return f"{self.kind} {self.value}".strip()


class Stuffing(StrEnum):
    """Why a passage is not read as the trainee's own statement."""

    KEYWORDS = "keywords"  # a list of words without a sentence
    PASTED = "pasted"  # log lines: evidence presented, not a fact stated
    COPIED = "copied"  # the rule or the ticket's own words
    REPEATED = "repeated"
    EVERYTHING = "everything"  # more addresses than the ticket has: the whole step is left to a person


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text that was not read, and why."""

    why: Stuffing
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextContext:
    """What a text is read against.

    `hosts` are the names that the ticket gives, in lower case, with their addresses; `addresses` every address
    that is in the ticket's evidence and notes; `copied` the rule, the statement and the alert's message;
    `claim` is the alert's own direction as "A>B"; `sids` the rules in play; `has_denial` whether any record says that a device denied the traffic."""

    answers: Answers
    key: Key | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    addresses: frozenset[str] = frozenset()
    copied: tuple[str, ...] = ()
    claim: str = ""
    sids: frozenset[int] = frozenset()
    has_denial: bool = True


def asserted(facts: Iterable[Fact], *kinds: Kind) -> tuple[Fact, ...]:
    """The facts of those kinds that the writer stands by."""
    return tuple(fact for fact in facts if fact.kind in kinds and fact.standing is Standing.ASSERTED)
