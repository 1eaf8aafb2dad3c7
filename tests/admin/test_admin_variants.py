"""What an instructor is shown of a variant before it is set: the checks that it passed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories as make
from tests.admin.conftest import School, log_in
from tickets.actions.scenarios import install_scenario
from tickets.models import Variant
from tickets.models.truth import VariantReport
from tickets.packs import read_scenario
from tickets.tasks.variants import generate_variant


@pytest.fixture
def variant(school: School) -> Variant:
    path = Path(settings.BASE_DIR) / "fixtures" / "scenarios" / "T001.yaml"
    return generate_variant(install_scenario(read_scenario(path.read_text(encoding="utf-8"))))


def _page(client: Client, variant: Variant) -> str:
    return client.get(reverse("admin:tickets_variant_change", args=[variant.pk])).text


def test_an_instructor_reads_what_was_checked_and_that_it_passed(school: School, variant: Variant) -> None:
    page = _page(log_in(school.ivo), variant)
    checks = VariantReport.objects.get(variant=variant).report["checks"]
    assert f"{len(checks)} of {len(checks)} passed" in page
    for check in checks:
        assert f"<th scope='row'>{check['name']}</th><td>passed</td>" in page


def test_a_check_that_failed_is_shown_with_what_is_wrong(school: School, variant: Variant) -> None:
    stored = VariantReport.objects.get(variant=variant)
    stored.report["checks"][0]["problems"] = ["the capture <ends> early"]
    stored.save()
    page = _page(log_in(school.ivo), variant)
    assert "the capture &lt;ends&gt; early" in page
    assert f"{len(stored.report['checks']) - 1} of {len(stored.report['checks'])} passed" in page


def test_an_upload_says_that_it_was_not_checked(school: School) -> None:
    assert "only what was generated is checked" in _page(log_in(school.ivo), make.make_variant())


def test_a_trainee_never_sees_the_report(school: School, variant: Variant) -> None:
    assert (
        log_in(school.ana).get(reverse("admin:tickets_variant_change", args=[variant.pk])).status_code == 403
    )


def test_an_instructor_sees_the_jobs_that_fill_pools(school: School, variant: Variant) -> None:
    assert log_in(school.ivo).get(reverse("admin:tickets_pooljob_changelist")).status_code == 200
