from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tickets.models import EvidenceRecord
from tickets.templatetags.display import (
    action_word,
    clock_ns,
    marks,
    moment,
    network,
    shortened,
    spelled,
    translated_ends,
    visible,
    with_addresses,
    without_time,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x00", '<span class="ctl">\\x00</span>'),
        ("\x1b[2J", '<span class="ctl">\\x1b</span>[2J'),
        ("\x9b", '<span class="ctl">\\x9b</span>'),
        ("\u202egpj", '<span class="ctl">U+202E</span>gpj'),
        ("\u200b", '<span class="ctl">U+200B</span>'),
        ("\U000e0041", '<span class="ctl">U+E0041</span>'),
        ("\ud800", '<span class="ctl">\\ud800</span>'),
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("Kovač\t\n", "Kovač\t\n"),
        ("é" + "\u0301" * 2, "é" + "\u0301" * 2),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + '<span class="ctl">U+0301</span>' * 2),
    ],
)
def test_hostile_characters_are_drawn_and_the_rest_is_left_alone(text: str, shown: str) -> None:
    assert visible(text) == f"<bdi>{shown}</bdi>"


def test_an_attribute_spells_what_it_cannot_draw() -> None:
    assert spelled('\x1b[2J "\u202e"') == '\\x1b[2J "U+202E"'


def test_nothing_stays_nothing_so_that_a_default_can_stand_in() -> None:
    assert visible("") == visible(None) == ""


def test_a_long_text_says_how_much_is_left_out() -> None:
    assert shortened("x" * 100_000, 3) == "xxx … 99,997 more characters"
    assert shortened("xyz", 3) == "xyz"


def test_times_of_records_keep_their_microseconds() -> None:
    assert clock_ns(1_772_452_800_114_209_999) == "12:00:00.114209"
    assert clock_ns(None) == ""


def test_a_time_is_written_in_utc_for_a_script_to_turn_into_local_time() -> None:
    shown = moment(datetime(2026, 3, 2, 12, 0, 7, tzinfo=UTC), "clock")
    assert '<time datetime="2026-03-02T12:00:07+00:00">12:00:07 UTC</time>' in shown


@pytest.mark.parametrize(("points", "shown"), [(9.5, "9.5"), (12.0, "12"), (0, "0"), (10, "10"), (None, "")])
def test_points_carry_no_needless_zeros(points: float | None, shown: str) -> None:
    assert marks(points) == shown


@pytest.mark.parametrize(
    ("ip", "kind"),
    [
        ("127.0.0.1", "loopback address"),
        ("169.254.3.4", "link-local address"),
        ("224.0.0.251", "multicast address"),
        ("10.20.30.40", "private address"),
        ("172.16.0.1", "private address"),
        ("172.32.0.1", "public address"),
        ("192.168.1.1", "private address"),
        ("192.0.2.1", "public address"),
        ("fd00::1", "private address"),
        ("203.0.113.80", "public address"),
        ("2001:db8::80", "public address"),
        ("no address", ""),
    ],
)
def test_an_address_is_called_what_it_is(ip: str, kind: str) -> None:
    assert network(ip, {}) == kind


def test_an_address_is_inside_or_outside_of_what_the_sensor_protects() -> None:
    variables = {"HOME_NET": ["10.20.0.0/16", "192.0.2.0/24"], "EXTERNAL_NET": ["!$HOME_NET"]}
    assert network("10.20.30.40", variables) == "inside, private address"
    assert network("192.0.2.1", variables) == "inside, public address"
    assert network("10.99.0.1", variables) == "outside, private address"
    assert network("203.0.113.80", variables) == "outside, public address"
    assert network("a host", variables) == ""


@pytest.mark.parametrize(
    ("text", "buttons"),
    [
        ("from 203.0.113.80:80", ['data-ip="203.0.113.80" data-port="80">203.0.113.80:80<']),
        (
            "outside:203.0.113.80/22 (10.0.0.1/22)",
            ['"203.0.113.80" data-port="22"', '"10.0.0.1" data-port="22"'],
        ),
        ('{"ip":"10.0.0.1","port":80}', ['data-ip="10.0.0.1" data-port="">10.0.0.1<']),
        ("our network is 10.20.0.0/16", []),
        ("version 1.2.3.4.5, Chrome/134.0.0.0, 999.1.1.1, 10.0.0.1:99999", []),
        ("1." * 50_000, []),
    ],
)
def test_addresses_in_a_line_become_buttons(text: str, buttons: list[str]) -> None:
    drawn = with_addresses(text)
    assert all(button in drawn for button in buttons)
    assert drawn.count("<button") == len(buttons)


def test_a_line_with_addresses_stays_harmless() -> None:
    assert with_addresses("<b>10.0.0.1\x1b").startswith("<bdi>&lt;b&gt;<button")
    assert with_addresses("<b>10.0.0.1\x1b").endswith('<span class="ctl">\\x1b</span></bdi>')


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Mar 25 2026 09:13:12: %ASA-6-302013: Built", "%ASA-6-302013: Built"),
        ("<134>Mar  5 09:13:12 fw-1 kernel: DROP", "fw-1 kernel: DROP"),
        ("2026-03-03T08:57:18.697482+00:00 bastion-1 sshd[1]: x", "bastion-1 sshd[1]: x"),
        ("2026-03-03 10:25:18 ALLOW UDP", "ALLOW UDP"),
        ("http: status 200", "http: status 200"),
        ("Marx 25 2026", "Marx 25 2026"),
    ],
)
def test_a_line_without_the_time_that_has_a_column_of_its_own(line: str, shown: str) -> None:
    assert without_time(line) == shown


def test_what_a_device_did_in_its_own_word() -> None:
    assert action_word({"action": "deny", "word": "DROP"}) == "deny"
    assert action_word({"word": "inbound"}) == "inbound"
    assert action_word({}) == ""


@pytest.mark.parametrize(
    ("mapped", "shown"),
    [
        ({}, ""),
        ({"mapped_src": "10.0.0.1:80", "mapped_dst": "192.0.2.1:443"}, ""),
        ({"mapped_src": "192.0.2.9:80", "mapped_dst": "192.0.2.1:443"}, "192.0.2.9:80"),
        ({"mapped_src": "10.0.0.1:81", "mapped_dst": "192.0.2.1:444"}, "10.0.0.1:81, 192.0.2.1:444"),
    ],
)
def test_only_ends_that_were_changed_are_told_as_translated(mapped: dict[str, str], shown: str) -> None:
    ends = {"src_ip": "10.0.0.1", "src_port": 80, "dst_ip": "192.0.2.1", "dst_port": 443}
    assert translated_ends(EvidenceRecord(detail=mapped, **ends)) == shown
