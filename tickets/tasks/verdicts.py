"""The engine's verdict on a variant: the stored one of today's engine, or computed anew from the frozen evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Sum

from tickets.engine import (
    ENGINE_VERSION,
    Alert,
    Context,
    Endpoint,
    EngineError,
    EvidenceFile,
    Location,
    Protocol,
    Stated,
    Verdict,
    alert_from_plain,
    analyze,
    parse_rule,
    read_evidence,
    verdict_from_plain,
    verdict_to_plain,
)
from tickets.models import ScenarioVersion, Ticket, Variant, hash_json
from tickets.models.truth import ScenarioKey, VariantGiven, VariantVerdict
from tickets.packs import PackError, fill_variables
from tickets.tasks.errata import erratum_of
from tickets.tasks.evidence import evidence_among, visible_values
from tickets.tasks.gathering import Gathered
from tickets.tasks.jobs import JobError

# In bytes: what the engine reads in about a tenth of a second.
LARGEST_READ_AT_ONCE = 500_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and its hash, over the verdict as canonical JSON."""

    verdict: Verdict
    sha256: str


def current_verdict(
    variant: Variant, erratum: ScenarioVersion | None = None, gathered: Gathered | None = None
) -> Judged:
    """The verdict of the engine that runs; a new engine's first look at a variant is computed and stored.

    With an erratum, what its author states counts instead of what the variant's own version says. Who judges
    many variants has gathered what belongs to them.

    Raises EngineError for evidence that the engine of today cannot use.
    """
    gathered = gathered or Gathered([variant])
    stored = gathered.verdict(variant, erratum)
    if stored is not None:
        return Judged(verdict_from_plain(stored.verdict), stored.sha256)
    # Evidence may hold NUL and lone surrogates, which a PostgreSQL text may not.
    plain = visible_values(verdict_to_plain(judge_variant(variant, erratum, gathered)))
    sha256 = hash_json(plain)
    fresh = VariantVerdict(
        variant=variant, engine_version=ENGINE_VERSION, erratum=erratum, verdict=plain, sha256=sha256
    )
    # Whoever was first has stored the same: one engine says one thing of one evidence.
    VariantVerdict.objects.bulk_create([fresh], ignore_conflicts=True)
    return Judged(verdict_from_plain(fresh.verdict), sha256)


def is_quickly_judged(ticket: Ticket) -> bool:
    """Is the verdict that counts for it stored, or its evidence small enough to be read while somebody waits?"""
    variant, erratum = ticket.variant, erratum_of(ticket)
    if VariantVerdict.objects.filter(
        variant=variant, engine_version=ENGINE_VERSION, erratum=erratum
    ).exists():
        return True
    size = variant.bundle.files.aggregate(size=Sum("size"))["size"] or 0
    return size <= LARGEST_READ_AT_ONCE


def judge_variant(
    variant: Variant, erratum: ScenarioVersion | None = None, gathered: Gathered | None = None
) -> Verdict:
    """The engine's verdict, from the frozen evidence, the printed alert, the rule, and what the author states."""
    gathered = gathered or Gathered([variant])
    files = evidence_among(gathered.files(variant))
    key = gathered.key(erratum or variant.version)
    given = gathered.given(variant)
    context = Context(
        variables=_variables(key, given) if key else {},
        notes=gathered.notes(variant),
        inputs={name: _stated(entry) for name, entry in key.inputs.items()} if key else {},
    )
    return analyze(files, alert=_alert(variant, files, given), rule=_rule(variant.version), context=context)


def _variables(key: ScenarioKey, given: VariantGiven | None) -> dict[str, tuple[str, ...]]:
    """The key's variables with this variant's values in them."""
    try:
        return fill_variables(key.variables, given.values if given is not None else {})
    except PackError as error:
        raise JobError(" ".join(map(str, error.mistakes))) from error


def _rule(version: ScenarioVersion) -> str | None:
    """The rule that fired; None where all that the author had was the alert's signature line."""
    try:
        return parse_rule(version.rule_text).raw
    except EngineError:
        return None


def _stated(entry: Mapping[str, Any]) -> Stated:
    return Stated(value=entry["value"], notes=tuple(entry.get("notes", ())))


def _alert(variant: Variant, files: list[EvidenceFile], given: VariantGiven | None) -> Alert:
    if given is not None and given.alert is not None:
        return alert_from_plain(given.alert)
    if not variant.alert_record:
        return Alert(
            protocol=Protocol(variant.alert_protocol),
            src=Endpoint(variant.alert_src_ip, variant.alert_src_port),
            dst=Endpoint(variant.alert_dst_ip, variant.alert_dst_port),
            sid=variant.alert_sid,
            message=variant.alert_message,
            category=variant.alert_category,
            action=variant.alert_action,
            time_ns=_nanoseconds(variant.alert_time),
        )
    name, _, number = variant.alert_record.rpartition(":")
    place = Location(name, int(number))
    for file in files:
        if file.name != name:
            continue
        for record in read_evidence(file.name, file.data).records:
            if isinstance(record, Alert) and record.location == place:
                return record
    raise JobError(f"The alert's own record {variant.alert_record} is not in the evidence.")


def _nanoseconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1) * 1000
