"""Variants: made from fresh secret bits, checked and stored; made again from the stored bits; pools filled with them."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from tickets.engine import ENGINE_VERSION, EvidenceFile, Verdict
from tickets.models import PoolJob, ScenarioVersion, Variant
from tickets.models.truth import ScenarioKey, VariantReport, VariantSeed
from tickets.packs import Filled, fill_scenario, read_scenario, setting_of
from tickets.packs import Scenario as Pack
from tickets.quality import Report, Siblings, Volume, prove_variant, report_to_plain
from tickets.simulator import SIMULATOR_VERSION, generate
from tickets.tasks.evidence import files_of, hash_bundle
from tickets.tasks.jobs import JobError, finish, renew
from tickets.tasks.scenarios import store_hints, store_variant
from tickets.tasks.wakeup import wake_relay

SEED_BYTES = 16
# A seed may fall on a surface that exists, or fail a check; a story that fails so often is broken.
ATTEMPTS = 8
# What one job makes before it lets others have their turn: about a second's work.
BATCH = 20


class ScenarioError(JobError):
    """A scenario that cannot be played, told to its author."""


# -- Making one ---------------------------------------------------------------------------------


class _Made(NamedTuple):
    """A variant before it is stored."""

    seed: bytes
    values: Mapping[str, str]
    filled: Filled
    files: Sequence[EvidenceFile]
    verdict: Verdict
    report: Report


def can_generate(version: ScenarioVersion) -> bool:
    """Does a story of the simulator stand behind the version? An upload has the evidence it has."""
    return ScenarioKey.objects.filter(version=version).exclude(story="").exists()


def generate_variant(version: ScenarioVersion, *, guard: Callable[[], None] | None = None) -> Variant:
    """A new variant from fresh secret bits, with evidence, verdict and checks. One that failed is kept, as failed.

    `guard` is called first in the transaction that stores it, and may raise. ScenarioError when no seed gives a
    variant that passes.
    """
    pack = _stored_pack(version)
    told = ""
    for _ in range(ATTEMPTS):
        made = _make(version, pack, secrets.token_bytes(SEED_BYTES))
        if isinstance(made, str):
            told = made
            continue
        with transaction.atomic():
            if guard is not None:
                guard()
            variant = _store(version, made)
        if made.report.passed:
            return variant
        told = variant.broken_reason
    raise ScenarioError(f"{version.scenario.slug}: {ATTEMPTS} variants failed, the last because: {told}")


def _make(version: ScenarioVersion, pack: Pack, seed: bytes) -> _Made | str:
    """What a seed gives, or why it gives nothing that could be stored."""
    played = generate(pack.story, seed, setting_of(pack))
    siblings = _siblings(version)
    verdict, report = prove_variant(pack, played, siblings, clock=time.perf_counter)
    if verdict is None:
        return "; ".join(map(str, report.faults))
    if report.surface in siblings.surfaces:
        return "its evidence came out as one that exists"
    files = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
    return _Made(seed, played.values, fill_scenario(pack, played.values), files, verdict, report)


def _siblings(version: ScenarioVersion) -> Siblings:
    """Lessons are compared under one engine: a newer one may word its reasons in another way."""
    lessons = VariantReport.objects.filter(
        variant__version=version, variant__state=Variant.State.PASSED, engine_version=ENGINE_VERSION
    )
    volumes = lessons.values_list("report__volume", flat=True)
    return Siblings(
        lessons=set(lessons.values_list("lesson_fingerprint", flat=True)),
        surfaces=set(version.variants.values_list("surface_fingerprint", flat=True)),
        # A report from before volumes were counted has none.
        volumes=[Volume(*volume) for volume in volumes if volume],
    )


def _store(version: ScenarioVersion, made: _Made) -> Variant:
    report = made.report
    variant = store_variant(
        version,
        made.files,
        made.filled.context,
        made.verdict,
        values=made.values,
        state=Variant.State.PASSED if report.passed else Variant.State.FAILED,
        statement=made.filled.statement,
        surface_fingerprint=report.surface,
        broken_reason="\n".join(map(str, report.faults)),
    )
    store_hints(variant, made.filled.hints)
    VariantSeed.objects.create(variant=variant, seed=made.seed.hex(), simulator_version=SIMULATOR_VERSION)
    VariantReport.objects.create(
        variant=variant,
        passed=report.passed,
        report=report_to_plain(report),
        lesson_fingerprint=report.lesson,
        engine_version=made.verdict.engine_version,
    )
    return variant


def _stored_pack(version: ScenarioVersion) -> Pack:
    key = ScenarioKey.objects.filter(version=version).first()
    if key is None or not key.story:
        raise ScenarioError(f"{version.title} has evidence of its own: there is no story to play again.")
    return read_scenario(key.source)


# -- Making one again ---------------------------------------------------------------------------


class FileAgain(NamedTuple):
    """A file of a bundle by its hash, as it was stored and as it came out again; "" for one that is not there."""

    name: str
    stored: str
    again: str


class Regenerated(NamedTuple):
    """A variant made again. `made_by` is the simulator's version then, `runs` the one of today."""

    files: tuple[FileAgain, ...]
    made_by: str
    runs: str
    is_same: bool


def regenerate_variant(variant: Variant) -> Regenerated:
    """Play the variant again from scenario file, seed and simulator, and compare every hash. Nothing is stored.

    Raises ScenarioError for a variant that no seed stands behind."""
    seed = VariantSeed.objects.filter(variant=variant).first()
    if seed is None:
        raise ScenarioError(f"{variant} was uploaded: there is no seed to make it again from.")
    pack = _stored_pack(variant.version)
    played = generate(pack.story, bytes.fromhex(seed.seed), setting_of(pack))
    filled = fill_scenario(pack, played.values)
    files = files_of(
        [EvidenceFile(name=file.name, data=file.data) for file in played.files], filled.context.notes
    )
    again = {file.name: hashlib.sha256(file.data).hexdigest() for file in files}
    stored = dict(variant.bundle.files.order_by("position").values_list("name", "sha256"))
    names = dict.fromkeys((*stored, *again))
    return Regenerated(
        files=tuple(FileAgain(name, stored.get(name, ""), again.get(name, "")) for name in names),
        made_by=seed.simulator_version,
        runs=SIMULATOR_VERSION,
        is_same=hash_bundle(files) == variant.bundle.sha256 and filled.statement == variant.statement,
    )


# -- Filling a pool -----------------------------------------------------------------------------


def request_pool(version: ScenarioVersion, wanted: int) -> PoolJob | None:
    """Let the workers fill the version's pool up to `wanted` variants; None where no story can, or none lacks."""
    if not can_generate(version) or _passed(version) >= wanted:
        return None
    with transaction.atomic():
        job, is_new = PoolJob.objects.get_or_create(
            version=version, state=PoolJob.State.PENDING, defaults={"wanted": wanted}
        )
        if not is_new and job.wanted < wanted:
            PoolJob.objects.filter(pk=job.pk).update(wanted=wanted)
            job.wanted = wanted
        wake_relay()
    return job


def fill_pool(job: PoolJob) -> None:
    """Make a batch of the variants that are lacking; what is left after it is a job of its own.

    Each variant is stored only while the job is still ours, and stays when the worker dies: the next one goes on
    from there. Raises LeaseLostError, or ScenarioError for a story whose variants fail.
    """
    version = job.version
    lacking = job.wanted - _passed(version)
    for _ in range(min(lacking, BATCH)):
        generate_variant(version, guard=lambda: renew(job))
    with transaction.atomic():
        finish(job)
        if lacking > BATCH:
            PoolJob.objects.create(version=version, wanted=job.wanted)
            wake_relay()


def _passed(version: ScenarioVersion) -> int:
    return version.variants.filter(state=Variant.State.PASSED).count()
