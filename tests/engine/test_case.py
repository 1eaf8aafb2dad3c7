"""Files of several kinds read as one case: what one lacks another proves."""

from __future__ import annotations

import io
import json

import pytest

from tests.traffic import pcap, tcp
from tickets.engine import Cause, EngineError, Outcome, Reversed, examine, parse_rule
from tickets.engine.types import Endpoint

from .samples import make_alert

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
WHOLE = tcp(CLIENT, SERVER).handshake().says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 200 OK\r\n\r\n")
REPLY_RULE = parse_rule("alert tcp any any -> any any (flow:to_client; sid:1900001;)")


def late() -> bytes:
    """The same conversation on a sensor that started after the handshake, and saw bare data only."""
    return pcap(tcp(CLIENT, SERVER).handshake().says(b"\x01\x02").answers(b"\x03\x04").cut(1, 2, 3))


def eve(*alerts: tuple[str, str], **more: object) -> bytes:
    def event(src: str, dst: str) -> str:
        (source, sport), (target, dport) = src.split(":"), dst.split(":")
        ends = {"src_ip": source, "src_port": int(sport), "dest_ip": target, "dest_port": int(dport)}
        common = {"timestamp": "2026-01-05T12:00:00.002+0000", "event_type": "alert", "proto": "TCP"}
        return json.dumps({**common, **ends, "alert": {"signature_id": 1900001}, **more})

    return "".join(event(*ends) + "\n" for ends in alerts).encode()


def test_a_capture_and_its_alerts_are_one_conversation() -> None:
    case = examine([("a.pcap", pcap(WHOLE)), ("eve.json", eve((SERVER, CLIENT), (CLIENT, SERVER)))])
    (conversation,) = case.conversations
    assert conversation.outcome is Outcome.ESTABLISHED
    assert {place.file for place in conversation.records} == {"a.pcap", "eve.json"}
    assert [judged.reversed for judged in case.alerts] == [Reversed.YES, Reversed.NO]
    assert all(judged.conversation == conversation for judged in case.alerts)


def test_what_the_capture_lacks_another_capture_proves() -> None:
    asked = pcap(tcp(CLIENT, SERVER).syn())
    alone = examine([("late.pcap", late())]).conversations[0]
    together = examine([("late.pcap", late()), ("early.pcap", asked)]).conversations
    assert (len(together), together[0].orig) == (1, Endpoint("10.20.30.40", 3932))
    assert together[0].confidence > alone.confidence


def test_the_order_of_the_files_changes_nothing_but_the_order() -> None:
    files = [("a.pcap", pcap(WHOLE)), ("eve.json", eve((SERVER, CLIENT)))]
    one, other = examine(files), examine(files[::-1])
    assert [(item.orig, item.outcome, item.confidence) for item in one.conversations] == [
        (item.orig, item.outcome, item.confidence) for item in other.conversations
    ]
    assert [judged.reversed for judged in one.alerts] == [judged.reversed for judged in other.alerts]


def test_an_alert_given_by_hand_is_judged_first() -> None:
    case = examine(
        [("a.pcap", pcap(WHOLE)), ("eve.json", eve((CLIENT, SERVER)))], alerts=[make_alert(SERVER, CLIENT)]
    )
    assert [judged.alert.source for judged in case.alerts] == [
        make_alert(SERVER, CLIENT).source,
        "suricata.alert",
    ]
    assert [judged.reversed for judged in case.alerts] == [Reversed.YES, Reversed.NO]


def test_a_rule_tells_which_alerts_print_replies_by_design() -> None:
    files = [("a.pcap", pcap(WHOLE)), ("eve.json", eve((SERVER, CLIENT)))]
    assert examine(files, rules=[REPLY_RULE]).alerts[0].cause is Cause.RESPONSE_RULE
    assert examine(files).alerts[0].cause is None


def test_an_alert_without_a_conversation_of_its_own_cannot_be_judged() -> None:
    (judged,) = examine([("a.pcap", pcap(WHOLE))], alerts=[make_alert(SERVER, "10.20.30.99:1")]).alerts
    assert (judged.conversation, judged.reversed) == (None, Reversed.CANNOT_BE_DETERMINED)


def test_of_two_conversations_the_nearest_in_time_is_the_alerts() -> None:
    later = tcp(CLIENT, SERVER, at_us=400_000_000).handshake()
    case = examine([("a.pcap", pcap(WHOLE, later)), ("eve.json", eve((SERVER, CLIENT)))])
    assert case.alerts[0].conversation == case.conversations[0]
    assert len(case.conversations) == 2


def test_problems_of_all_files_are_listed_and_the_rest_is_read() -> None:
    damaged = eve((SERVER, CLIENT)) + b"{no json\n" + eve((CLIENT, SERVER))
    case = examine([("cut.pcap", pcap(WHOLE)[:-3]), ("eve.json", damaged)])
    assert [problem.file for problem in case.problems] == ["cut.pcap", "eve.json"]
    assert len(case.alerts) == 2


def test_files_may_be_streams() -> None:
    assert len(examine([("a.pcap", io.BytesIO(pcap(WHOLE)))]).conversations) == 1


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(EngineError, match="two files of one case have this name"):
        examine([("a.pcap", pcap(WHOLE)), ("a.pcap", late())])
