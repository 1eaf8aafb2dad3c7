"""The glossary and the reference sheet: pages, and the content of the sheets that a key opens."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tickets import glossary as words
from tickets.forms.worksheets import CHOICES
from tickets.methodology import STEPS
from tickets.views.htmx import is_htmx


@require_GET
@login_required
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, _page_or_part(request, "lookup/glossary.html"), {"terms": words.TERMS})


@require_GET
@login_required
def reference(request: HttpRequest) -> HttpResponse:
    context = {
        "steps": STEPS,
        "article": words.ARTICLE,
        "author": words.METHOD_AUTHOR,
        "proofs": words.PROOFS,
        "false_alarms": words.FALSE_ALARMS,
        "outcomes": [(choice, words.OUTCOME_SHOWN_BY[choice.value]) for choice in CHOICES["outcome"]],
        "flags": words.FLAGS,
        "states": words.CONN_STATES,
        "letters": words.HISTORY,
        "ports": words.PORTS,
        "dispositions": CHOICES["disposition"],
        "codes": CHOICES["reason_code"],
    }
    return render(request, _page_or_part(request, "lookup/reference.html"), context)


def _page_or_part(request: HttpRequest, template: str) -> str:
    return f"{template}#sheet" if is_htmx(request) else template
