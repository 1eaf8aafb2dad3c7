from __future__ import annotations

import pytest
from django.test import Client

from tickets import glossary
from tickets.forms.worksheets import CHOICES
from tickets.methodology import STEPS

pytestmark = pytest.mark.django_db

PAGES = ("/glossary/", "/reference/")


@pytest.mark.parametrize("page", PAGES)
def test_whoever_signs_in_reads_it_and_a_stranger_is_sent_to_the_log_in_page(
    ana: Client, ivo: Client, zoe: Client, nobody: Client, page: str
) -> None:
    assert [client.get(page).status_code for client in (ana, ivo, zoe)] == [200, 200, 200]
    assert nobody.get(page).headers["Location"].startswith("/accounts/login/")
    assert ana.post(page).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_the_sheet_that_a_key_opens_is_the_page_without_its_frame(ana: Client, page: str) -> None:
    sheet = ana.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in sheet
    assert sheet.strip() in ana.get(page).content.decode()


def test_the_reference_sheet_names_the_steps_their_author_and_every_choice_of_the_worksheet(
    ana: Client,
) -> None:
    page = ana.get("/reference/").content.decode().replace("&#x27;", "'").replace("&lt;", "<")
    assert glossary.METHOD_AUTHOR in page
    assert glossary.ARTICLE in page
    for step in STEPS:
        assert step.title in page
    for name in ("outcome", "disposition", "reason_code"):
        for choice in CHOICES[name]:
            assert choice.label in page


def test_every_word_of_the_glossary_has_a_place_that_a_link_can_name(ana: Client) -> None:
    page = ana.get("/glossary/").content.decode()
    for term in glossary.TERMS:
        assert f'id="{term.anchor}"' in page
