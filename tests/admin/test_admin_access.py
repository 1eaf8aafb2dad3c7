from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from tests import factories as make
from tests.admin.conftest import School, log_in
from tickets.admin.base import SCOPES, TrainerAdmin
from tickets.models import AuditRecord, User
from tickets.models.truth import ScenarioKey, VariantGiven, VariantReport, VariantSeed, VariantVerdict

OURS = [model for model in admin.site._registry if isinstance(admin.site._registry[model], TrainerAdmin)]
TRUTH = (ScenarioKey, VariantGiven, VariantReport, VariantSeed, VariantVerdict)


def list_url(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def change_url(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_a_visitor_is_sent_to_the_one_log_in_page(db: None, client: Client) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/nothing/", "/admin/jsi18n/", "/admin/autocomplete/"]
)
def test_a_trainee_is_refused_everywhere(school: School, path: str) -> None:
    assert log_in(school.ana).get(path).status_code == 403


def test_a_trainee_is_refused_on_every_list_and_form(school: School) -> None:
    client = log_in(school.ana)
    statuses = {client.get(f"{list_url(model)}{end}").status_code for model in OURS for end in ("", "add/")}
    assert statuses == {403}


def test_a_trainee_whom_somebody_made_staff_is_refused_too(school: School) -> None:
    User.objects.filter(pk=school.ana.pk).update(is_staff=True)
    assert log_in(school.ana).get("/admin/").status_code == 403


def test_an_instructor_reaches_every_list_but_the_truth_and_the_accounts(school: School) -> None:
    client = log_in(school.ivo)
    for model in OURS:
        wanted = 403 if model in TRUTH else 200
        assert client.get(list_url(model)).status_code == wanted, model
    assert client.get(list_url(User)).status_code == 403
    assert client.get("/admin/auth/group/").status_code == 404


def test_every_list_can_be_searched(school: School) -> None:
    client = log_in(school.ivo)
    for model in OURS:
        if model not in TRUTH:
            assert admin.site._registry[model].search_fields, model
            assert client.get(list_url(model), {"q": "spring"}).status_code == 200, model


def test_a_superuser_sees_seeds_and_keys(school: School) -> None:
    boss = User.objects.create_superuser("boss", password="demo")
    for model in (*TRUTH, User):
        assert log_in(boss).get(list_url(model)).status_code == 200


def test_an_instructor_sees_own_rows_and_no_others(school: School) -> None:
    client = log_in(school.ivo)
    own = school.anas.item.assignment
    for row in (school.anas, school.anas.submission, school.anas.submission.grades.get(), own, school.own):
        assert client.get(change_url(row)).status_code == 200, row
    other = school.zoes.item.assignment
    for row in (
        school.zoes,
        school.zoes.submission,
        school.zoes.submission.grades.get(),
        other,
        school.other,
    ):
        assert client.get(change_url(row)).status_code == 302, row
        assert client.get(change_url(row).replace("change", "history")).status_code in {302, 404}, row


def test_another_cohort_is_named_on_no_page(school: School) -> None:
    client = log_in(school.ivo)
    for model in OURS:
        for end in ("", "add/"):
            page = client.get(f"{list_url(model)}{end}").content.decode()
            assert "Other class" not in page, (model, end)
            assert "Other work" not in page, (model, end)
            assert school.zoes.code not in page, (model, end)


def test_a_scenario_of_another_instructor_is_not_seen(school: School) -> None:
    theirs = make.make_variant(
        make.make_version(make.make_scenario("theirs", owner=school.mia), title="Their own")
    )
    client = log_in(school.ivo)
    for row in (theirs, theirs.version, theirs.version.scenario):
        assert client.get(change_url(row)).status_code == 302
        assert "Their own" not in client.get(list_url(type(row))).content.decode()


@pytest.mark.parametrize(
    "ending", ["", "__startswith", "__regex", "__gt", "__isnull", "__exact", "__contains"]
)
def test_no_hidden_column_can_be_asked_through_the_address(school: School, ending: str) -> None:
    """A filter that is not offered answers the same for a hit and for a miss."""
    client = log_in(school.ivo)
    for model in OURS:
        if model in TRUTH:
            continue
        offered = {
            str(item[0] if isinstance(item, tuple) else item)
            for item in admin.site._registry[model].list_filter
        }
        for field in model._meta.get_fields():
            if field.name in offered or field.name == admin.site._registry[model].date_hierarchy:
                continue
            response = client.get(list_url(model), {f"{field.name}{ending}": "a"})
            assert response.status_code in {302, 400}, (model, field.name, ending)


def test_what_cannot_be_filtered_across_a_relation_is_refused(school: School) -> None:
    client = log_in(school.ivo)
    url = list_url(type(school.anas))
    for lookup in (
        "variant__version__rule_text__startswith",
        "submission__grades__points__gt",
        "trainee__password__startswith",
    ):
        assert client.get(url, {lookup: "a"}).status_code == 400


def test_every_model_of_the_admin_has_a_scope() -> None:
    assert {model for model in OURS if model not in TRUTH} <= set(SCOPES)


def test_frozen_rows_have_no_form(school: School) -> None:
    client = log_in(school.ivo)
    grade = school.anas.submission.grades.get()
    audit = AuditRecord.objects.create(
        actor=school.ivo, action="a.b", subject_type="ticket", subject_id=school.anas.pk
    )
    for row in (
        school.anas,
        school.anas.submission,
        grade,
        grade.criteria.first(),
        audit,
        school.anas.variant,
    ):
        assert row is not None
        assert client.post(change_url(row), {"points": "1"}).status_code == 403, row
        assert client.post(change_url(row).replace("change", "delete")).status_code == 403, row
        assert b'name="_save"' not in client.get(change_url(row)).content
