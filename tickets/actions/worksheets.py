"""A worksheet's way from the first look to the submission.

Saving is optimistic: a save names the version it was typed upon, and one that names another version
changes nothing and gets the stored draft to show beside its own. Submitting freezes the worksheet,
leaves the job that grades it, and notes both, in one transaction; no broker is asked. Whatever is
raised here, nothing was stored.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext

from tickets.actions.history import keep_draft
from tickets.grading import Action, read_answers
from tickets.models import (
    ANSWER_FIELDS,
    TEXT_FIELDS,
    EvidenceRecord,
    Submission,
    Ticket,
    Worksheet,
    hash_json,
)
from tickets.tasks.submissions import store_submission

MAX_ANSWER_LENGTH = 255
MAX_TEXT_LENGTH = 20_000
MAX_PINS = 50
MAX_PIN_LENGTH = 140
_TEXT_TYPES = (str, int, float)
_ACTIONS = tuple(action.value for action in Action)


class WorksheetError(Exception):
    """Why a worksheet was not saved or not submitted, in one sentence for the trainee."""


class WorksheetConflictError(WorksheetError):
    """The draft was saved elsewhere meanwhile. `stored` is the newer draft; nothing was overwritten."""

    def __init__(self, stored: Worksheet) -> None:
        self.stored = stored
        super().__init__(gettext("This worksheet was saved in another window. Nothing was overwritten."))


class AlreadySubmittedError(WorksheetError):
    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        super().__init__(gettext("This worksheet has been submitted and can no longer be changed."))


class KeyReusedError(WorksheetError):
    """The key of another submission came with other answers or for another ticket."""

    def __init__(self) -> None:
        super().__init__(gettext("This submission was sent before with other answers. The first one stands."))


class AssignmentClosedError(WorksheetError):
    pass


class InvalidWorksheetError(WorksheetError):
    """`problems` has a sentence for each field that cannot be taken, by the field's name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


# -- Opening and saving ------------------------------------------------------------------------


def open_ticket(ticket: Ticket, now: datetime) -> Worksheet:
    """The ticket's worksheet, made on the first look, which is also the moment the ticket was opened."""
    if ticket.opened_at is None:
        Ticket.objects.filter(pk=ticket.pk, opened_at=None).update(opened_at=now)
        ticket.refresh_from_db(fields=["opened_at"])
    worksheet: Worksheet | None = getattr(ticket, "worksheet", None)
    return worksheet or Worksheet.objects.get_or_create(ticket=ticket)[0]


def save_worksheet(
    ticket: Ticket, *, version: int, answers: Mapping[str, object], now: datetime
) -> Worksheet:
    """Store the whole draft as typed; a field that is not in `answers` is blank. Returns it, one version on.

    Raises WorksheetConflictError, AlreadySubmittedError, AssignmentClosedError, or
    InvalidWorksheetError for what is too long or pins a record that is not there. A value that is
    merely wrong or unfinished is kept.
    """
    require_open(ticket, now)
    values = read_draft(ticket, answers)
    if not _update(ticket, version, values, now):
        with transaction.atomic():
            # A tool may save without having looked at the ticket's page first.
            _, is_new = Worksheet.objects.get_or_create(ticket=ticket)
            if not (is_new and _update(ticket, version, values, now)):
                return _stored_already(ticket, values)
    saved = Worksheet.objects.get(ticket=ticket)
    keep_draft(saved)
    return saved


def _update(ticket: Ticket, version: int, values: Mapping[str, object], now: datetime) -> int:
    # No join: Django would put it, and the version with it, into a subquery, which PostgreSQL does not look at
    # again after it waited for a submission in progress. The row's own version it does.
    is_submitted = Exists(Submission.objects.filter(ticket=OuterRef("ticket")))
    drafts = Worksheet.objects.filter(~is_submitted, ticket=ticket, version=version)
    return drafts.update(version=F("version") + 1, saved_at=now, **values)


def _stored_already(ticket: Ticket, values: Mapping[str, object]) -> Worksheet:
    """The stored draft, where it says just the same: the answer to an earlier save was lost on its way."""
    submission = Submission.objects.filter(ticket=ticket).first()
    if submission is not None:
        raise AlreadySubmittedError(submission)
    stored = Worksheet.objects.get(ticket=ticket)
    if stored.answers() != values:
        raise WorksheetConflictError(stored)
    return stored


def require_open(ticket: Ticket, now: datetime) -> None:
    """Raises AssignmentClosedError where the ticket takes no work at this moment."""
    if ticket.voided_at is not None:
        raise AssignmentClosedError(gettext("This ticket was withdrawn by an instructor."))
    if ticket.excluded_at is not None:
        raise AssignmentClosedError(
            gettext("This ticket does not count any more, so the worksheet can stay as it is.")
        )
    assignment = ticket.item.assignment
    if assignment.takes_work_at(now):
        return
    if assignment.closes_at is not None and now >= assignment.closes_at:
        raise AssignmentClosedError(
            gettext("This assignment is closed, so the worksheet can no longer be changed.")
        )
    raise AssignmentClosedError(gettext("This assignment is not open yet."))


# -- What a draft may hold ---------------------------------------------------------------------


def read_draft(ticket: Ticket, answers: Mapping[str, object]) -> dict[str, object]:
    """The columns of a worksheet from what was typed: text by field, `evidence` as a list of pins, `actions` as
    a list of chosen next steps.

    Raises InvalidWorksheetError naming every field that no worksheet can hold.
    """
    problems: dict[str, str] = {}
    values: dict[str, object] = {}
    for name in ANSWER_FIELDS + TEXT_FIELDS:
        limit = MAX_ANSWER_LENGTH if name in ANSWER_FIELDS else MAX_TEXT_LENGTH
        given = answers.get(name, "")
        values[name] = text = storable(str("" if given is None else given))
        if given is not None and not isinstance(given, _TEXT_TYPES):
            problems[name] = gettext("This must be text.")
        elif len(text) > limit:
            problems[name] = gettext("This is %(count)s characters long; there is room for %(limit)s.") % {
                "count": f"{len(text):,}",
                "limit": f"{limit:,}",
            }
    values["evidence"], problem = _read_pins(ticket, answers.get("evidence"))
    if problem:
        problems["evidence"] = problem
    values["actions"], problem = _read_actions(answers.get("actions"))
    if problem:
        problems["actions"] = problem
    if problems:
        raise InvalidWorksheetError(problems)
    return values


def _read_actions(given: object) -> tuple[list[str], str]:
    """The chosen next steps, each once, in the order of the choice, and a sentence about what is wrong, or ""."""
    chosen = given if isinstance(given, list | tuple) else [given] if given else []
    unknown = [one for one in chosen if one not in _ACTIONS]
    if unknown:
        return [], gettext("A next step is one of %(names)s.") % {"names": ", ".join(_ACTIONS)}
    return [action for action in _ACTIONS if action in chosen], ""


def storable(text: str) -> str:
    """The text as both databases hold it: no NUL and no lone surrogate, which PostgreSQL refuses, and
    line ends as `\\n` whatever the browser sent. What is replaced stays visible."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "␀")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _read_pins(ticket: Ticket, given: object) -> tuple[list[str], str]:
    """The pins, each once, in their order, and a sentence about what is wrong with them, or ""."""
    if not given:
        return [], ""
    listed = given if isinstance(given, list | tuple) else [given]
    texts = [storable(pin).strip() for pin in listed if isinstance(pin, str)]
    if len(texts) < len(listed):
        return [], gettext("Pinned records are a list of texts such as capture.pcap:1.")
    pins = list(dict.fromkeys(texts))
    if len(pins) > MAX_PINS:
        return (
            [],
            gettext("%(count)s records are pinned; at most %(most)s can be. Keep those that prove something.")
            % {"count": len(pins), "most": MAX_PINS},
        )
    places = {pin: _place(pin) for pin in pins}
    known = _known_places(ticket, [place for place in places.values() if place])
    unknown = [pin for pin, place in places.items() if place is None or place not in known]
    if unknown:
        return [], gettext("There is no record %(unknown)s in this ticket's evidence.") % {
            "unknown": unknown[0][:MAX_PIN_LENGTH]
        }
    return [f"{file}:{number}" for file, number in dict.fromkeys(filter(None, places.values()))], ""


def _place(pin: str) -> tuple[str, int] | None:
    file, colon, number = pin.rpartition(":")
    # Ten digits would not fit the column, and no evidence has so many records.
    is_place = bool(file and colon and number.isascii() and number.isdigit() and len(number) < 10)
    return (file, int(number)) if is_place and len(pin) <= MAX_PIN_LENGTH else None


def _known_places(ticket: Ticket, places: list[tuple[str, int]]) -> set[tuple[str, int]]:
    if not places:
        return set()
    by_file: dict[str, list[int]] = {}
    for file, number in places:
        by_file.setdefault(file, []).append(number)
    wanted = Q()
    for file, numbers in by_file.items():
        wanted |= Q(file__name=file, number__in=numbers)
    records = EvidenceRecord.objects.filter(wanted, bundle=ticket.variant.bundle_id)
    return set(records.order_by().values_list("file__name", "number"))


# -- Submitting --------------------------------------------------------------------------------


def submit_worksheet(
    ticket: Ticket,
    *,
    key: uuid.UUID,
    version: int,
    answers: Mapping[str, object] | None,
    received_at: datetime,
) -> Submission:
    """Freeze the worksheet and leave the job that grades it. `answers` None submits the draft as stored.

    The same key with the same answers is the same POST sent again: it gets the first submission, whenever
    it comes. `received_at` is when the request arrived, and decides whether that was in time.

    Raises InvalidWorksheetError for values that cannot be read, AlreadySubmittedError,
    WorksheetConflictError, AssignmentClosedError, KeyReusedError.
    """
    values = None if answers is None else read_draft(ticket, answers)
    try:
        with transaction.atomic():
            # The draft's row is where everybody who saves or submits this ticket stands in line.
            draft, _ = Worksheet.objects.select_for_update().get_or_create(ticket=ticket)
            frozen = draft.answers() if values is None else values
            found = _sent_before(ticket, key)
            if found is not None:
                return _replay(found, ticket, key, hash_json(frozen))
            require_open(ticket, received_at)
            # The page's own autosave may have overtaken its submit: the same words are no conflict.
            if draft.version != version and (values is None or draft.answers() != frozen):
                raise WorksheetConflictError(draft)
            return _freeze(ticket, key, frozen, received_at)
    except IntegrityError:
        # Only the key can clash, and only with another ticket's at this very moment.
        if Submission.objects.filter(key=key).exists():
            raise KeyReusedError from None
        raise


def _sent_before(ticket: Ticket, key: uuid.UUID) -> Submission | None:
    found = Submission.objects.filter(ticket=ticket).first()
    return found or Submission.objects.filter(key=key).first()


def _replay(found: Submission, ticket: Ticket, key: uuid.UUID, sha256: str) -> Submission:
    if found.key != key:
        raise AlreadySubmittedError(found)
    if found.ticket_id != ticket.pk or found.sha256 != sha256:
        raise KeyReusedError
    return found


def _freeze(
    ticket: Ticket, key: uuid.UUID, frozen: Mapping[str, object], received_at: datetime
) -> Submission:
    read, problems = read_answers(frozen)
    if problems:
        raise InvalidWorksheetError({problem.field: problem.problem for problem in reversed(problems)})
    return store_submission(
        ticket, key=key, frozen=frozen, confidence=read.confidence, received_at=received_at
    )
