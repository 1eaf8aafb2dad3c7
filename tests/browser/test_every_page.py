"""Every page of everybody, as it stands with work in it: accessible in both themes, and whole on a laptop and on a phone.

The pages of the admin stand in `test_every_admin_page`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.faults import faults_of, only_refusals
from tests.browser.stage import NO_PAGES, PAGES, Stage, admin_names, named_addresses
from tests.browser.trainee import Trainee
from tickets.views import lookup

pytestmark = [pytest.mark.browser]


def pages_of(user: str, stage: Stage) -> Iterator[tuple[str, str]]:
    """Where each page is that this user is shown, and how its title begins."""
    for name, pages in PAGES.items():
        for page in pages:
            if user in page.who:
                for arguments in page.arguments(stage):
                    query = f"?{page.query}" if page.query else ""
                    yield f"{reverse(name, args=list(arguments))}{query}", page.title


def test_a_new_address_is_either_looked_at_here_or_named_as_no_page() -> None:
    named = Counter([*PAGES, *admin_names(), *(name for names in NO_PAGES.values() for name in names)])
    assert [name for name, times in named.items() if times > 1] == []
    assert sorted(named) == sorted(named_addresses())


@pytest.mark.parametrize("user", ["nobody", "ana", "ivo", "boss"])
def test_every_page_is_accessible_fits_and_has_a_name_of_its_own(
    live_server: LiveServer, page: Page, stage: Stage, user: str
) -> None:
    if user != "nobody":
        Trainee(page, live_server.url).log_in(user)
    faults: list[str] = []
    titles: dict[str, str] = {}
    for path, title in pages_of(user, stage):
        answer = page.goto(f"{live_server.url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        faults += [f"{path} {fault}" for fault in faults_of(page)]
        if not page.title().startswith(title):
            faults.append(f"{path} is called {page.title()}")
        # The tabs of a desk are one page.
        if titles.setdefault(page.title(), path.partition("?")[0]) != path.partition("?")[0]:
            faults.append(f"{path} is called as {titles[page.title()]} is: {page.title()}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("status", "path", "title"),
    [
        (400, "cohort_report_tickets", "Not understood"),
        (403, "/admin/", "Not allowed"),
        (404, "/nothing/", "Not found"),
        (500, "/glossary/", "Our fault"),
    ],
)
def test_a_page_that_says_what_went_wrong_is_as_good_as_any(
    live_server: LiveServer,
    page: Page,
    stage: Stage,
    silent_page: list[str],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    path: str,
    title: str,
) -> None:
    def fail(request: HttpRequest, *arguments: object) -> HttpResponse:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(lookup, "render", fail)
    if not path.startswith("/"):
        path = reverse(path, args=[stage.cohort.pk]) + "?reached=nowhere"
    Trainee(page, live_server.url).log_in("ivo" if status == 400 else "ana")
    answer = page.goto(f"{live_server.url}{path}")
    assert answer is not None
    assert answer.status == status
    assert faults_of(page) == []
    assert page.title() == f"{title} - SOC Trainer"
    only_refusals(silent_page, status, 1)


def test_a_form_that_cannot_prove_where_it_came_from_says_so(
    live_server: LiveServer, page: Page, stage: Stage, silent_page: list[str]
) -> None:
    Trainee(page, live_server.url).log_in("ana")
    page.locator(".appbar [name=csrfmiddlewaretoken]").evaluate("field => { field.value = 'x' }")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/logout/")
    assert faults_of(page) == []
    assert page.title() == "Please try again - SOC Trainer"
    only_refusals(silent_page, 403, 1)


def test_a_paused_log_in_says_so(
    live_server: LiveServer, page: Page, stage: Stage, silent_page: list[str]
) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    for _ in range(8):
        page.get_by_label("Name").fill("ana")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_load_state()
    assert faults_of(page) == []
    assert page.title() == "Log-in paused - SOC Trainer"
    silent_page.clear()
