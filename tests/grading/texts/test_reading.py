"""What a text says, of whom, and whether its writer stands by it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grading.texts.labelled import context_of, said
from tickets.grading.texts import Against, Kind, Standing, Stuffing, TextReading, asserted, read_text
from tickets.methodology import STEP_NAMES

WEB = context_of("web")
CLIENT, SERVER = "10.20.30.40", "203.0.113.80"
OPENED = f"opened {CLIENT}>{SERVER}"
TURNED = f"opened {SERVER}>{CLIENT}"


def reading(text: str, step: str = "analysis") -> TextReading:
    return read_text(step, text, WEB)


@pytest.mark.parametrize(
    "text",
    [
        "10.20.30.40 connects to 203.0.113.80.",
        "10.20.30.40 connected with 203.0.113.80",
        "10.20.30.40 opened a connection to 203.0.113.80",
        "10.20.30.40 started a session with the server 203.0.113.80",
        "10.20.30.40 asked 203.0.113.80 for a page",
        "10.20.30.40 make connection to 203.0.113.80",
        "10.20.30.40 sent a SYN to 203.0.113.80",
        "203.0.113.80 answered 10.20.30.40",
        "203.0.113.80 replied to 10.20.30.40",
        "203.0.113.80 give answer back to 10.20.30.40",
        "203.0.113.80 sent a SYN-ACK to 10.20.30.40",
        "203.0.113.80 was contacted by 10.20.30.40",
        "203.0.113.80 was opened a connection to by 10.20.30.40",
        "the reply from 203.0.113.80 to 10.20.30.40",
        "a packet that came back from 203.0.113.80 to 10.20.30.40",
        "a SYN from 10.20.30.40 to 203.0.113.80",
        "the connection from 10.20.30.40 to 203.0.113.80",
        "10.20.30.40 is the client and 203.0.113.80 is the server",
        "Client: 10.20.30.40\nServer: 203.0.113.80",
        "10.20.30.40 asked, 203.0.113.80 answered",
        "ws-14 connected to www.example.net",
        "WS-14 conected to www.example.net",
        "10[.]20.30[.]40 connected to 203(dot)0(dot)113(dot)80",
    ],
)
def test_asking_and_replying_both_tell_who_asked(text: str) -> None:
    assert {str(fact) for fact in asserted(reading(text).facts, Kind.OPENED)} == {OPENED}


@pytest.mark.parametrize(
    "text",
    [
        "from 10.20.30.40 to 203.0.113.80",
        "10.20.30.40 -> 203.0.113.80",
        "10.20.30.40:3932 --> 203.0.113.80:80",
        "203.0.113.80 <- 10.20.30.40",
        "traffic from 10.20.30.40 to 203.0.113.80",
        "Source: 10.20.30.40\nDestination: 203.0.113.80",
    ],
)
def test_a_bare_direction_does_not_say_who_asked(text: str) -> None:
    facts = reading(text).facts
    assert {fact.value for fact in asserted(facts, Kind.SENT)} == {f"{CLIENT}>{SERVER}"}
    assert not asserted(facts, Kind.OPENED)


@pytest.mark.parametrize(
    "text",
    [
        "The alert says that 203.0.113.80 connected to 10.20.30.40.",
        "According to the SIEM 203.0.113.80 opened it to 10.20.30.40.",
        "The alert shows 203.0.113.80 -> 10.20.30.40.",
        "The alert names 203.0.113.80 as source and 10.20.30.40 as destination.",
    ],
)
def test_what_the_alert_is_said_to_show_is_not_the_trainees_claim(text: str) -> None:
    facts = reading(text, "reason").facts
    assert f"{SERVER}>{CLIENT}" in {fact.value for fact in asserted(facts, Kind.CLAIMED)}
    assert not asserted(facts, Kind.OPENED, Kind.SENT)


@pytest.mark.parametrize(
    "text",
    [
        "10.20.30.40 did not connect to 203.0.113.80.",
        "10.20.30.40 didn't connect to 203.0.113.80.",
        "10.20.30.40 never opened a connection to 203.0.113.80",
        "Maybe 10.20.30.40 connected to 203.0.113.80.",
        "10.20.30.40 might have connected to 203.0.113.80.",
        "If 10.20.30.40 connected to 203.0.113.80, the alert is reversed.",
        "Did 10.20.30.40 connect to 203.0.113.80?",
        "It is not a false positive.",
        "It could be a false positive.",
        "True positive or false positive? Undetermined?",
    ],
)
def test_what_is_denied_guessed_or_asked_is_shown_and_asserts_nothing(text: str) -> None:
    for step in ("analysis", "conclusion"):
        read = reading(text, step)
        assert not asserted(read.facts, Kind.OPENED, Kind.REVERSED, Kind.DISPOSITION)
        assert not read.own
    assert any(fact.standing is not Standing.ASSERTED for fact in read.facts) or "203" in text


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("The handshake was completed.", "established"),
        ("connection is success", "established"),
        ("The connection was not established.", "failed"),
        ("It did not succeed.", "failed"),
        ("The server refused it.", "refused"),
        ("The port is closed.", "refused"),
        ("The firewall dropped it.", "rejected"),
        ("It was blocked by the firewall.", "rejected"),
        ("There was no SYN-ACK.", "unanswered"),
        ("server not answer", "unanswered"),
        ("Nothing came back.", "unanswered"),
        ("Only one direction was recorded.", "one_way"),
        ("It cannot be determined whether it answered.", "cannot_be_determined"),
    ],
)
def test_an_outcome_is_read_from_the_words_that_people_use(text: str, outcome: str) -> None:
    assert f"outcome {outcome}" in said(reading(text))


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("203.0.113.80:80", "203.0.113.80:80"),
        ("203.0.113.80 port 80", "203.0.113.80:80"),
        ("203.0.113.80 on 80/tcp", "203.0.113.80:80"),
        ("10.20.30.40 connected to 203.0.113.80 over TCP on port 80", "203.0.113.80:80"),
        ("[2001:db8::1]:443", "[2001:db8::1]:443"),
        ("service port 80", "80"),
        ("tcp/80", "80"),
    ],
)
def test_a_port_is_tied_to_the_side_that_it_stands_with(text: str, port: str) -> None:
    assert {fact.value for fact in asserted(reading(text).facts, Kind.PORT)} == {port}


@pytest.mark.parametrize(
    ("text", "against"),
    [
        ("203.0.113.80 connected to 10.20.30.40.", Against.DIRECTION),
        ("The alert is not reversed.", Against.REVERSED),
        ("The server refused it.", Against.OUTCOME),
        ("It is a true positive.", Against.DISPOSITION),
        ("The code is TP2.", Against.CODE),
        ("10.20.30.40 connected to 203.0.113.80 on port 443.", Against.PORT),
        ("It was UDP.", Against.PROTOCOL),
        ("It matches the rule.", Against.INTENT),
        ("10.20.30.41 connected to 203.0.113.80.", Against.UNKNOWN),
    ],
)
def test_a_text_that_contradicts_the_writers_own_fields_is_a_question(text: str, against: Against) -> None:
    found = reading(text, "conclusion").own
    assert against in {contradiction.against for contradiction in found}
    for contradiction in found:
        assert text[contradiction.fact.start : contradiction.fact.end]


def test_a_block_that_no_record_tells_of_is_a_question() -> None:
    answers = replace(WEB.answers, outcome=None)
    context = replace(WEB, answers=answers, has_denial=False)
    read = read_text("analysis", "The firewall blocked it.", context)
    assert [contradiction.against for contradiction in read.own] == [Against.DENIAL]


def test_nothing_is_held_against_a_field_that_is_blank() -> None:
    blank = replace(WEB, answers=replace(WEB.answers, originator_ip=None, outcome=None, disposition=None))
    read = read_text("analysis", "203.0.113.80 opened it to 10.20.30.40 and was refused. Benign.", blank)
    assert not read.own


def test_without_a_key_nothing_of_the_truth_is_told() -> None:
    read = reading("203.0.113.80 connected to 10.20.30.40.")
    assert read.verdict == ()
    assert read.missing == ()


def test_a_sentence_said_twice_counts_once_and_is_told() -> None:
    read = reading("10.20.30.40 connected to 203.0.113.80. 10.20.30.40 connected to 203.0.113.80.")
    assert [passage.why for passage in read.passages] == [Stuffing.REPEATED]
    assert len(asserted(read.facts, Kind.OPENED)) == 1


def test_a_step_with_far_more_addresses_than_the_ticket_is_left_to_a_person() -> None:
    text = "\n".join(f"192.0.2.{number} connected to 203.0.113.80." for number in range(1, 9))
    assert reading(text).is_left_to_a_person


def test_a_sentence_beside_a_pasted_line_is_read() -> None:
    line = "May 14 2024 09:12:03 fw-1 : %ASA-6-302013: Built outbound TCP connection 7"
    read = reading(f"{line}\n10.20.30.40 opened it.")
    assert said(read) == {"opened 10.20.30.40>"}
    assert [passage.why for passage in read.passages] == [Stuffing.PASTED]


SOUP = st.lists(
    st.sampled_from(
        "10.20.30.40 203.0.113.80:80 2001:db8::1 [2001:db8::1]:443 connected to from by -> <- not if , . ; : ( ) \n ? "
        "SYN-ACK port 80 80/tcp 999.1.2.3 was answered capture.pcap:3 09:12:03 false positive because ws-14 １ ٣ \u200b".split(
            " "
        )
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | SOUP, st.sampled_from(STEP_NAMES))
def test_whatever_is_typed_is_read_without_a_fault_and_every_fact_has_its_place(text: str, step: str) -> None:
    read = read_text(step, text, WEB)
    assert read == read_text(step, text, WEB)
    for fact in read.facts:
        assert 0 <= fact.start < fact.end <= len(text)
    for passage in read.passages:
        assert 0 <= passage.start <= passage.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "1.",
        "[.]",
        "10.20.30.40 to ",
        "a=a",
        '"a":',
        "(",
        ":",
        "is the ",
        "sent 10.20.30.40 on port 80 ",
        "\t",
    ],
)
def test_a_long_text_of_anything_is_read_in_bounded_time(piece: str) -> None:
    began = time.perf_counter()
    reading(piece * (100_000 // len(piece)))
    assert time.perf_counter() - began < 10


def test_as_if_is_no_condition() -> None:
    text = "False positive, because the alert shows an answer as if it were a request."
    assert asserted(reading(text, "conclusion").facts, Kind.DISPOSITION)
    assert not asserted(
        reading("False positive, if the alert is reversed.", "conclusion").facts, Kind.DISPOSITION
    )
