"""What each trainee gets of a mixed assignment, and in which order: rows as `tickets.allocation` takes them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from uuid import UUID

from tickets.allocation import RUN, Candidate, allocate
from tickets.engine import Disposition, EngineError, Reversed, parse_rule
from tickets.models import Assignment, AssignmentItem, ScenarioVersion, Ticket, User
from tickets.models.truth import ScenarioKey, VariantVerdict
from tickets.packs import read_expected


class Strata:
    """What is true of versions, as far as tickets are mixed by it. Looked up once for a whole class."""

    def __init__(self, versions: Iterable[ScenarioVersion]) -> None:
        self._known: dict[UUID, Candidate] = {}
        self._look_up(versions)

    def of(self, version: ScenarioVersion) -> Candidate:
        if version.pk not in self._known:
            self._look_up([version])
        return self._known[version.pk]

    def _look_up(self, versions: Iterable[ScenarioVersion]) -> None:
        by_id = {version.pk: version for version in versions}
        keys = ScenarioKey.objects.filter(version__in=by_id).exclude(source="")
        for key in keys.select_related("version__scenario"):
            self._known[key.version_id] = _from_scenario(key)
        uploads = [version for pk, version in by_id.items() if pk not in self._known]
        for version in uploads:
            self._known[version.pk] = _from_verdict(version)


def _from_scenario(key: ScenarioKey) -> Candidate:
    """All variants of a scenario teach the same, and the author says what."""
    version, expected = key.version, read_expected(key.source)
    return Candidate(
        version.pk,
        expected.reversed is Reversed.YES,
        expected.disposition,
        _sid(version),
        version.scenario.family,
        frozenset(key.contrast),
    )


def _from_verdict(version: ScenarioVersion) -> Candidate:
    """An upload has its one variant's verdict, which may leave the ticket open."""
    row = VariantVerdict.objects.filter(variant__version=version).order_by("-created_at").first()
    verdict = row.verdict if row is not None else {}
    disposition = Disposition(verdict.get("disposition") or Disposition.UNDETERMINED)
    return Candidate(version.pk, verdict.get("reversed") == Reversed.YES, disposition, _sid(version))


def _sid(version: ScenarioVersion) -> str:
    """Alerts of one rule are those that may be confused: two of them with other directions are a contrast."""
    try:
        return str(parse_rule(version.rule_text).sid)
    except EngineError:  # an upload may have come without its rule
        return ""


def read_histories(trainees: Sequence[User]) -> dict[UUID, list[Ticket]]:
    """All tickets of each trainee in the order of the work, with their items and versions."""
    histories: dict[UUID, list[Ticket]] = {trainee.pk: [] for trainee in trainees}
    tickets = Ticket.objects.filter(trainee__in=trainees).select_related("item__version")
    for ticket in tickets.order_by(
        "item__assignment__created_at", "position", "item__position", "created_at"
    ):
        histories[ticket.trainee_id].append(ticket)
    return histories


def mix_items(
    assignment: Assignment, items: Sequence[AssignmentItem], history: Sequence[Ticket], strata: Strata
) -> list[tuple[int, AssignmentItem]]:
    """The items of which a trainee with this history still lacks a ticket, as many as are due, each with its place in
    his or her order."""
    here = [ticket for ticket in history if ticket.item.assignment_id == assignment.pk]
    served = {ticket.item_id for ticket in here}
    waiting = {item.pk: item for item in items if item.pk not in served}
    due = len(waiting) if assignment.tickets_each is None else max(0, assignment.tickets_each - len(served))
    pool = [strata.of(item.version)._replace(key=pk) for pk, item in waiting.items()]
    before = [strata.of(ticket.item.version) for ticket in history[-(RUN - 1) :]]
    order = allocate(pool, due, secrets.randbelow, before).order
    last = max((ticket.position for ticket in here), default=0)
    return [(last + place, waiting[_item_id(found)]) for place, found in enumerate(order, start=1)]


def _item_id(candidate: Candidate) -> UUID:
    assert isinstance(candidate.key, UUID)
    return candidate.key
