"""Scenario files at the admin's door: in with all mistakes told, out byte for byte."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import factories as make
from tests.admin.conftest import School, log_in
from tickets.actions.scenarios import install_scenario
from tickets.models import AuditRecord, Scenario, ScenarioVersion
from tickets.packs import read_scenario
from tickets.packs.scenario import MAX_SENSOR, MAX_TITLE

IMPORT = "admin:tickets_scenario_import"
FOLDER = Path(settings.BASE_DIR) / "fixtures" / "scenarios"
T011 = (FOLDER / "T011.yaml").read_bytes()


def hand_in(client: Client, data: bytes) -> str:
    answer = client.post(reverse(IMPORT), {"pack": SimpleUploadedFile("mine.yaml", data)}, follow=True)
    return unescape(answer.content.decode())


def export(client: Client, version: ScenarioVersion) -> bytes:
    answer = client.get(reverse("admin:tickets_scenarioversion_file", args=[version.pk]))
    return answer.content if answer.status_code == 200 else b""


@pytest.fixture
def ivo(school: School) -> Client:
    return log_in(school.ivo)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(T011, id="as shipped"),
        pytest.param(T011.replace(b"\n", b"\r\n"), id="with the line ends of Windows"),
        pytest.param(
            b"\xef\xbb\xbf# a comment, \xc3\xa4\n" + T011 + b"\n\n# the end", id="with a mark and comments"
        ),
    ],
)
def test_a_file_that_is_imported_exported_and_imported_is_the_same_to_the_byte(
    ivo: Client, data: bytes
) -> None:
    hand_in(ivo, data)
    version = ScenarioVersion.objects.get(scenario__slug="rdp-at-the-extranet-host")
    exported = export(ivo, version)
    assert exported == data
    hand_in(ivo, exported)
    assert ScenarioVersion.objects.filter(scenario=version.scenario).count() == 1


def test_an_instructors_import_is_his_own_and_a_superusers_is_shared(school: School, ivo: Client) -> None:
    assert "stands as version 1" in hand_in(ivo, T011)
    assert Scenario.objects.get(slug="rdp-at-the-extranet-host").owner == school.ivo
    root = log_in(make.make_instructor("root", is_staff=True, is_superuser=True))
    hand_in(root, (FOLDER / "T012.yaml").read_bytes())
    assert Scenario.objects.get(family="T012").owner is None
    assert AuditRecord.objects.filter(action="scenario.imported").count() == 2


def test_all_mistakes_are_told_with_their_lines_and_nothing_is_stored(ivo: Client) -> None:
    before = Scenario.objects.count()
    broken = T011.replace(b"level: novice", b"level: easy").replace(b"family: T011", b"family: T911")
    page = hand_in(ivo, broken)
    assert "Nothing was imported: 2 mistakes" in page
    assert "<td>2</td><td><code>family</code></td><td>'T911' is no family of the catalogue." in page
    assert "<td>6</td><td><code>level</code></td>" in page
    assert Scenario.objects.count() == before


def test_a_file_that_is_no_text_is_told(ivo: Client) -> None:
    assert "mine.yaml: byte 1 is not UTF-8 text." in hand_in(ivo, b"\xff\xfe")


def test_nobody_takes_the_slug_of_another_author(ivo: Client) -> None:
    version = install_scenario(read_scenario(T011.decode()))
    page = hand_in(ivo, T011.replace(b"title: RDP", b"title: My RDP"))
    assert "Another author's scenario has this slug." in page
    assert version.scenario.versions.count() == 1


def test_only_those_who_may_set_a_scenario_export_its_file(school: School, ivo: Client) -> None:
    hand_in(ivo, T011)
    version = ScenarioVersion.objects.get(scenario__slug="rdp-at-the-extranet-host")
    assert export(log_in(school.mia), version) == b""
    assert export(log_in(school.ana), version) == b""
    assert log_in(school.ana).get(reverse(IMPORT)).status_code in {302, 403}


def test_a_version_made_of_an_upload_has_no_file(ivo: Client) -> None:
    version = make.make_version()
    assert export(ivo, version) == b""
    page = ivo.get(reverse("admin:tickets_scenarioversion_change", args=[version.pk])).content.decode()
    assert "None: it was made of an upload." in page


def test_what_a_file_may_say_fits_into_its_columns() -> None:
    lengths = [
        model._meta.get_field(name).max_length  # type: ignore[union-attr]
        for model, name in ((ScenarioVersion, "title"), (ScenarioVersion, "sensor"), (Scenario, "slug"))
    ]
    assert lengths == [MAX_TITLE, MAX_SENSOR, 80]
