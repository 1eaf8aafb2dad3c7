"""What a worksheet may hold, and how what was typed becomes values that can be compared.

A malformed value is a problem to show beside its field, never a wrong answer: the form shows it
on save and refuses it on submit, so the marking only ever sees values of the right type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeVar

from tickets.engine import (
    DISPOSITION_OF,
    Disposition,
    IntentMatch,
    Location,
    Outcome,
    Protocol,
    ReasonCode,
    Reversed,
)
from tickets.grading.spellings import (
    DASHES,
    MalformedError,
    Place,
    as_typed,
    read_place,
    read_port,
    read_protocol,
)
from tickets.methodology import STEP_NAMES

ReversedAnswer = Reversed


class OutcomeAnswer(StrEnum):
    """The engine's outcomes, and the honest answer where the records do not settle it."""

    ESTABLISHED = Outcome.ESTABLISHED.value
    REFUSED = Outcome.REFUSED.value
    REJECTED = Outcome.REJECTED.value
    UNANSWERED = Outcome.UNANSWERED.value
    MIDSTREAM = Outcome.MIDSTREAM.value
    ONE_WAY = Outcome.ONE_WAY.value
    CANNOT_BE_DETERMINED = "cannot_be_determined"


class Confidence(IntEnum):
    """How sure the trainee is: below 67 %, up to 80 %, above. Recorded, not marked."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Action(StrEnum):
    """What is to happen with the ticket now: the kinds of next steps, which a text may name as well."""

    CLOSE = "close"
    TUNE = "tune"
    WATCH = "watch"
    INVESTIGATE = "investigate"
    NOTIFY = "notify"
    ESCALATE = "escalate"
    CONTAIN = "contain"


class FieldProblem(NamedTuple):
    """A value that cannot be read: the worksheet's field and one sentence that helps."""

    field: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A worksheet in comparable values. None is a blank; addresses are canonical text (RFC 5952).

    `evidence` are the pinned records, each once, in the order they were pinned; `actions` the chosen next steps,
    each once, in the order of `Action`; `texts` holds
    the five steps by name, "" where nothing was written."""

    originator_ip: str | None = None
    originator_port: int | None = None
    responder_ip: str | None = None
    responder_port: int | None = None
    protocol: Protocol | None = None
    reversed: ReversedAnswer | None = None
    outcome: OutcomeAnswer | None = None
    intent: IntentMatch | None = None
    disposition: Disposition | None = None
    reason_code: ReasonCode | None = None
    confidence: Confidence | None = None
    evidence: tuple[Location, ...] = ()
    actions: tuple[Action, ...] = ()
    texts: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(STEP_NAMES, ""))


T = TypeVar("T")

_PIN = re.compile(r"([^\s:][^:]*):([1-9]\d{0,9})", re.ASCII)


def _read_choice(kind: Callable[[str], T], text: str, choices: Iterable[object]) -> T:
    try:
        return kind(text)
    except ValueError:
        raise MalformedError(f"Choose one of {', '.join(str(choice) for choice in choices)}.") from None


def _word(text: str) -> str:
    return re.sub(rf"[\s\-{DASHES}]+", "_", text.lower())


def _read_reversed(text: str) -> ReversedAnswer:
    return _read_choice(ReversedAnswer, _word(text), ReversedAnswer)


def _read_outcome(text: str) -> OutcomeAnswer:
    return _read_choice(OutcomeAnswer, _word(text), OutcomeAnswer)


def _read_intent(text: str) -> IntentMatch:
    return _read_choice(IntentMatch, _word(text), IntentMatch)


def _read_disposition(text: str) -> Disposition:
    return _read_choice(Disposition, _word(text), Disposition)


def _read_reason_code(text: str) -> ReasonCode:
    return _read_choice(ReasonCode, text.upper(), ReasonCode)


def _read_confidence(text: str) -> Confidence:
    if text not in {"1", "2", "3"}:
        raise MalformedError("Choose 1, 2 or 3.")
    return Confidence(int(text))


def _read_action(text: str) -> Action:
    return _read_choice(Action, _word(text), Action)


def _read_pin(text: str) -> Location:
    found = _PIN.fullmatch(text)
    if found is None:
        raise MalformedError(
            "A pinned record is a file's name, a colon and the record's number, as in capture.pcap:1."
        )
    return Location(found[1], int(found[2]))


class _Reader:
    """Reads one worksheet's fields and collects what cannot be read."""

    def __init__(self, raw: Mapping[str, object]) -> None:
        self.raw = raw
        self.problems: list[FieldProblem] = []

    def read(self, name: str, how: Callable[[str], T]) -> T | None:
        return self._try(name, how, as_typed(self.raw.get(name) or ""))

    def read_end(self, side: str) -> tuple[str | None, int | None]:
        """One end's address and port. `203.0.113.80:80` in the address field is both, as it was typed: where
        the port field is blank it counts for both fields, where that holds the same port it counts for the
        address, and where that holds another port it is a problem, because one of the two is a slip."""
        place = self.read(f"{side}_ip", read_place) or Place(None, None)
        port = self.read(f"{side}_port", read_port)
        is_blank = not as_typed(self.raw.get(f"{side}_port") or "")
        if place.port is None or place.port == port:
            return place.ip, port
        if is_blank:
            return place.ip, place.port
        if port is None:  # the port field's own problem is enough
            return None, None
        told = (
            f"The port here, {place.port}, is not the one in the port field, {port}: write the address alone."
        )
        self.problems.append(FieldProblem(f"{side}_ip", told))
        return None, port

    def read_pins(self) -> tuple[Location, ...]:
        return self._read_each("evidence", _read_pin)

    def read_actions(self) -> tuple[Action, ...]:
        chosen = self._read_each("actions", _read_action)
        return tuple(action for action in Action if action in chosen)

    def _read_each(self, name: str, how: Callable[[str], T]) -> tuple[T, ...]:
        given = self.raw.get(name) or ()
        listed = given if isinstance(given, list | tuple) else (given,)
        read = (self._try(name, how, as_typed(one)) for one in listed)
        return tuple(dict.fromkeys(one for one in read if one is not None))

    def read_texts(self) -> dict[str, str]:
        return {step: str(self.raw.get(step) or "").replace("\r\n", "\n").strip() for step in STEP_NAMES}

    def _try(self, name: str, how: Callable[[str], T], text: str) -> T | None:
        if not text:
            return None
        try:
            return how(text)
        except MalformedError as malformed:
            self.problems.append(FieldProblem(name, str(malformed)))
            return None


def read_answers(raw: Mapping[str, object]) -> tuple[Answers, tuple[FieldProblem, ...]]:
    """The worksheet's fields by name, as posted (text; `evidence` and `actions` lists of texts), to values.

    Returns the answers, where what is blank or malformed is None, and every problem in the
    order of the fields. Nothing is raised for anything a trainee can type."""
    reader = _Reader(raw)
    originator_ip, originator_port = reader.read_end("originator")
    responder_ip, responder_port = reader.read_end("responder")
    answers = Answers(
        originator_ip=originator_ip,
        originator_port=originator_port,
        responder_ip=responder_ip,
        responder_port=responder_port,
        protocol=reader.read("protocol", read_protocol),
        reversed=reader.read("reversed", _read_reversed),
        outcome=reader.read("outcome", _read_outcome),
        intent=reader.read("intent", _read_intent),
        disposition=reader.read("disposition", _read_disposition),
        reason_code=reader.read("reason_code", _read_reason_code),
        confidence=reader.read("confidence", _read_confidence),
        evidence=reader.read_pins(),
        actions=reader.read_actions(),
        texts=reader.read_texts(),
    )
    return answers, (*reader.problems, *_contradictions(answers))


def read_unmended(raw: Mapping[str, object]) -> Answers:
    """The answers of a worksheet that nobody was asked to mend: what cannot be read, or be a reason for its
    disposition, counts as not answered."""
    answers, _ = read_answers(raw)
    return replace(answers, reason_code=None) if _contradictions(answers) else answers


def _contradictions(answers: Answers) -> tuple[FieldProblem, ...]:
    code, disposition = answers.reason_code, answers.disposition
    if code is None or disposition is None or DISPOSITION_OF[code] is disposition:
        return ()
    words = disposition.value.replace("_", " ")
    fitting = ", ".join(c.value for c, owner in DISPOSITION_OF.items() if owner is disposition)
    return (FieldProblem("reason_code", f"{code} is not a reason for {words}: choose {fitting}."),)


def answers_to_plain(answers: Answers) -> dict[str, str | list[str]]:
    """The same worksheet as a form would post it: text by field, "" for a blank; `read_answers` turns it back."""
    plain: dict[str, str | list[str]] = {}
    for name in (
        "originator_ip",
        "originator_port",
        "responder_ip",
        "responder_port",
        "protocol",
        "reversed",
        "outcome",
        "intent",
        "disposition",
        "reason_code",
    ):
        value = getattr(answers, name)
        plain[name] = "" if value is None else str(value)
    plain["confidence"] = "" if answers.confidence is None else str(int(answers.confidence))
    plain["evidence"] = [str(pin) for pin in answers.evidence]
    plain["actions"] = [str(action) for action in answers.actions]
    return plain | dict(answers.texts)
