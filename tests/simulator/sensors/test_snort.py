"""Snort 3's three ways to print the same alerts."""

from __future__ import annotations

import json

from tests.simulator.sensors.scenes import alerts_in, from_packet, read_back, scene
from tickets.simulator.recording import Recording
from tickets.simulator.sensors.alarms import Alarm, Signature
from tickets.simulator.sensors.snort import write_alert_csv, write_alert_fast, write_alert_json

SIGN = Signature(sid=1900001, rev=2, message="TRAINING sign", category="Misc activity", severity=3)


def _alarms(*packets: int, drops: bool = False) -> list[Alarm]:
    page = scene().dialogues["page"]
    return [Alarm(signature=SIGN, dialogue=page, packet=packet, drops=drops) for packet in packets]


def _objects(recording: Recording, *packets: int) -> list[dict[str, object]]:
    return [json.loads(line) for line in write_alert_json(recording, _alarms(*packets)).splitlines()]


def test_the_direction_is_of_the_flow_and_the_arrow_of_the_packet() -> None:
    asked, answered = _objects(scene().recording(), 0, 1)
    assert (asked["dir"], answered["dir"]) == ("C2S", "S2C")
    assert answered["src_ap"] == f"{scene().site.ip}:80"
    assert (asked["tcp_flags"], answered["tcp_flags"]) == ("******S*", "***A**S*")


def test_counts_are_of_the_flow_when_the_alert_was_raised() -> None:
    (alert,) = _objects(scene().recording(), 4)
    page = scene().dialogues["page"]
    clients = [packet for packet in page.packets[:5] if packet.src == page.client]
    assert alert["client_pkts"] == len(clients)
    assert alert["server_pkts"] == 5 - len(clients)


def test_a_flow_that_begins_with_a_syn_ack_began_with_the_server() -> None:
    (alert,) = _objects(from_packet(scene().recording(), 1), 0)
    assert alert["dir"] == "S2C"


def test_a_row_has_the_default_columns_and_the_number_of_the_packet() -> None:
    row = write_alert_csv(scene().recording(), _alarms(1)).decode().split(", ")
    packet = scene().dialogues["page"].packets[1]
    number = next(
        at
        for at, seen in enumerate(scene().recording().packets, 1)
        if (seen.packet.seq, seen.packet.src.port) == (packet.seq, 80)
    )
    assert row[1:6] == [str(number), "TCP", "raw", str(packet.ip_bytes), "S2C"]
    assert row[-2:] == ["1:1900001:2", "allow\n"]


def test_a_dropped_packet_is_marked_in_the_line() -> None:
    line = write_alert_fast(scene().recording(), _alarms(1, drops=True)).decode()
    assert ' [drop] [**] [1:1900001:2] "TRAINING sign" [**] ' in line
    assert line.endswith(
        f"{{TCP}} {scene().site.ip}:80 -> 192.0.2.1:{scene().dialogues['page'].client.port}\n"
    )


def test_a_local_clock_prints_other_hours_and_the_same_seconds() -> None:
    plain = json.loads(write_alert_json(scene().recording(), _alarms(1)))
    local = json.loads(write_alert_json(scene().recording(), _alarms(1), east_s=3600))
    assert plain["seconds"] == local["seconds"]
    assert (int(local["timestamp"][6:8]) - int(plain["timestamp"][6:8])) % 24 == 1


def test_the_engine_reads_all_three() -> None:
    for write, kind in (
        (write_alert_fast, "snort.fast"),
        (write_alert_json, "snort.json"),
        (write_alert_csv, "snort.csv"),
    ):
        found, records = read_back("alerts", write(scene().recording(), _alarms(0, 1)))
        assert found == kind
        assert [alert.src.port for alert in alerts_in(records)] == [scene().dialogues["page"].client.port, 80]
        assert {alert.sid for alert in alerts_in(records)} == {1900001}
