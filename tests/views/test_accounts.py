from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from tests import factories as make

pytestmark = pytest.mark.django_db


def log_in(client: Client, password: str, name: str = "ana") -> int:
    return client.post("/accounts/login/", {"username": name, "password": password}).status_code


def test_ana_logs_in_to_what_she_does_next(nobody: Client) -> None:
    make.make_user("ana")
    response = nobody.post("/accounts/login/", {"username": "ana", "password": make.PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == "/"
    assert "Welcome, ana" in response.content.decode()


def test_ivo_logs_in_to_his_classes(nobody: Client) -> None:
    make.make_instructor("ivo")
    response = nobody.post("/accounts/login/", {"username": "ivo", "password": make.PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == "/"
    assert "Your classes" in response.content.decode()


def test_the_demo_names_its_accounts_and_says_that_it_is_one(nobody: Client, settings: Settings) -> None:
    settings.DEMO_MODE = True
    page = nobody.get("/accounts/login/").content.decode()
    assert "demonstration" in page
    assert all(f"<code>{name}</code>" in page for name in ("ana", "zoe", "ivo", "demo"))


def test_a_real_site_names_no_account(nobody: Client, settings: Settings) -> None:
    settings.DEMO_MODE = False
    page = nobody.get("/accounts/login/").content.decode()
    assert "demonstration" not in page
    assert "ana" not in page.split("<main")[1]


def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(nobody: Client) -> None:
    make.make_user("ana")
    sent = [{"username": "ana", "password": "wrong"}, {"username": "nobody", "password": "wrong"}]
    pages = [nobody.post("/accounts/login/", data).content.decode() for data in sent]
    assert all("do not belong together" in page for page in pages)


def test_too_many_wrong_passwords_pause_the_log_in_and_say_for_how_long(
    nobody: Client, settings: Settings
) -> None:
    make.make_user("ana")
    statuses = [log_in(nobody, "wrong") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert statuses[-1] == 429
    response = nobody.post("/accounts/login/", {"username": "ana", "password": make.PASSWORD})
    assert response.status_code == 429
    assert "quarter of an hour" in response.content.decode()


def test_the_log_in_page_leads_nowhere_else(nobody: Client) -> None:
    make.make_user("ana")
    data = {"username": "ana", "password": make.PASSWORD, "next": "//evil.example/"}
    assert nobody.post("/accounts/login/", data).headers["Location"] == "/"


def test_logging_out_is_a_post_and_ends_the_session(ana: Client) -> None:
    assert ana.get("/accounts/logout/").status_code == 405
    assert ana.get("/tickets/").status_code == 200
    response = ana.post("/accounts/logout/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert ana.get("/tickets/").status_code == 302
