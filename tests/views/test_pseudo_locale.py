"""The pages in a language that puts ⟦ and ⟧ around all that is marked: what a reader still sees outside is data."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from tests import factories as make
from tests.wording import WORD
from tickets.models import Cohort, Ticket, User
from tickets.templatetags.display import length_s

pytestmark = pytest.mark.django_db

MARKED = re.compile(r"⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧")
SILENT = frozenset({"script", "style", "code", "kbd", "pre", "svg", "title"})
VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})


def _wrap(original: Callable[..., str]) -> Callable[..., str]:
    def wrapped(*args: Any, **kwargs: Any) -> str:
        # A safe string has to stay one, so the marks are put around it by its own addition.
        text = original(*args, **kwargs)
        return type(text)(f"⟦{text}⟧")

    return wrapped


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    translation.gettext("")  # from here on `_trans` holds the real functions
    for name in ("gettext", "ngettext"):
        monkeypatch.setattr(translation._trans, name, _wrap(getattr(translation._trans, name)))  # type: ignore[attr-defined]


class Texts(HTMLParser):
    """The texts between tags, without those of code, drawings and the head."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.texts.append(data)


def outside(page: str) -> str:
    """What of a page is in no message, as one line."""
    texts = Texts()
    texts.feed(page)
    return " ".join(MARKED.sub("·", " ".join(texts.texts)).split())


def words_of_templates() -> set[str]:
    """Every message of the templates that is a sentence or a heading of two words or more."""
    found: set[str] = set()
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        source = path.read_text()
        found |= {each[1] for each in re.findall(r"{% translate (['\"])(.*?)\1", source)}
        for message in re.findall(r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", source, re.DOTALL):
            found |= set(re.split(r"{{.*?}}|{%.*?%}|<[^>]*>", message))
    return {" ".join(each.split()) for each in found if len(WORD.sub("x", each).split()) > 2}


@pytest.fixture
def graded() -> Ticket:
    ticket = make.make_ticket()
    make.make_grade(make.make_submission(ticket, with_job=False))
    return ticket


def _addresses(ticket: Ticket) -> dict[str, tuple[str, ...]]:
    cohort = Cohort.objects.get()
    return {
        "": ("/accounts/login/", "/no/such/page/"),
        "ana": (
            "/",
            "/tickets/",
            f"/tickets/{ticket.pk}/",
            f"/tickets/{ticket.pk}/grade/",
            "/progress/",
            "/marking/",
        ),
        "ivo": ("/", "/tickets/?status=all", f"/reports/cohorts/{cohort.pk}/", "/marks/", "/shifts/"),
    }


# What a page prints that is in no message: names, and the words of the fixtures.
DATA = re.compile(r"SOC Trainer|Spring class|ivo|ana|direction|[A-Z0-9]-\w+")
# Pages without evidence or teaching, where every other word has to be in a message.
ALL_INTERFACE = ("/accounts/login/", "/no/such/page/", "/", "/marks/", "/shifts/")


@pytest.mark.usefixtures("pseudo")
def test_no_sentence_of_a_template_stands_unmarked_on_a_page(graded: Ticket) -> None:
    messages = words_of_templates()
    assert len(messages) > 300
    for name, addresses in _addresses(graded).items():
        for address in addresses:
            page = _client(name).get(address).content.decode()
            assert page.count("⟦") > 5, address
            left = outside(page)
            assert [each for each in messages if each in left] == [], address


@pytest.mark.usefixtures("pseudo", "graded")
def test_on_a_page_of_the_interface_alone_every_word_is_marked() -> None:
    for address in ALL_INTERFACE:
        name = "" if address in ALL_INTERFACE[:2] else "ivo"
        left = DATA.sub("", outside(_client(name).get(address).content.decode()))
        assert WORD.search(left) is None, (address, left)


@pytest.mark.usefixtures("pseudo")
def test_names_and_units_from_tables_of_a_report_are_marked(graded: Ticket) -> None:
    desk = _client("ana").get(f"/tickets/{graded.pk}/").content.decode()
    assert "⟦Packets⟧ <span>" in desk
    assert 'data-say-originator="⟦originator⟧"' in desk
    assert "⟦Mine, open⟧" in _client("ana").get("/tickets/").content.decode()
    assert length_s(600) == "⟦10 min⟧"


def _client(name: str) -> Client:
    client = Client()
    if name:
        client.force_login(
            User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend"
        )
    return client
