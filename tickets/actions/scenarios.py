"""Scenarios become rows: what a scenario file says is a version, and what it does not say to trainees its key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tickets.engine import parse_rule, rule_reads
from tickets.models import AuditRecord, Scenario, ScenarioVersion, User
from tickets.models.truth import ScenarioKey
from tickets.packs import Flaw, read_scenario, review_packs
from tickets.packs import Scenario as Pack


def catalogue_lessons() -> dict[str, str]:
    """The families of the catalogue, and the lesson that each belongs to."""
    path = Path(settings.BASE_DIR) / "fixtures" / "scenario_catalogue.json"
    return {row["id"]: row["lesson"] for row in json.loads(path.read_text(encoding="utf-8"))}


class PackRefusedError(Exception):
    """A scenario file that is not taken, with all that is wrong with it."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = flaws
        super().__init__("\n".join(map(str, flaws)))


def import_pack(name: str, text: str, by: User) -> ScenarioVersion:
    """The version that this scenario file says; a file that did not change adds none. What a superuser imports is
    shared, what an instructor imports is his or her own. PackRefusedError tells all mistakes, and nothing is stored."""
    owner = None if by.is_superuser else by
    others = set(Scenario.objects.exclude(owner=owner).values_list("slug", flat=True))
    if flaws := review_packs({name: text}, catalogue_lessons(), others):
        raise PackRefusedError(flaws)
    with transaction.atomic():
        version = install_scenario(read_scenario(text), owner)
        AuditRecord.objects.record("scenario.imported", version, actor=by, sha256=version.content_sha256)
    return version


def install_scenario(pack: Pack, owner: User | None = None) -> ScenarioVersion:
    """The version of a scenario that says what the file says; a file that did not change adds none."""
    sha256 = hashlib.sha256(pack.source.encode()).hexdigest()
    with transaction.atomic():
        says = {"family": pack.family, "lesson": pack.lesson, "level": pack.level}
        scenario, _ = Scenario.objects.update_or_create(
            slug=pack.slug, defaults=says, create_defaults={**says, "owner": owner}
        )
        newest = scenario.versions.order_by("-number").first()
        if newest is not None and newest.content_sha256 == sha256:
            return newest
        scenario.versions.filter(state=ScenarioVersion.State.PUBLISHED).update(
            state=ScenarioVersion.State.RETIRED
        )
        version = ScenarioVersion.objects.create(
            scenario=scenario,
            number=newest.number + 1 if newest else 1,
            state=ScenarioVersion.State.PUBLISHED,
            published_at=timezone.now(),
            title=pack.title,
            severity=pack.severity,
            sensor=pack.sensor,
            statement=pack.statement,
            rule_text=pack.rule,
            rule_reads=rule_reads(parse_rule(pack.rule)),
            weights=dict(pack.weights),
            skills=list(pack.skills),
            headings=[heading.value for heading in pack.headings],
            content_sha256=sha256,
        )
        _store_key(version, pack)
    return version


def _store_key(version: ScenarioVersion, pack: Pack) -> None:
    ScenarioKey.objects.create(
        version=version,
        story=pack.story,
        source=pack.source,
        inputs={name: asdict(stated) for name, stated in pack.context.inputs.items()},
        variables={name: list(values) for name, values in pack.context.variables.items()},
        accepted=[asdict(accepted) for accepted in pack.accepted],
        next_steps="\n".join(pack.next_steps),
        attack=asdict(pack.attack),
        contrast=list(pack.contrast),
    )
