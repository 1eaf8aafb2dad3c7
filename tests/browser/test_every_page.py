"""Every page of everybody, as it stands with work in it: accessible in both themes, and whole on a laptop and on a phone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.stage import NO_PAGES, PAGES, Stage, admin_names, admin_paths, named_addresses, set_stage
from tests.browser.trainee import Trainee, axe_violations
from tickets.views import lookup

pytestmark = [pytest.mark.browser]

SIZES = ((1366, 768), (390, 844))
# As wide as a page must fit without being scrolled sideways (WCAG 1.4.10, reflow).
NARROWEST = (320, 640)
THEMES = ("light", "dark")
# A control of the bar that sticks out of the window.
CUT = """() => [...document.querySelectorAll(".appbar :is(a, button)")].filter(each => {
  const box = each.getBoundingClientRect();
  return each.checkVisibility() && box.width && (box.left < 0 || box.right > innerWidth);
}).map(each => each.textContent.trim())"""


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    return set_stage()


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


def faults_of(page: Page, sizes: tuple[tuple[int, int], ...] = SIZES) -> list[str]:
    """What is wrong with the page as it stands, in both themes at every size."""
    faults = []
    for width, height in (*sizes, NARROWEST):
        page.set_viewport_size({"width": width, "height": height})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{width}: scrolls sideways, {wide} wide")
        faults += [f"{width}: the bar cuts {cut}" for cut in page.evaluate(CUT)]
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            violations = axe_violations(page, preload="/admin/" not in page.url)
            faults += [f"{width}, {theme}: {fault}" for fault in violations]
    if (count := page.locator("h1").count()) != 1:
        faults.append(f"{count} first headings")
    if not page.locator("html").get_attribute("lang"):
        faults.append("no language")
    return faults


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


def test_every_list_and_form_of_the_admin_is_accessible(
    live_server: LiveServer, page: Page, stage: Stage, silent_page: list[str]
) -> None:
    Trainee(page, live_server.url).log_in("boss")
    faults: list[str] = []
    refused = 0
    for path in admin_paths():
        answer = page.goto(f"{live_server.url}{path}")
        assert answer is not None
        if answer.status == 403:
            # What is only read there has no form that adds or deletes.
            assert path.endswith(("/add/", "/delete/")), path
            refused += 1
            continue
        assert answer.status == 200, path
        faults += [f"{path} {fault}" for fault in faults_of(page, SIZES[:1])]
        if not page.title().endswith("| SOC Trainer"):
            faults.append(f"{path} is called {page.title()}")
    assert not faults, "\n".join(faults)
    only_refusals(silent_page, 403, refused)


def only_refusals(complaints: list[str], status: int, times: int) -> None:
    """A browser says of each refused page that it was refused; that much is meant here, and no more."""
    assert len(complaints) == times, complaints
    assert all(f"status of {status}" in complaint for complaint in complaints), complaints
    complaints.clear()


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
