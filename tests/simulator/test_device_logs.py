"""The firewall's, the decoy's and the login host's own words about the lesson's conversation."""

from __future__ import annotations

import json
import re

from tests.simulator.played import SEEDS, eve_of, lesson_of, lines_of, play
from tickets.simulator import Simulation


def _asa_lines(played: Simulation) -> list[str]:
    """The firewall's lines that name both ends of the lesson."""
    orig, resp = (f"{end.ip}/{end.port}" for end in (played.truth.orig, played.truth.resp))
    return [line for line in lines_of(played, "firewall.log") if orig in line and resp in line]


def test_the_firewall_calls_the_workstations_page_outbound_and_names_the_outside_first() -> None:
    played = play("web_return")
    (client, port), (server, _) = played.truth.orig, played.truth.resp
    built, torn_down = _asa_lines(played)
    assert "%ASA-6-302013: Built outbound TCP connection" in built
    assert f"for outside:{server}/80 ({server}/80) to inside:{client}/{port} (192.0.2.1/{port})" in built
    assert torn_down.endswith("TCP FINs")
    payload = sum(len(packet.payload) for packet in lesson_of(played))
    assert f" bytes {payload} " in torn_down


def test_the_firewall_calls_the_administrators_login_inbound() -> None:
    played = play("bastion_login")
    (client, port), (server, _) = played.truth.orig, played.truth.resp
    built, torn_down = _asa_lines(played)
    assert "302013: Built inbound TCP" in built
    assert f"for outside:{client}/{port} ({client}/{port}) to dmz:{server}/22 ({server}/22)" in built
    assert torn_down.endswith("TCP FINs")


def test_the_firewall_denies_every_syn_of_the_knock_and_builds_nothing() -> None:
    played = play("knock_at_the_edge")
    (client, port), (server, _) = played.truth.orig, played.truth.resp
    lines = _asa_lines(played)
    assert len(lines) == len(lesson_of(played)) == 4
    wanted = f'Deny tcp src outside:{client}/{port} dst dmz:{server}/3389 by access-group "OUTSIDE_IN"'
    assert all("%ASA-4-106023: " in line and wanted in line for line in lines)


def test_the_firewall_lets_the_refused_knock_through_and_says_who_reset_it() -> None:
    played = play("closed_port")
    built, torn_down = _asa_lines(played)
    assert "302013: Built inbound TCP" in built
    assert re.search(r" duration 0:00:0[01] bytes 0 TCP Reset-I$", torn_down)


def test_each_connection_of_the_firewall_is_built_and_torn_down_once() -> None:
    for story in ("web_return", "bastion_login", "knock_at_the_edge", "closed_port"):
        for seed in SEEDS:
            numbers = re.findall(
                r"(Built|Teardown).*? connection (\d+) ",
                "\n".join(lines_of(play(story, seed), "firewall.log")),
            )
            built = [number for word, number in numbers if word == "Built"]
            ended = [number for word, number in numbers if word == "Teardown"]
            assert len(set(built)) == len(built)
            assert sorted(built) == sorted(ended)


def test_the_alert_of_a_log_only_sensor_is_about_the_lessons_line() -> None:
    for story, file in (
        ("knock_at_the_edge", "firewall.log"),
        ("decoy_knock", "honeypot.log"),
        ("decoy_logins", "dionaea.json"),
    ):
        for seed in SEEDS:
            played = play(story, seed)
            assert eve_of(played, "alert") == []
            number = re.search(rf"event={re.escape(file)}:(\d+)$", played.alert.raw)
            assert number is not None
            line = lines_of(played, file)[int(number[1]) - 1]
            for text in (played.alert.src.ip, str(played.alert.src.port), played.alert.dst.ip):
                assert text in line


def test_the_decoys_line_says_reject_and_nothing_of_a_service() -> None:
    played = play("decoy_knock")
    (line,) = (line for line in lines_of(played, "honeypot.log") if f'"{played.truth.orig.port}"' in line)
    assert f'src="{played.truth.orig.ip}", src_port="{played.truth.orig.port}"' in line
    assert f'dest="{played.truth.resp.ip}", dest_port="{played.truth.resp.port}"' in line
    assert 'dionaea_action="reject"' in line
    assert 'severity="high", signature="Connection to Honeypot"' in line


def test_the_decoys_record_holds_the_passwords_that_are_on_the_wire() -> None:
    played = play("decoy_logins")
    records = [json.loads(line) for line in lines_of(played, "dionaea.json")]
    mine = [record for record in records if record["src_ip"] == played.truth.orig.ip]
    assert [(record["dst_port"], record["connection"]["type"]) for record in mine] == [
        (445, "accept"),
        (1433, "accept"),
    ]
    assert "credentials" not in mine[0], "the file service was only touched"
    sent = b"".join(packet.payload for packet in lesson_of(played) if packet.src == tuple(played.truth.orig))
    assert len(mine[1]["credentials"]) == 2
    for login in mine[1]["credentials"]:
        scrambled = bytes(
            ((byte << 4 | byte >> 4) & 0xFF) ^ 0xA5 for byte in login["password"].encode("utf-16-le")
        )
        assert scrambled in sent
        assert login["username"].encode("utf-16-le") in sent


def test_the_login_host_names_the_client_the_key_and_the_user_of_the_change_record() -> None:
    played = play("bastion_login")
    lines = lines_of(played, "auth.log")
    peer = f"{played.truth.orig.ip} port {played.truth.orig.port}"
    assert f'Connection from {peer} on {played.truth.resp.ip} port 22 rdomain ""' in lines[0]
    assert (
        f"Accepted publickey for {played.values['admin_user']} from {peer} ssh2: ED25519 SHA256:" in lines[1]
    )
    times = [line.split(" ", 1)[0] for line in lines]
    assert times == sorted(times)


def test_the_login_lies_in_the_change_window() -> None:
    for seed in SEEDS:
        played = play("bastion_login", seed)
        first, last = lines_of(played, "auth.log")[0], lines_of(played, "auth.log")[-1]
        assert played.values["window_start"] < first[11:16] <= last[11:16] < played.values["window_end"]
