"""A variant becomes rows: frozen evidence, the printed alert, and the engine's verdict on both."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from tickets.engine import (
    Alert,
    Context,
    EngineError,
    EvidenceFile,
    Verdict,
    alert_to_plain,
    parse_rule,
    rule_reads,
    verdict_to_plain,
)
from tickets.models import Scenario, ScenarioVersion, User, Variant, hash_json
from tickets.models.truth import ScenarioKey, VariantGiven, VariantHints, VariantVerdict
from tickets.packs import Scenario as Pack
from tickets.tasks.evidence import store_bundle, visible, visible_values

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Authored:
    """A scenario that an author wrote around evidence of his or her own."""

    title: str
    severity: str
    sensor: str
    statement: str
    rule_text: str
    context: Context
    headings: Sequence[str]
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
            headings=list(authored.headings),
        )
        ScenarioKey.objects.create(
            version=version,
            inputs={
                name: {"value": stated.value, "notes": list(stated.notes)}
                for name, stated in authored.context.inputs.items()
            },
            variables={name: list(values) for name, values in authored.context.variables.items()},
        )
        return store_variant(
            version,
            authored.files,
            authored.context,
            verdict,
            state=Variant.State.PASSED,
            statement="",
            surface_fingerprint=_fingerprint(authored.files),
        )


def store_evidence(
    version: ScenarioVersion, files: Sequence[EvidenceFile], pack: Pack, verdict: Verdict
) -> Variant:
    """The one variant of a scenario file that has its evidence beside it."""
    variant = store_variant(
        version,
        files,
        pack.context,
        verdict,
        state=Variant.State.PASSED,
        statement="",
        surface_fingerprint=_fingerprint(files),
    )
    store_hints(variant, pack.hints)
    return variant


def store_hints(variant: Variant, hints: tuple[str, str, str]) -> None:
    where, what, record = hints
    VariantHints.objects.create(variant=variant, where=where, what=what, record=record)


def _new_slug(title: str) -> str:
    """Titles may repeat; slugs may not."""
    return f"{slugify(title)[:60] or 'upload'}-{secrets.token_hex(4)}"


def _rule_reads(rule_text: str) -> str:
    try:
        return rule_reads(parse_rule(rule_text))
    except EngineError:
        return ""


def store_variant(
    version: ScenarioVersion,
    files: Sequence[EvidenceFile],
    context: Context,
    verdict: Verdict,
    *,
    values: Mapping[str, str] | None = None,
    **fields: str,
) -> Variant:
    """A variant of the version with its frozen evidence, the alert as printed, and the verdict.

    `values` are the story's for what the scenario's variables leave open; None for an upload.
    """
    variant = Variant.objects.create(
        version=version,
        bundle=store_bundle(files, context.notes),
        rule_variables={name: list(items) for name, items in context.variables.items()},
        **_alert_columns(verdict.alert),
        **fields,
    )
    # A later engine may read an uploaded alert's record better; what a story says of its alert stays.
    is_read = values is None and verdict.alert.location is not None
    VariantGiven.objects.create(
        variant=variant,
        alert=None if is_read else visible_values(alert_to_plain(verdict.alert)),
        values=dict(values or {}),
    )
    plain = visible_values(verdict_to_plain(verdict))
    VariantVerdict.objects.create(
        variant=variant, engine_version=verdict.engine_version, verdict=plain, sha256=hash_json(plain)
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
