"""Which version's key counts for a variant: its own, or that of a later one that was applied as a correction."""

from __future__ import annotations

from uuid import UUID

from tickets.models import Regrading, ScenarioVersion, Ticket, Variant
from tickets.models.truth import ScenarioKey


def erratum_in_force(cohort_id: UUID, variant: Variant) -> ScenarioVersion | None:
    """The version that corrects the variant's own for this class, as the newest applied regrading says."""
    applied = (
        Regrading.objects.filter(
            cause=Regrading.Cause.ERRATUM,
            state=Regrading.State.APPLIED,
            cohorts=cohort_id,
            corrects=variant.version_id,
        )
        .select_related("erratum")
        .order_by("-applied_at")
        .first()
    )
    return applied.erratum if applied is not None else None


def erratum_of(ticket: Ticket) -> ScenarioVersion | None:
    return erratum_in_force(ticket.item.assignment.cohort_id, ticket.variant)


def correctable_versions(erratum: ScenarioVersion) -> list[ScenarioVersion]:
    """The earlier versions that it can correct: what their trainees were shown is the same, story and rule.

    A rule that was wrong when it was shown is no erratum: the variants are broken.
    """
    key = ScenarioKey.objects.filter(version=erratum).first()
    earlier = erratum.scenario.versions.filter(number__lt=erratum.number, rule_text=erratum.rule_text)
    stories = dict(ScenarioKey.objects.filter(version__in=earlier).values_list("version", "story"))
    return [version for version in earlier if key is not None and stories.get(version.pk) == key.story]
