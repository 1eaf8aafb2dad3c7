from __future__ import annotations

import pytest
from django.test import Client

from tests import factories as make
from tickets import glossary
from tickets.forms.worksheets import CHOICES
from tickets.methodology import STEPS
from tickets.templatetags.words import EXPLAINED_AT, state_entry
from tickets.templatetags.words import PAGES as PAGES_OF_WORDS

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
            assert str(choice.label) in page


def test_every_word_of_the_glossary_has_a_place_that_a_link_can_name(ana: Client) -> None:
    page = ana.get("/glossary/").content.decode()
    for term in glossary.TERMS:
        assert f'id="{term.anchor}"' in page


def test_every_word_that_opens_an_entry_leads_to_one(ana: Client) -> None:
    pages = {name: ana.get(f"/{name}/").content.decode() for name in set(PAGES_OF_WORDS.values())}
    assert [place for place, name in PAGES_OF_WORDS.items() if f'id="{place}"' not in pages[name]] == []
    assert set(EXPLAINED_AT.values()) <= set(PAGES_OF_WORDS)


def test_a_word_of_the_desk_is_a_plain_link_and_a_state_leads_to_its_own_line(ana: Client) -> None:
    page = ana.get(f"/tickets/{make.make_ticket().pk}/").content.decode()
    assert '<a class="term" href="/glossary/#originator"' in page
    assert state_entry("REJ", "REJ").startswith('<a class="term" href="/reference/#state-REJ"')
    assert state_entry("FIN_WAIT", "FIN_WAIT") == "FIN_WAIT"


def test_a_result_explains_its_criteria_once_each(ana: Client) -> None:
    ticket = make.make_ticket()
    make.make_grade(make.make_submission(ticket, with_job=False))
    page = ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    for place in ("glossary/#reversed", "glossary/#originator", "glossary/#disposition"):
        assert page.count(f'class="term" href="/{place}"') == 1
