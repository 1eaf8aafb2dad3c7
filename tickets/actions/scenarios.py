"""Scenarios become rows, and variants with frozen evidence and the engine's verdict on it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from tickets.actions.evidence import store_bundle, visible, visible_values
from tickets.engine import (
    Alert,
    Context,
    EngineError,
    EvidenceFile,
    Verdict,
    analyze,
    parse_rule,
    rule_reads,
    verdict_to_plain,
)
from tickets.models import Scenario, ScenarioVersion, User, Variant
from tickets.models.truth import ScenarioKey, VariantSeed, VariantVerdict
from tickets.packs import Scenario as Pack
from tickets.packs import fill_scenario, read_scenario
from tickets.quality import check_variant
from tickets.simulator import SIMULATOR_VERSION, generate

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    variant = _store_variant(
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


# -- Uploads ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Authored:
    """A scenario that an author wrote around evidence of his or her own."""

    title: str
    severity: str
    sensor: str
    statement: str
    rule_text: str
    context: Context
    files: Sequence[EvidenceFile]


def author_variant(authored: Authored, verdict: Verdict, owner: User | None) -> Variant:
    """A scenario of the author's own with a first version in draft and its one variant, all or nothing."""
    with transaction.atomic():
        scenario = Scenario.objects.create(slug=_new_slug(authored.title), owner=owner)
        version = ScenarioVersion.objects.create(
            scenario=scenario,
            title=authored.title,
            severity=authored.severity,
            sensor=authored.sensor,
            statement=authored.statement,
            rule_text=authored.rule_text,
            rule_reads=_rule_reads(authored.rule_text),
        )
        ScenarioKey.objects.create(
            version=version,
            inputs={
                name: {"value": stated.value, "notes": list(stated.notes)}
                for name, stated in authored.context.inputs.items()
            },
            variables={name: list(values) for name, values in authored.context.variables.items()},
        )
        return _store_variant(
            version,
            authored.files,
            authored.context.notes,
            verdict,
            state=Variant.State.PASSED,
            statement="",
            surface_fingerprint=_fingerprint(authored.files),
        )


def _new_slug(title: str) -> str:
    """Titles may repeat; slugs may not."""
    return f"{slugify(title)[:60] or 'upload'}-{secrets.token_hex(4)}"


def _rule_reads(rule_text: str) -> str:
    try:
        return rule_reads(parse_rule(rule_text))
    except EngineError:
        return ""


# -- Both ---------------------------------------------------------------------------------------


def _store_variant(
    version: ScenarioVersion,
    files: Sequence[EvidenceFile],
    notes: Sequence[str],
    verdict: Verdict,
    **fields: str,
) -> Variant:
    variant = Variant.objects.create(
        version=version, bundle=store_bundle(files, notes), **_alert_columns(verdict.alert), **fields
    )
    plain = visible_values(verdict_to_plain(verdict))
    VariantVerdict.objects.create(
        variant=variant, engine_version=verdict.engine_version, verdict=plain, sha256=_hash_of(plain)
    )
    return variant


def _alert_columns(alert: Alert) -> dict[str, Any]:
    """The alert as printed, within what the columns hold."""
    time = None if alert.time_ns is None else EPOCH + timedelta(microseconds=alert.time_ns // 1000)
    return {
        "alert_time": time,
        "alert_protocol": alert.protocol.value,
        "alert_src_ip": alert.src.ip,
        "alert_src_port": alert.src.port,
        "alert_dst_ip": alert.dst.ip,
        "alert_dst_port": alert.dst.port,
        "alert_sid": alert.sid,
        "alert_message": visible(alert.message)[:255],
        "alert_action": visible(alert.action)[:40],
        "alert_category": visible(alert.category)[:120],
        "alert_record": str(alert.location) if alert.location is not None else "",
    }


def _fingerprint(files: Sequence[EvidenceFile]) -> str:
    """An upload has one variant: what it shows is its files."""
    return hashlib.sha256(b"".join(hashlib.sha256(file.data).digest() for file in files)).hexdigest()


def _hash_of(plain: object) -> str:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
