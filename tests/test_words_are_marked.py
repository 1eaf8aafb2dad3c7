"""Every word that a template shows is marked for translation (docs/decisions/0011)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.wording import Found, unmarked

TEMPLATES = settings.BASE_DIR / "templates"
FILES = sorted(path for path in TEMPLATES.rglob("*.html"))


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
