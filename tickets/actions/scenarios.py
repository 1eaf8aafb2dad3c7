"""Scenarios become rows: what a scenario file says is a version, and what it does not say to trainees its key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from tickets.engine import EvidenceFile, parse_rule, rule_reads
from tickets.models import Scenario, ScenarioVersion, User
from tickets.models.truth import ScenarioKey
from tickets.packs import Scenario as Pack


def install_scenario(
    pack: Pack, owner: User | None = None, files: Sequence[EvidenceFile] = ()
) -> ScenarioVersion:
    """The version of a scenario that says what the file says, with the evidence beside it; where neither changed
    none is added."""
    sha256 = _hash(pack.source, files)
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


def _hash(source: str, files: Sequence[EvidenceFile]) -> str:
    digest = hashlib.sha256(source.encode())
    for file in files:
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


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
