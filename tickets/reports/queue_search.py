"""Finding tickets by what a person types: a ticket's code, an address, a port, a rule, words of the alert.

Addresses, ports, rule numbers and codes are looked up as they stand or by their beginning, which an index answers;
only what is none of these is looked for inside texts.
"""

from __future__ import annotations

import ipaddress
import re

from django.db.models import Q

from tickets.models import ScenarioVersion, Variant
from tickets.models.tickets import CODE_ALPHABET

MOST_WORDS = 6
_CODE = re.compile(rf"T-[{CODE_ALPHABET}]{{0,6}}", re.ASCII)
# "10.20." or "2001:db8:": too little for an address, too much for a number.
_BEGINNING = re.compile(r"(\d{1,3}\.){1,3}\d{0,3}|[0-9a-f]{1,4}:[0-9a-f:]*", re.ASCII | re.IGNORECASE)
_ENDPOINT = re.compile(r"\[([0-9a-f:.]+)\]:(\d{1,5})|([0-9.]+):(\d{1,5})", re.ASCII | re.IGNORECASE)
_MOST_PORT = 65535


def matching(text: str, *, by_trainee: bool) -> Q:
    """The tickets that match every word of `text`. `by_trainee`: a trainee's name counts too."""
    found = Q()
    for word in text.split()[:MOST_WORDS]:
        found &= _matching_word(word, by_trainee=by_trainee)
    return found


def _matching_word(word: str, *, by_trainee: bool) -> Q:
    if _CODE.fullmatch(word.upper()):
        return Q(code__startswith=word.upper())
    alert = _of_the_alert(word)
    if alert is not None:
        return _of_variants(alert)
    found = _of_variants(Q(alert_message__icontains=word)) | Q(
        variant__version__in=ScenarioVersion.objects.filter(
            Q(title__icontains=word) | Q(sensor__icontains=word)
        )
        .order_by()
        .values("pk")
    )
    if by_trainee:
        found |= (
            Q(trainee__username__icontains=word)
            | Q(trainee__first_name__icontains=word)
            | Q(trainee__last_name__icontains=word)
        )
    # A code as it is read aloud, without its T.
    return found | Q(code=f"T-{word.upper()}")


def _of_variants(condition: Q) -> Q:
    return Q(variant__in=Variant.objects.filter(condition).order_by().values("pk"))


def _of_the_alert(word: str) -> Q | None:
    """Variants whose alert prints this endpoint, number or address; None for a word that is none of these."""
    if endpoint := _ENDPOINT.fullmatch(word):
        ip, port = endpoint[1] or endpoint[3], int(endpoint[2] or endpoint[4])
        if port > _MOST_PORT:
            return None
        return Q(alert_src_ip=ip, alert_src_port=port) | Q(alert_dst_ip=ip, alert_dst_port=port)
    if word.isascii() and word.isdigit() and len(word) <= 18:
        number = int(word)
        is_rule = Q(alert_sid=number)
        if number > _MOST_PORT:
            return is_rule
        return Q(alert_src_port=number) | Q(alert_dst_port=number) | is_rule
    try:
        ip = str(ipaddress.ip_address(word))
    except ValueError:
        if not _BEGINNING.fullmatch(word):
            return None
        word = word.lower()
        return Q(alert_src_ip__startswith=word) | Q(alert_dst_ip__startswith=word)
    return Q(alert_src_ip=ip) | Q(alert_dst_ip=ip)
