"""Every word that a template shows is marked for translation, and a script shows none of its own (docs/decisions/0011)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.script_wording import script_words
from tests.wording import Found, unmarked

TEMPLATES = settings.BASE_DIR / "templates"
FILES = sorted(path for path in TEMPLATES.rglob("*.html"))
SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_word_of_a_template_is_marked(path: Path) -> None:
    left = [
        f"{path.relative_to(settings.BASE_DIR)}:{each.line}: {each.words}"
        for each in unmarked(path.read_text())
    ]

    assert not left, "\n".join(left)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Nobody waits.</p>", "Nobody waits."),
        ("<p>{{ count }} tickets</p>", "… tickets"),
        ('<button aria-label="Close">×</button>', "Close"),
        ('<input placeholder="Search">', "Search"),
        ('<input type="submit" value="Import">', "Import"),
        ('<a {% if x %}title="Shown later"{% endif %}>–</a>', "Shown later"),
        ('<dd>{{ sensor|default:"not stated" }}</dd>', "<a literal in a tag>"),
        ('{% include "share.html" with title="Closed rightly" %}', "<a literal in a tag>"),
        ('<td>{% icon "check" "right" %}</td>', "<a literal in a tag>"),
        ('<shift-clock data-say-left="{clock} left"></shift-clock>', "{clock} left"),
        ("{% block title %}Queue{% endblock %}", "…Queue…"),
        ("{{ n }}{{ n|pluralize }}", "|pluralize"),
    ],
)
def test_words_that_are_not_marked_are_found(source: str, words: str) -> None:
    assert unmarked("<hr>\n" + source) == [Found(2, words)]


@pytest.mark.parametrize(
    "source",
    [
        '<p>{% translate "Nobody waits." %}</p>',
        "<p>{% blocktranslate trimmed count n=n %}{{ n }} ticket{% plural %}{{ n }} tickets{% endblocktranslate %}</p>",
        """<button aria-label="{% translate 'Close' %}">×</button>""",
        '<dd>{{ sensor|default:_("not stated") }}</dd>',
        '<td>{% icon "check" _("right") "correct" %}</td>',
        '{% include "error.html" with name="disposition" problem=problems.disposition %}',
        "<title>{{ heading }} - SOC Trainer</title>",
        "<p>12:00 UTC, &nbsp;<kbd>Esc</kbd> <code>ana</code></p>",
        "<p>{# no reader sees this #}{% comment %}nor this{% endcomment %}</p><!-- nor this -->",
        "{% block body_class %}queue{% endblock %}",
        """<td aria-expanded="{{ is_open|yesno:'true,false' }}">""",
    ],
)
def test_what_is_marked_or_no_word_is_left_alone(source: str) -> None:
    assert unmarked(source) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_shows_no_words_of_its_own(path: Path) -> None:
    assert list(script_words(path.read_text())) == []


def test_every_word_that_a_script_asks_for_is_given_by_a_template() -> None:
    tags = (settings.BASE_DIR / "tickets" / "templatetags").glob("*.py")
    given = set(re.findall(r"data-say-([a-z]+)=", "".join(path.read_text() for path in (*FILES, *tags))))
    asked = set(re.findall(r"\bsay([A-Z][a-z]+)\b", "".join(path.read_text() for path in SCRIPTS)))

    assert {each.lower() for each in asked} == given


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('button.textContent = ok ? "Copied" : again;', "Copied"),
        ('let label = "Copied";', "Copied"),
        ('return both ? "other endpoints than the alert\'s" : asked;', "other endpoints than the alert's"),
        ('const ROLES = ["not said"];', "not said"),
        ("this.textContent = `${minutes}:${seconds} left`;", "${minutes}:${seconds} left"),
        ('menu.setAttribute("aria-label", `Put ${ip} into`);', "Put ${ip} into"),
        ('side.title = "late";', "late"),
    ],
)
def test_words_that_a_script_would_show_are_found(source: str, words: str) -> None:
    assert list(script_words("// Shown to nobody\n" + source)) == [Found(2, words)]


@pytest.mark.parametrize(
    "source",
    [
        "/* Shown to nobody. */ const way = 'to'; // nor this",
        'this.textContent = this.dataset.sayLeft.replace("{clock}", clock);',
        'place.textContent = at.toLocaleTimeString("en-GB");',
        'dialog.querySelector("details summary").textContent = link.dataset.title;',
        'if (event.key === "Escape") fetch(href, { headers: { "HX-Request": "true" } });',
        'row.toggleAttribute("data-open", isOpen);',
        "label.textContent += ` ${place}`;",
    ],
)
def test_what_a_script_asks_for_or_fills_in_is_left_alone(source: str) -> None:
    assert list(script_words(source)) == []
