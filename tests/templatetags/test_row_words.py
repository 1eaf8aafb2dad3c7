from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.template import Context, Template
from django.utils import timezone


def render(source: str, **context: object) -> str:
    return Template("{% load row_words %}{% row_words as say %}" + source).render(Context(context))


def test_a_label_names_what_it_is_about_and_escapes_it() -> None:
    assert render("{{ place|named:say.open }}", place='<a>"b".pcap:4') == "Open &lt;a&gt;&quot;b&quot;.pcap:4"
    assert render("{{ place|named:say.pin }}", place="a.pcap:4") == "Pin a.pcap:4"


def test_a_pause_is_told_to_the_hundredth_of_a_second() -> None:
    assert render("{{ gap|lasting:say.pause }}", gap=61.006) == "61.01 s later"


def test_lengths_of_time_stand_in_their_sentence() -> None:
    now = timezone.now()

    assert render("{{ then|since:say.ago }}", then=now - timedelta(hours=3)) == "3 h ago"
    assert render("{{ then|since:say.late }}", then=now - timedelta(days=4)) == "4 d late"
    assert render("{{ then|before:say.due_in }}", then=now + timedelta(minutes=5, seconds=30)) == "in 5 min"


def test_points_stand_out_of_the_most_without_needless_zeros() -> None:
    assert render("{% out_of a b say.out_of %}", a=Decimal("7.50"), b=Decimal("10.00")) == "7.5 of 10"
