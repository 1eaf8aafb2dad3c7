"""What judging and grading read of some variants, fetched for all of them at once: one query for each kind of row.

A regrading goes through thousands of submissions, and asking for each row by itself would take longer than the engine
does. Whoever grades a single one gathers a single one. Nothing is fetched before it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from tickets.engine import ENGINE_VERSION
from tickets.grading import Forwarding, read_forwarded
from tickets.models import EvidenceFile, EvidenceRecord, ScenarioVersion, Variant
from tickets.models.truth import ScenarioKey, VariantGiven, VariantVerdict
from tickets.tasks.evidence import CONTEXT

# A line that names a client behind a proxy holds one of these words.
FORWARDING_WORDS = ("forwarded", "xff", "true-client-ip", "true_client_ip")


class Gathered:
    """The rows that belong to these variants. Files are whole, so a caller with many keeps an eye on their size."""

    def __init__(self, variants: Iterable[Variant]) -> None:
        self._variants = {variant.pk: variant for variant in variants}
        self._bundles = {variant.bundle_id for variant in self._variants.values()}
        self._errata: dict[UUID, ScenarioKey | None] = {}

    def files(self, variant: Variant) -> Sequence[EvidenceFile]:
        """All of them with what is in them, the author's notes too, in their order."""
        return self._files[variant.bundle_id]

    def notes(self, variant: Variant) -> tuple[str, ...]:
        """The author's notes, a line each."""
        return self._notes.get(variant.bundle_id, ())

    def key(self, version: ScenarioVersion) -> ScenarioKey | None:
        """What the author of a version states, also of one that corrects a variant's own."""
        if version.pk in self._keys:
            return self._keys[version.pk]
        if version.pk not in self._errata:
            self._errata[version.pk] = ScenarioKey.objects.filter(version=version).first()
        return self._errata[version.pk]

    def given(self, variant: Variant) -> VariantGiven | None:
        """What the engine was given of it besides its files."""
        return self._given.get(variant.pk)

    def verdict(self, variant: Variant, erratum: ScenarioVersion | None) -> VariantVerdict | None:
        """What the engine that runs has said of it, if it has."""
        return self._verdicts.get((variant.pk, erratum.pk if erratum is not None else None))

    def addresses(self, variant: Variant) -> frozenset[str]:
        """All that stand in its records."""
        return frozenset(self._addresses[variant.bundle_id])

    def forwarded(self, variant: Variant) -> frozenset[Forwarding]:
        """Which clients its log lines name behind which proxy."""
        return frozenset(self._forwarded[variant.bundle_id])

    @cached_property
    def _files(self) -> dict[UUID, list[EvidenceFile]]:
        found: dict[UUID, list[EvidenceFile]] = defaultdict(list)
        for file in EvidenceFile.objects.filter(bundle__in=self._bundles).order_by("position"):
            found[file.bundle_id].append(file)
        return found

    @cached_property
    def _notes(self) -> dict[UUID, tuple[str, ...]]:
        notes = EvidenceFile.objects.filter(bundle__in=self._bundles, format=CONTEXT).order_by()
        return {file.bundle_id: tuple(bytes(file.data).decode().splitlines()) for file in notes}

    @cached_property
    def _keys(self) -> dict[UUID, ScenarioKey]:
        versions = {variant.version_id for variant in self._variants.values()}
        return {key.version_id: key for key in ScenarioKey.objects.filter(version__in=versions)}

    @cached_property
    def _given(self) -> dict[UUID, VariantGiven]:
        return {given.variant_id: given for given in VariantGiven.objects.filter(variant__in=self._variants)}

    @cached_property
    def _verdicts(self) -> dict[tuple[UUID, UUID | None], VariantVerdict]:
        verdicts = VariantVerdict.objects.filter(variant__in=self._variants, engine_version=ENGINE_VERSION)
        return {(verdict.variant_id, verdict.erratum_id): verdict for verdict in verdicts.order_by()}

    @cached_property
    def _addresses(self) -> dict[UUID, set[str]]:
        found: dict[UUID, set[str]] = defaultdict(set)
        for field in ("src_ip", "dst_ip"):
            records = EvidenceRecord.objects.filter(bundle__in=self._bundles).exclude(**{field: ""})
            for bundle_id, address in records.order_by().values_list("bundle", field).distinct():
                found[bundle_id].add(address)
        return found

    @cached_property
    def _forwarded(self) -> dict[UUID, set[Forwarding]]:
        wanted = Q()
        for word in FORWARDING_WORDS:
            wanted |= Q(raw__icontains=word)
        records = EvidenceRecord.objects.filter(wanted, bundle__in=self._bundles)
        lines = records.exclude(src_ip="").exclude(kind="packet").order_by()
        found: dict[UUID, set[Forwarding]] = defaultdict(set)
        for bundle_id, proxy, raw in lines.values_list("bundle", "src_ip", "raw").iterator():
            found[bundle_id].update(Forwarding(proxy, client) for client in read_forwarded(raw))
        return found
