"""Scenarios become rows, and variants with frozen evidence and the engine's verdict on it."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from tickets.engine import EvidenceFile, analyze, parse_rule, rule_reads
from tickets.models import Scenario, ScenarioVersion, Variant
from tickets.models.truth import ScenarioKey, VariantSeed
from tickets.packs import Scenario as Pack
from tickets.packs import fill_scenario, read_scenario
from tickets.quality import check_variant
from tickets.simulator import SIMULATOR_VERSION, generate
from tickets.tasks.scenarios import store_variant

SEED_BYTES = 16
# A seed may fall on a surface that exists, or fail a check; a story that fails so often is broken.
ATTEMPTS = 8


class ScenarioError(Exception):
    """A scenario that cannot be played, told to its author."""


# -- Installing ---------------------------------------------------------------------------------


def install_scenario(pack: Pack) -> ScenarioVersion:
    """The version of a shared scenario that says what the file says; a file that did not change adds none."""
    source = _source_text(pack)
    sha256 = hashlib.sha256(source.encode()).hexdigest()
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
            content_sha256=sha256,
        )
        _store_key(version, pack, source)
    return version


def _store_key(version: ScenarioVersion, pack: Pack, source: str) -> None:
    plain = json.loads(source)
    ScenarioKey.objects.create(
        version=version,
        story=pack.story,
        source=source,
        inputs=plain["context"]["inputs"],
        variables=plain["context"]["variables"],
        accepted=plain["accepted"],
        next_steps="\n".join(pack.next_steps),
    )


# -- Generating ---------------------------------------------------------------------------------


def can_generate(version: ScenarioVersion) -> bool:
    """Does a story of the simulator stand behind the version? An upload has the evidence it has."""
    return ScenarioKey.objects.filter(version=version).exclude(story="").exists()


def generate_variant(version: ScenarioVersion) -> Variant:
    """A new variant from fresh secret bits, with evidence, verdict and checks. One that failed is kept, as failed.

    Raises ScenarioError when no seed gives a variant that passes.
    """
    pack = _stored_pack(version)
    told = ""
    for _ in range(ATTEMPTS):
        with transaction.atomic():
            variant = _generate_once(version, pack, secrets.token_bytes(SEED_BYTES))
        if variant is not None and variant.state == Variant.State.PASSED:
            return variant
        told = variant.broken_reason if variant is not None else "its evidence came out as one that exists"
    raise ScenarioError(f"{version.scenario.slug}: {ATTEMPTS} variants failed, the last because: {told}")


def _generate_once(version: ScenarioVersion, pack: Pack, seed: bytes) -> Variant | None:
    """One variant from one seed, or None when a variant of the version shows the same surface already."""
    played = generate(pack.story, seed)
    filled = fill_scenario(pack, played.values)
    files = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
    if version.variants.filter(surface_fingerprint=played.surface).exists():
        return None
    verdict = analyze(files, alert=played.alert, rule=pack.rule, context=filled.context)
    faults = check_variant(pack, played, verdict)
    variant = store_variant(
        version,
        files,
        filled.context.notes,
        verdict,
        state=Variant.State.FAILED if faults else Variant.State.PASSED,
        statement=filled.statement,
        surface_fingerprint=played.surface,
        broken_reason="\n".join(map(str, faults)),
    )
    VariantSeed.objects.create(variant=variant, seed=seed.hex(), simulator_version=SIMULATOR_VERSION)
    return variant


def _stored_pack(version: ScenarioVersion) -> Pack:
    source = ScenarioKey.objects.get(version=version).source
    if not source:
        raise ScenarioError(f"{version.title} was uploaded: there is no story to play again.")
    return read_scenario(source)


def _source_text(pack: Pack) -> str:
    """The scenario as one text that `read_scenario` reads back: JSON is YAML."""
    return json.dumps(asdict(pack), ensure_ascii=False, sort_keys=True)
