"""Scenarios become rows: what a scenario file says is a version, and what it does not say to trainees its key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tickets.engine import parse_rule, rule_reads
from tickets.models import Scenario, ScenarioVersion
from tickets.models.truth import ScenarioKey
from tickets.packs import Scenario as Pack


def catalogue_lessons() -> dict[str, str]:
    """The families of the catalogue, and the lesson that each belongs to."""
    path = Path(settings.BASE_DIR) / "fixtures" / "scenario_catalogue.json"
    return {row["id"]: row["lesson"] for row in json.loads(path.read_text(encoding="utf-8"))}


def install_scenario(pack: Pack) -> ScenarioVersion:
    """The version of a shared scenario that says what the file says; a file that did not change adds none."""
    sha256 = hashlib.sha256(pack.source.encode()).hexdigest()
    with transaction.atomic():
        scenario, _ = Scenario.objects.update_or_create(
            slug=pack.slug, defaults={"family": pack.family, "lesson": pack.lesson, "level": pack.level}
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
    )
