from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.embedded]


def test_the_admin_asks_who_is_there_and_breaks_no_content_policy(
    live_server: LiveServer, page: Page
) -> None:
    page.goto(f"{live_server.url}/admin/")
    expect(page.get_by_label("Name")).to_be_visible()
