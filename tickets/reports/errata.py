"""What a corrected scenario corrects: the marks, the key, and the words of a later version held against an earlier one's.

Only who may approve a regrading reads this: it speaks of the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.grading import LABELS, Criterion, Weights, read_weights
from tickets.models import Regrading, ScenarioVersion, Ticket
from tickets.models.truth import ScenarioKey

INPUTS = {
    "auth": _("Authorised"),
    "role": _("Role of the target"),
    "origin": _("Side of the acting party"),
    "mal": _("Malicious purpose"),
    "evid": _("Proof of success"),
    "dup": _("Ticketed already"),
    "data_error": _("Error in the data"),
}


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that the later version says otherwise; "" where a side does not say it."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """An earlier version, what of it is corrected, and how many tickets of the classes concerned show it."""

    version: ScenarioVersion
    corrections: list[Correction]
    tickets: int


def read_corrections(regrading: Regrading) -> list[Corrected]:
    """By earlier version, the newest first; none for a regrading of another cause."""
    erratum = regrading.erratum
    if erratum is None:
        return []
    return [
        Corrected(earlier, list(corrections_of(earlier, erratum)), _tickets(regrading, earlier))
        for earlier in regrading.corrects.order_by("-number")
    ]


def _tickets(regrading: Regrading, version: ScenarioVersion) -> int:
    concerned = Ticket.objects.filter(
        voided_at=None, variant__version=version, item__assignment__cohort__in=regrading.cohorts.all()
    )
    return concerned.count()


def corrections_of(earlier: ScenarioVersion, later: ScenarioVersion) -> Iterator[Correction]:
    """Weights, then what the author states, then the codes that are accepted beside the key."""
    yield from _between(_weights(earlier), _weights(later))
    old, new = (ScenarioKey.objects.filter(version=version).first() for version in (earlier, later))
    if old is not None and new is not None:
        yield from _between(_inputs(old), _inputs(new))
        yield from _between(_variables(old), _variables(new))
        yield from _between(_accepted(old), _accepted(new))


def _between(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Correction]:
    for what in dict.fromkeys((*old, *new)):
        if old.get(what, "") != new.get(what, ""):
            yield Correction(what, old.get(what, ""), new.get(what, ""))


def _weights(version: ScenarioVersion) -> dict[str, str]:
    weights: Weights = read_weights(version.weights)
    fields = {
        gettext("Marks: %(line)s") % {"line": LABELS[line]}: _points(weights.fields[line])
        for line in Criterion
    }
    return {
        **fields,
        gettext("Marks: each text"): _points(weights.text),
        gettext("Marks: each text, by an instructor"): _points(weights.rubric),
    }


def _points(points: object) -> str:
    return f"{float(str(points)):g}"


def _inputs(key: ScenarioKey) -> dict[str, str]:
    """As `unk` is the same as not stated, it is not told."""
    stated = {name: str(entry["value"]) for name, entry in key.inputs.items() if entry["value"] != "unk"}
    return {
        gettext("Stated: %(name)s") % {"name": INPUTS.get(name, name)}: value
        for name, value in stated.items()
    }


def _variables(key: ScenarioKey) -> dict[str, str]:
    return {
        gettext("Network: %(name)s") % {"name": name}: ", ".join(values)
        for name, values in key.variables.items()
    }


def _accepted(key: ScenarioKey) -> dict[str, str]:
    return {
        gettext("Accepted: %(code)s")
        % {"code": row["reason_code"]}: f"{float(row['credit']):.0%}, {row['reason']}"
        for row in key.accepted
    }
