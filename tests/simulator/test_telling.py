"""From a setting to a variant: hosts and parameters by name, and the ways in which an alert is raised."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulator.settings import SETTING, play_day, set_stage
from tests.simulator.staging import SEED
from tickets.engine import Outcome, Reversed
from tickets.simulator import ShownSensor, Simulation, Span, Stage
from tickets.simulator.telling import OnLine, OnPacket, Raised, change_window, tell

FILES = ("pcap", "suricata_eve", "zeek_conn", "cisco_asa", "ecs")


def tell_day(
    stage: Stage, lesson: str, raised: dict[str, object], also: int | None = None, *, has_opener: bool = True
) -> Simulation:
    """The alert on a packet, or (with `sensor`) on a line about the lesson."""
    played = play_day(stage)
    kind: type[OnLine | OnPacket] = OnLine if "sensor" in raised else OnPacket
    alarm: Raised = kind(dialogue=played[lesson], **raised)  # type: ignore[arg-type]
    return tell(
        stage,
        played[lesson],
        played.values(),
        stage.firewall(),
        raised=alarm,
        outcome=Outcome.ESTABLISHED,
        also=[] if also is None else [OnPacket(dialogue=played[lesson], packet=also)],
        has_opener=has_opener,
    )


def usual_stage(*more: ShownSensor) -> Stage:
    return set_stage(*(ShownSensor(sensor=name) for name in FILES), *more)


def test_a_file_comes_for_each_sensor_in_the_order_of_the_setting() -> None:
    told = tell_day(usual_stage(), "page", {"packet": 1})
    assert [file.name for file in told.files] == [
        "capture.pcap",
        "eve.json",
        "conn.log",
        "firewall.log",
        "events.ndjson",
    ]


def test_a_signature_fires_on_a_packet_as_the_tap_sees_it() -> None:
    told = tell_day(usual_stage(), "page", {"packet": 1})
    site, client = told.truth.resp, told.truth.orig
    assert told.alert.src == site
    assert (told.alert.dst.ip, told.alert.dst.port) == ("192.0.2.1", client.port)
    assert (told.alert.sid, told.truth.reversed) == (SETTING.signature.sid, Reversed.YES)


def test_a_rule_of_the_siem_prints_the_ends_of_its_line() -> None:
    told = tell_day(usual_stage(), "page", {"sensor": "zeek_conn"})
    assert told.alert.src.ip == "192.0.2.1"
    inner = tell_day(usual_stage(), "page", {"sensor": "cisco_asa", "words": "Built"})
    assert inner.alert.src == inner.truth.orig
    assert inner.truth.reversed is Reversed.NO


def test_a_parser_that_takes_the_second_for_the_source_turns_the_alert() -> None:
    told = tell_day(usual_stage(), "page", {"sensor": "cisco_asa", "words": "Built", "turned": True})
    assert (told.alert.src, told.truth.reversed) == (told.truth.resp, Reversed.YES)


def test_a_pipelines_event_is_about_the_alerts_packet() -> None:
    told = tell_day(usual_stage(), "page", {"sensor": "ecs"}, also=1)
    assert told.alert.source == "siem"
    assert told.alert.src == told.truth.resp


def test_a_decoys_dialled_session_is_printed_with_the_remote_side_first() -> None:
    decoy = ShownSensor(sensor="dionaea_mhn", options={"host": "decoy"})
    told = tell_day(usual_stage(decoy), "dialled", {"sensor": "dionaea_mhn"})
    assert (told.alert.src, told.truth.reversed) == (told.truth.resp, Reversed.YES)


def test_where_nobody_asked_the_truth_leaves_the_sides_open() -> None:
    told = tell_day(usual_stage(), "page", {"packet": 1}, has_opener=False)
    assert (told.truth.has_opener, told.truth.reversed) == (False, Reversed.CANNOT_BE_DETERMINED)


@pytest.mark.parametrize(
    "raised",
    [{"sensor": "cisco_asa", "words": "no such words"}, {"sensor": "fortigate"}, {"packet": 900}],
    ids=["words", "sensor", "packet"],
)
def test_an_alert_that_nothing_shown_can_raise_is_told(raised: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"No line of|did not see|No sensor"):
        tell_day(usual_stage(), "page", raised)


def test_texts_may_name_every_host_parameter_and_tap_of_the_setting() -> None:
    stage = usual_stage()
    values = tell_day(stage, "page", {"packet": 1}).values
    assert values["portal_ip"] == "192.0.2.10"
    assert values["reader_name"] == stage.host("reader").name
    assert values["edge_tap"] == "ids-edge"
    assert values["port"] in {"3389", "8443"}
    assert 2 <= int(values["pages"]) <= 5
    assert len(values["decoy_sensor"]) == 36


def test_what_the_file_does_not_name_is_told_with_the_story_and_the_key() -> None:
    stage = set_stage(story="web_return")
    with pytest.raises(ValueError, match=r"story web_return asks for the host 'bastion'"):
        stage.host("bastion")
    with pytest.raises(ValueError, match=r"story web_return asks for the parameter 'hour'"):
        stage.choose("hour")


def test_one_parameter_more_shifts_no_other_and_no_host() -> None:
    one = Stage("test", SEED, SETTING)
    other = Stage("test", SEED, replace(SETTING, parameters={"new": Span(1, 9), **SETTING.parameters}))
    assert one.parameters == {name: other.parameters[name] for name in one.parameters}
    assert one.hosts == other.hosts


def test_the_firewall_opens_the_doors_of_the_file() -> None:
    stage = set_stage()
    stranger = stage.host("stranger")
    opened = [
        port for port in (80, 443, 3389) if stage.firewall().permits(stranger, stage.door("portal", port))
    ]
    assert opened == [443, 3389]


def test_a_change_window_holds_the_start_or_misses_it() -> None:
    def holds(away_h: int) -> bool:
        stage = set_stage()
        values, moment = change_window(stage, away_h=away_h), stage.start_ns // 60_000_000_000 % 1440
        opens, closes = (
            int(values[name][:2]) * 60 + int(values[name][3:]) for name in ("window_start", "window_end")
        )
        return opens <= moment < closes

    assert holds(0)
    assert not holds(5)
    assert not holds(-5)
