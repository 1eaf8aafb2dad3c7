from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tickets.actions.scenarios import install_scenario
from tickets.models import ScenarioVersion
from tickets.models.truth import ScenarioKey
from tickets.packs import Scenario, read_scenario

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
    new = install_scenario(
        read_scenario(seed_ticket.source.replace("title: A high port inside", "title: Another title"))
    )
    old.refresh_from_db()
    assert (new.number, new.state, old.state) == (2, "published", "retired")


def test_skills_and_headings_stand_with_the_version_and_what_tells_with_its_key(
    seed_ticket: Scenario,
) -> None:
    version = install_scenario(seed_ticket)
    key = ScenarioKey.objects.get(version=version)
    assert version.skills == list(seed_ticket.skills)
    assert version.headings == ["assets", "assets", "authorised", "authorised", "notes", "notes", "notes"]
    assert (key.attack, key.contrast) == ({"version": "17.1", "techniques": []}, list(seed_ticket.contrast))


def test_the_stored_scenario_reads_back_as_it_was_written(seed_ticket: Scenario) -> None:
    version = install_scenario(seed_ticket)
    assert read_scenario(ScenarioKey.objects.get(version=version).source) == seed_ticket
