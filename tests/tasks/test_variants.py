from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.factories import make_variant
from tickets.actions.scenarios import install_scenario
from tickets.engine import EvidenceFile, verdict_from_plain
from tickets.models import AuditRecord, PoolJob, ScenarioVersion, Variant
from tickets.models.truth import ScenarioKey, VariantHints, VariantReport, VariantSeed, VariantVerdict
from tickets.packs import Scenario, read_scenario
from tickets.quality import Check, Proven, Report, prove_variant, report_from_plain
from tickets.quality.surface import ENOUGH_SIBLINGS
from tickets.tasks import drain_pools, variants
from tickets.tasks.evidence import files_of, hash_bundle
from tickets.tasks.jobs import LEASES, LeaseLostError, claim
from tickets.tasks.variants import (
    BATCH,
    ScenarioError,
    can_generate,
    fill_pool,
    generate_variant,
    regenerate_variant,
    request_pool,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def seed_ticket() -> Scenario:
    path = Path(settings.BASE_DIR) / "fixtures" / "scenarios" / "T001.yaml"
    return read_scenario(path.read_text(encoding="utf-8"))


@pytest.fixture
def version(seed_ticket: Scenario) -> ScenarioVersion:
    return install_scenario(seed_ticket)


# -- One variant -------------------------------------------------------------------------------


def test_a_variant_has_evidence_a_verdict_a_secret_seed_and_passed_its_checks(
    version: ScenarioVersion, seed_ticket: Scenario
) -> None:
    variant = generate_variant(version)
    assert variant.state == Variant.State.PASSED
    assert {"capture.pcap", "eve.json", "context"} <= set(variant.bundle.files.values_list("name", flat=True))
    verdict = verdict_from_plain(VariantVerdict.objects.get(variant=variant).verdict)
    assert verdict.reason_code == seed_ticket.expected.reason_code
    assert str(verdict.alert.src) == variant.alert_src
    assert len(bytes.fromhex(VariantSeed.objects.get(variant=variant).seed)) == 16


def test_the_report_of_the_checks_is_kept_with_the_variant(version: ScenarioVersion) -> None:
    variant = generate_variant(version)
    stored = VariantReport.objects.get(variant=variant)
    report = report_from_plain(stored.report)
    assert stored.passed
    assert report.passed
    assert report.surface == variant.surface_fingerprint
    assert report.lesson == stored.lesson_fingerprint
    assert sum(check.seconds for check in report.checks) > 0


def test_what_a_trainee_reads_has_no_placeholder_left(version: ScenarioVersion) -> None:
    variant = generate_variant(version)
    notes = variant.bundle.records.filter(kind="context").values_list("info", flat=True)
    assert not [text for text in (variant.statement, *notes) if "{" in text]


def test_what_the_sensor_has_set_stands_beside_the_alert(version: ScenarioVersion) -> None:
    variant = generate_variant(version)
    assert "10.20.0.0/16" in variant.rule_variables["HOME_NET"]
    assert "{" not in str(variant.rule_variables["HOME_NET"])


def test_the_hints_of_a_variant_are_filled_in_and_kept_with_the_truth(
    version: ScenarioVersion, seed_ticket: Scenario
) -> None:
    filled = VariantHints.objects.get(variant=generate_variant(version))
    texts = (filled.where, filled.what, filled.record)
    assert not [text for text in texts if "{" in text]
    assert [text[:12] for text in texts] == [hint[:12] for hint in seed_ticket.hints]


def test_three_variants_show_three_surfaces_and_teach_one_lesson(version: ScenarioVersion) -> None:
    made = [generate_variant(version) for _ in range(3)]
    assert len({variant.surface_fingerprint for variant in made}) == 3
    assert len({variant.alert_line for variant in made}) == 3
    assert len(set(VariantReport.objects.values_list("lesson_fingerprint", flat=True))) == 1


def test_a_variant_that_holds_far_more_than_those_before_it_is_refused(
    version: ScenarioVersion,
) -> None:
    for variant in (generate_variant(version) for _ in range(ENOUGH_SIBLINGS)):
        stored = VariantReport.objects.get(variant=variant)
        stored.report["volume"] = [20, 2]
        stored.save()
    with pytest.raises(ScenarioError, match=r"volume: it has .* records, and 20 are usual"):
        generate_variant(version)


def test_a_report_from_before_volumes_were_counted_is_no_measure(version: ScenarioVersion) -> None:
    for variant in (generate_variant(version) for _ in range(ENOUGH_SIBLINGS)):
        stored = VariantReport.objects.get(variant=variant)
        del stored.report["volume"]
        stored.save()
    assert generate_variant(version).state == Variant.State.PASSED


def test_a_seed_that_shows_a_known_surface_is_not_used_again(
    version: ScenarioVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = iter([b"a" * 16, b"a" * 16, b"b" * 16])
    monkeypatch.setattr("tickets.tasks.variants.secrets.token_bytes", lambda size: next(seeds))
    first, second = generate_variant(version), generate_variant(version)
    assert first != second
    assert VariantSeed.objects.get(variant=second).seed == (b"b" * 16).hex()


def _failing(prove: Callable[..., Proven]) -> Callable[..., Proven]:
    """As `prove_variant`, but its report has a fault more."""

    def fail(*args: object, **options: object) -> Proven:
        proven = prove(*args, **options)
        fault = Check("proofs", "Something proves it.", ("Nothing proves it.",), 0.0)
        report = Report((*proven.report.checks, fault), proven.report.lesson, proven.report.surface)
        return Proven(proven.verdict, report)

    return fail


def test_a_story_whose_variants_fail_their_checks_is_told_to_its_author_and_nothing_is_served(
    version: ScenarioVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variants, "prove_variant", _failing(prove_variant))
    with pytest.raises(ScenarioError, match="Nothing proves it"):
        generate_variant(version)
    assert set(version.variants.values_list("state", flat=True)) == {"failed"}
    assert set(VariantReport.objects.values_list("passed", flat=True)) == {False}


def test_evidence_that_nobody_can_judge_is_told_and_not_kept(
    version: ScenarioVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report((Check("verdict", "It can be judged.", ("There is no record.",), 0.0),), "", "")
    monkeypatch.setattr(variants, "prove_variant", lambda *_, **__: Proven(None, report))
    with pytest.raises(ScenarioError, match="There is no record"):
        generate_variant(version)
    assert not version.variants.exists()


def test_an_upload_has_no_story_to_generate_from(version: ScenarioVersion) -> None:
    assert can_generate(version)
    ScenarioKey.objects.filter(version=version).update(story="", source="")
    assert not can_generate(version)
    with pytest.raises(ScenarioError, match="evidence of its own"):
        generate_variant(version)


# -- Made again --------------------------------------------------------------------------------


def test_a_variant_made_again_has_the_same_bytes(version: ScenarioVersion) -> None:
    variant = generate_variant(version)
    made = regenerate_variant(variant)
    assert made.is_same
    assert [file.name for file in made.files][-1] == "context"
    assert all(file.stored == file.again for file in made.files)
    assert Variant.objects.count() == 1


def test_a_bundle_is_named_by_the_hash_of_its_files_and_notes() -> None:
    file = EvidenceFile(name="a.log", data=b"one line")
    name = hashlib.sha256(f"a.log\0{hashlib.sha256(b'one line').hexdigest()}\n".encode()).hexdigest()
    assert hash_bundle(files_of([file], [])) == name
    assert hash_bundle(files_of([file], ["A note."])) != name


def test_regenerate_says_that_the_bytes_are_the_same(version: ScenarioVersion) -> None:
    variant, said = generate_variant(version), StringIO()
    call_command("regenerate", str(variant.pk), stdout=said)
    assert "the same bytes, made by simulator" in said.getvalue()
    assert "differs" not in said.getvalue()


def test_regenerate_ends_with_an_error_when_a_byte_differs(version: ScenarioVersion) -> None:
    variant, said = generate_variant(version), StringIO()
    VariantSeed.objects.filter(variant=variant).update(seed="00" * 16, simulator_version="0.9.0")
    with pytest.raises(CommandError, match="came out otherwise"):
        call_command("regenerate", str(variant.pk), stdout=said)
    assert "differs" in said.getvalue()
    assert "made by simulator 0.9.0, and" in said.getvalue()


def test_what_was_uploaded_cannot_be_made_again() -> None:
    with pytest.raises(CommandError, match="uploaded"):
        call_command("regenerate", str(make_variant().pk))


# -- Pools -------------------------------------------------------------------------------------


def test_a_pool_is_filled_up_to_the_wanted_size_and_no_further(version: ScenarioVersion) -> None:
    generate_variant(version)
    assert request_pool(version, 4) is not None
    assert drain_pools() == 1
    assert version.variants.filter(state="passed").count() == 4
    assert PoolJob.objects.get().state == "done"
    assert request_pool(version, 4) is None


def test_a_pool_that_is_asked_for_twice_is_filled_once_to_the_larger_size(version: ScenarioVersion) -> None:
    for wanted in (2, 3, 1):
        request_pool(version, wanted)
    assert [job.wanted for job in PoolJob.objects.all()] == [3]


def test_a_large_pool_is_filled_in_batches_so_that_others_have_their_turn(
    version: ScenarioVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variants, "BATCH", 2)
    request_pool(version, 5)
    job = claim(PoolJob)
    assert job is not None
    fill_pool(job)
    assert version.variants.count() == 2
    assert sorted(PoolJob.objects.values_list("state", flat=True)) == ["done", "pending"]
    drain_pools()
    assert version.variants.count() == 5
    assert set(PoolJob.objects.values_list("state", flat=True)) == {"done"}


def test_an_upload_has_no_pool() -> None:
    assert request_pool(make_variant().version, 5) is None
    assert not PoolJob.objects.exists()


def test_a_worker_whose_lease_was_taken_stores_no_more_variants(version: ScenarioVersion) -> None:
    request_pool(version, 3)
    job = claim(PoolJob)
    assert job is not None
    PoolJob.objects.update(lease_until=None)
    assert claim(PoolJob) is not None
    with pytest.raises(LeaseLostError):
        fill_pool(job)
    assert not version.variants.exists()


def test_a_worker_that_dies_leaves_what_it_made_and_the_next_goes_on(
    version: ScenarioVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Variant] = []

    def die_after_two(*args: object, **options: object) -> Variant:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(generate_variant(version, guard=None))
        return made[-1]

    request_pool(version, 3)
    job = claim(PoolJob)
    assert job is not None
    with monkeypatch.context() as patched:
        patched.setattr(variants, "generate_variant", die_after_two)
        with pytest.raises(KeyboardInterrupt):
            fill_pool(job)
    assert version.variants.count() == 2
    PoolJob.objects.update(lease_until=None)
    drain_pools()
    assert version.variants.count() == 3


def test_a_story_that_fails_is_told_in_the_job_and_given_up_after_three_attempts(
    version: ScenarioVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variants, "prove_variant", _failing(prove_variant))
    request_pool(version, 1)
    for _ in range(3):
        PoolJob.objects.update(lease_until=None)
        drain_pools()
    job = PoolJob.objects.get()
    assert (job.state, job.attempts) == ("dead", 3)
    assert "Nothing proves it." in job.error
    assert AuditRecord.objects.filter(action="job.died").count() == 1


def test_a_batch_is_done_long_before_its_lease_is_over(version: ScenarioVersion) -> None:
    started = time.monotonic()
    generate_variant(version)
    assert (time.monotonic() - started) * BATCH < LEASES[PoolJob].total_seconds() / 2


# -- By command --------------------------------------------------------------------------------


def test_generate_variants_makes_as_many_as_are_asked_for(version: ScenarioVersion) -> None:
    said = StringIO()
    call_command("generate_variants", version.scenario.slug, "--count", "3", stdout=said)
    assert version.variants.count() == 3
    assert len(said.getvalue().splitlines()) == 3


def test_generate_variants_leaves_a_pool_to_the_workers(version: ScenarioVersion) -> None:
    said = StringIO()
    for _ in range(2):
        call_command("generate_variants", version.scenario.slug, "--pool", "2", stdout=said)
        drain_pools()
    assert version.variants.count() == 2
    assert said.getvalue().splitlines() == [
        f"{version.scenario.slug}: the workers fill the pool",
        f"{version.scenario.slug}: nothing is lacking",
    ]


def test_generate_variants_knows_only_published_scenarios() -> None:
    with pytest.raises(CommandError, match="no published scenario"):
        call_command("generate_variants", "no-such-thing")
