from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from tickets.actions import scenarios
from tickets.actions.scenarios import ScenarioError, can_generate, generate_variant, install_scenario
from tickets.engine import verdict_from_plain
from tickets.models import ScenarioVersion, Variant
from tickets.models.truth import ScenarioKey, VariantSeed, VariantVerdict
from tickets.packs import Scenario, read_scenario
from tickets.quality import Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def seed_ticket() -> Scenario:
    path = Path(settings.BASE_DIR) / "fixtures" / "scenarios" / "T001.yaml"
    return read_scenario(path.read_text(encoding="utf-8"))


def test_installing_the_same_file_twice_makes_one_version(seed_ticket: Scenario) -> None:
    assert install_scenario(seed_ticket) == install_scenario(seed_ticket)
    assert ScenarioVersion.objects.count() == 1


def test_an_edited_file_is_a_new_version_and_the_old_one_retires(seed_ticket: Scenario) -> None:
    old = install_scenario(seed_ticket)
    new = install_scenario(replace(seed_ticket, title="Another title"))
    old.refresh_from_db()
    assert (new.number, new.state, old.state) == (2, "published", "retired")


def test_the_stored_scenario_reads_back_as_it_was_written(seed_ticket: Scenario) -> None:
    version = install_scenario(seed_ticket)
    assert read_scenario(ScenarioKey.objects.get(version=version).source) == seed_ticket


def test_a_variant_has_evidence_a_verdict_a_secret_seed_and_passed_its_checks(seed_ticket: Scenario) -> None:
    variant = generate_variant(install_scenario(seed_ticket))
    assert variant.state == Variant.State.PASSED
    assert {"capture.pcap", "eve.json", "context"} <= set(variant.bundle.files.values_list("name", flat=True))
    verdict = verdict_from_plain(VariantVerdict.objects.get(variant=variant).verdict)
    assert verdict.reason_code == seed_ticket.expected.reason_code
    assert str(verdict.alert.src) == variant.alert_src
    assert len(bytes.fromhex(VariantSeed.objects.get(variant=variant).seed)) == 16


def test_what_a_trainee_reads_has_no_placeholder_left(seed_ticket: Scenario) -> None:
    variant = generate_variant(install_scenario(seed_ticket))
    notes = variant.bundle.records.filter(kind="context").values_list("info", flat=True)
    assert not [text for text in (variant.statement, *notes) if "{" in text]


def test_three_variants_show_three_surfaces(seed_ticket: Scenario) -> None:
    version = install_scenario(seed_ticket)
    variants = [generate_variant(version) for _ in range(3)]
    assert len({variant.surface_fingerprint for variant in variants}) == 3
    assert len({variant.alert_line for variant in variants}) == 3


def test_a_seed_that_shows_a_known_surface_is_not_used_again(
    seed_ticket: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = iter([b"a" * 16, b"a" * 16, b"b" * 16])
    monkeypatch.setattr("tickets.actions.scenarios.secrets.token_bytes", lambda size: next(seeds))
    version = install_scenario(seed_ticket)
    first, second = generate_variant(version), generate_variant(version)
    assert first != second
    assert VariantSeed.objects.get(variant=second).seed == (b"b" * 16).hex()


def test_a_story_whose_variants_fail_their_checks_is_told_to_its_author(
    seed_ticket: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenarios, "check_variant", lambda *_: (Fault("proofs", "Nothing proves it."),))
    version = install_scenario(seed_ticket)
    with pytest.raises(ScenarioError, match="Nothing proves it"):
        generate_variant(version)
    assert set(version.variants.values_list("state", flat=True)) == {"failed"}


def test_an_upload_has_no_story_to_generate_from(seed_ticket: Scenario) -> None:
    version = install_scenario(seed_ticket)
    assert can_generate(version)
    ScenarioKey.objects.filter(version=version).update(story="", source="")
    assert not can_generate(version)
    with pytest.raises(ScenarioError, match="uploaded"):
        generate_variant(version)
