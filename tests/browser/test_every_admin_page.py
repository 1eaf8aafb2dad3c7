"""Every list and form of the admin: accessible in both themes. A file of its own, for it takes as long as all other pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.faults import SIZES, faults_of, only_refusals
from tests.browser.stage import Stage, admin_paths
from tests.browser.trainee import Trainee

pytestmark = [pytest.mark.browser]


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
