"""Words of the desk that open their entry in the glossary or on the reference sheet."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tickets import glossary

register = template.Library()

# The page that holds each place, by the name of its address. A section's place is the reference sheet's own.
PAGES: Mapping[str, str] = {
    **{term.anchor: "glossary" for term in glossary.TERMS},
    **dict.fromkeys(glossary.SECTIONS, "reference"),
    **{f"state-{sign.sign}": "reference" for sign in glossary.CONN_STATES},
}

# What explains a line of the rubric, by the criterion.
EXPLAINED_AT: Mapping[str, str] = {
    "reversed": "reversed",
    "originator_ip": "originator",
    "responder_ip": "responder",
    "outcome": "outcomes",
    "intent": "intent",
    "disposition": "disposition",
    "reason_code": "closing",
    "evidence": "pin",
}


@register.simple_tag
def entry(place: str, text: object, *, is_label: bool = False) -> SafeString:
    """`text` as a link to its entry, which a script opens as a sheet over the page.

    A label's link is left out of the order of the Tab key, so that one field follows another: `g` and `r` open both
    sheets by key.
    """
    page = PAGES[place]
    return format_html(
        '<a class="term" href="{}#{}" data-lookup data-title="{}"{}>{}</a>',
        reverse(page),
        place,
        _("Glossary") if page == "glossary" else _("Reference sheet"),
        SafeString(' tabindex="-1"') if is_label else "",
        text,
    )


@register.simple_tag
def criterion_entry(criterion: str, text: object) -> SafeString | str:
    """The name of a line of the rubric, as a link where something explains it."""
    place = EXPLAINED_AT.get(criterion)
    return entry(place, text) if place else str(text)


@register.simple_tag
def state_entry(state: str, shown: object) -> SafeString | str:
    """Zeek's connection state as a link to what it says; other writers' words as they are, as `shown`."""
    place = f"state-{state}"
    return entry(place, shown) if place in PAGES else shown  # type: ignore[return-value]
