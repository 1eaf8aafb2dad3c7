"""Faults that a generator could have, each put into one variant that is fair without it.

A fault is a small function that takes what was played and gives it back damaged, in one thing only where that can be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.quality.captures import Frame, close_capture, open_capture
from tickets.engine import Alert, EngineError, read_evidence
from tickets.engine.types import Endpoint, Outcome, Reversed
from tickets.simulator import SimulatedFile, Simulation

Damage = Callable[[Simulation], Simulation]
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
FLAGS_AT, SEQ_AT, ACK_AT, WINDOW_AT = 33, 24, 28, 34
HOUR_US = 3_600_000_000


class SeededFault(NamedTuple):
    name: str
    family: str
    damage: Damage


FAULTS: list[SeededFault] = []


def fault(family: str) -> Callable[[Damage], Damage]:
    def register(damage: Damage) -> Damage:
        FAULTS.append(SeededFault(damage.__name__.replace("_", " "), family, damage))
        return damage

    return register


# Tools


def _file(played: Simulation, name: str) -> bytes:
    return next(file.data for file in played.files if file.name == name)


def _put(played: Simulation, name: str, data: bytes) -> Simulation:
    """The same with other bytes in one file; the ticket shows the alert as that file now has it."""
    files = tuple(SimulatedFile(file.name, data) if file.name == name else file for file in played.files)
    return replace(played, files=files, alert=_alert_again(played.alert, name, data))


def _alert_again(alert: Alert, name: str, data: bytes) -> Alert:
    """A generator reads its alert off what it wrote; without it there is the old one."""
    if alert.location is None or alert.location.file != name:
        return alert
    try:
        records = list(read_evidence(name, data).records)
    except EngineError:
        return alert
    return next((item for item in records if isinstance(item, Alert)), alert)


def _lines(played: Simulation, name: str, change: Callable[[list[str]], list[str]]) -> Simulation:
    lines = change(_file(played, name).decode().splitlines())
    return _put(played, name, ("\n".join(lines) + "\n").encode())


def _text(played: Simulation, name: str, pattern: str, new: str, count: int = 1) -> Simulation:
    text, changed = re.subn(pattern, new, _file(played, name).decode(), count=count, flags=re.MULTILINE)
    assert changed, f"{pattern} is not in {name}"
    return _put(played, name, text.encode())


def _frames(played: Simulation, change: Callable[[list[Frame]], list[Frame]]) -> Simulation:
    header, frames = open_capture(_file(played, "capture.pcap"))
    return _put(played, "capture.pcap", close_capture(header, change(frames)))


def _lesson(played: Simulation, frames: list[Frame]) -> list[int]:
    """The places of the lesson's frames."""
    ports = {played.truth.orig.port, played.truth.resp.port}
    return [at for at, frame in enumerate(frames) if frame.protocol == 6 and set(frame.ports) == ports]


def _frame(
    played: Simulation, change: Callable[[Frame], Frame], which: Callable[[Frame], bool]
) -> Simulation:
    """One frame of the lesson changed: the first that is `which`."""

    def edit(frames: list[Frame]) -> list[Frame]:
        at = next(at for at in _lesson(played, frames) if which(frames[at]))
        return [*frames[:at], change(frames[at]), *frames[at + 1 :]]

    return _frames(played, edit)


def _is_syn(frame: Frame) -> bool:
    return frame.flags & (SYN | ACK) == SYN


def _is_syn_ack(frame: Frame) -> bool:
    return frame.flags & (SYN | ACK) == SYN | ACK


def _has_data(frame: Frame) -> bool:
    return bool(frame.flags & PSH)


def _eve(played: Simulation, kind: str, change: Callable[[dict[str, Any]], None]) -> Simulation:
    """The lesson's event of that kind changed."""
    ports = {played.truth.orig.port, played.truth.resp.port}

    def edit(lines: list[str]) -> list[str]:
        events = [json.loads(line) for line in lines]
        found = next(
            event
            for event in events
            if event["event_type"] == kind and {event["src_port"], event["dest_port"]} == ports
        )
        change(found)
        return [json.dumps(event, separators=(",", ":")) for event in events]

    return _lines(played, "eve.json", edit)


def _zeek(played: Simulation, column: str, change: Callable[[str], str]) -> Simulation:
    """One column of the lesson's line changed."""

    def edit(lines: list[str]) -> list[str]:
        names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
        at = next(n for n, line in enumerate(lines) if f"\t{played.truth.orig.port}\t" in line)
        row = lines[at].split("\t")
        row[names.index(column)] = change(row[names.index(column)])
        return [*lines[:at], "\t".join(row), *lines[at + 1 :]]

    return _lines(played, "conn.log", edit)


def _values(played: Simulation, **values: str) -> Simulation:
    return replace(played, values=played.values | values)


# The capture


@fault("T001")
def a_packet_twice_in_the_capture_only(played: Simulation) -> Simulation:
    def edit(frames: list[Frame]) -> list[Frame]:
        at = _lesson(played, frames)[3]
        return [*frames[: at + 1], frames[at].at(frames[at].time_us + 5), *frames[at + 1 :]]

    return _frames(played, edit)


@fault("T013")
def a_packet_that_the_tap_repeats(played: Simulation) -> Simulation:
    """Two copies at one moment, as a mirror port gives them that mirrors both ways."""

    def edit(frames: list[Frame]) -> list[Frame]:
        at = _lesson(played, frames)[0]
        return [*frames[: at + 1], *frames[at:]]

    return _frames(played, edit)


@fault("T014")
def a_packet_shorter_than_its_headers(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!H", 2, 38), _has_data)


@fault("T001")
def a_data_packet_missing_in_the_capture(played: Simulation) -> Simulation:
    def edit(frames: list[Frame]) -> list[Frame]:
        gone = next(at for at in _lesson(played, frames) if _has_data(frames[at]))
        return [frame for at, frame in enumerate(frames) if at != gone]

    return _frames(played, edit)


@fault("T011")
def the_syn_missing_in_the_capture(played: Simulation) -> Simulation:
    def edit(frames: list[Frame]) -> list[Frame]:
        gone = _lesson(played, frames)[0]
        return [frame for at, frame in enumerate(frames) if at != gone]

    return _frames(played, edit)


@fault("T004")
def the_whole_conversation_missing_in_the_capture(played: Simulation) -> Simulation:
    def edit(frames: list[Frame]) -> list[Frame]:
        gone = set(_lesson(played, frames))
        return [frame for at, frame in enumerate(frames) if at not in gone]

    return _frames(played, edit)


@fault("T001")
def the_syn_has_the_flags_of_an_answer(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!B", FLAGS_AT, SYN | ACK), _is_syn)


@fault("T003")
def the_answer_is_a_reset(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!B", FLAGS_AT, RST | ACK), _is_syn_ack)


@fault("T011")
def the_refusal_has_lost_its_reset(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!B", FLAGS_AT, ACK), lambda frame: bool(frame.flags & RST))


@fault("T001")
def a_fin_is_missing(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!B", FLAGS_AT, ACK), lambda frame: bool(frame.flags & FIN))


@fault("T003")
def one_packet_with_another_ttl(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!B", 8, frame.data[22] - 3), _has_data)


@fault("T013")
def a_ttl_that_no_system_leaves(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!B", 8, 5), _is_syn)


@fault("T011")
def a_syn_as_no_system_sends_it(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!H", WINDOW_AT, 31_337), _is_syn)


@fault("T014")
def two_packets_with_their_times_exchanged(played: Simulation) -> Simulation:
    def edit(frames: list[Frame]) -> list[Frame]:
        one, other = _lesson(played, frames)[3:5]
        times = {one: frames[other].time_us, other: frames[one].time_us}
        return [frame.at(times.get(at, frame.time_us)) for at, frame in enumerate(frames)]

    return _frames(played, edit)


@fault("T001")
def the_capture_in_another_time_zone(played: Simulation) -> Simulation:
    return _frames(played, lambda frames: [frame.at(frame.time_us + HOUR_US) for frame in frames])


@fault("T001")
def a_sequence_number_that_jumps(played: Simulation) -> Simulation:
    def jump(frame: Frame) -> Frame:
        return frame.put("!I", SEQ_AT, int.from_bytes(frame.data[38:42], "big") + 700 & 0xFFFFFFFF)

    return _frame(played, jump, _has_data)


@fault("T003")
def an_acknowledgement_of_what_was_not_sent(played: Simulation) -> Simulation:
    def ahead(frame: Frame) -> Frame:
        return frame.put("!I", ACK_AT, int.from_bytes(frame.data[42:46], "big") + 9_000 & 0xFFFFFFFF)

    return _frame(played, ahead, _has_data)


@fault("T011")
def a_wrong_checksum(played: Simulation) -> Simulation:
    return _frame(played, lambda frame: frame.put("!H", 36, 0x1234, mends=False), _is_syn)


@fault("T014")
def a_capture_cut_in_the_middle_of_a_packet(played: Simulation) -> Simulation:
    return _put(played, "capture.pcap", _file(played, "capture.pcap")[:-30])


@fault("T001")
def another_web_site_in_the_request(played: Simulation) -> Simulation:
    def rename(frame: Frame) -> Frame:
        return frame.swap(b"Host: www.", b"Host: ftp.")

    return _frame(played, rename, lambda frame: b"Host: www." in frame.data)


# Suricata


@fault("T001")
def suricata_counts_a_packet_too_many(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        event["flow"]["pkts_toserver"] += 1

    return _eve(played, "flow", edit)


@fault("T011")
def suricata_counts_a_byte_too_few(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        event["flow"]["bytes_toclient"] -= 1

    return _eve(played, "flow", edit)


@fault("T011")
def suricatas_flags_on_the_wrong_sides(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        tcp = event["tcp"]
        tcp["tcp_flags_ts"], tcp["tcp_flags_tc"] = tcp["tcp_flags_tc"], tcp["tcp_flags_ts"]

    return _eve(played, "flow", edit)


def _later(text: str, **by: int) -> str:
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z") + timedelta(**by)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")


@fault("T003")
def suricatas_flow_starts_after_its_first_packet(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        event["flow"]["start"] = _later(event["flow"]["start"], milliseconds=900)

    return _eve(played, "flow", edit)


@fault("T003")
def suricatas_flow_ends_after_it_was_logged(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        event["flow"]["end"] = _later(event["timestamp"], seconds=1)

    return _eve(played, "flow", edit)


@fault("T001")
def suricatas_flow_the_other_way_round(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        for part in ("ip", "port"):
            event[f"src_{part}"], event[f"dest_{part}"] = event[f"dest_{part}"], event[f"src_{part}"]

    return _eve(played, "flow", edit)


@fault("T004")
def the_community_id_of_another_conversation(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        event["community_id"] = "1:AAAAAAAAAAAAAAAAAAAAAAAAAAA="

    return _eve(played, "flow", edit)


@fault("T001")
def two_conversations_with_one_flow_id(played: Simulation) -> Simulation:
    other = json.loads(_file(played, "eve.json").splitlines()[0])["flow_id"]

    def edit(event: dict[str, Any]) -> None:
        event["flow_id"] = other

    return _eve(played, "flow", edit)


@fault("T011")
def suricata_has_missed_a_conversation(played: Simulation) -> Simulation:
    return _lines(played, "eve.json", lambda lines: lines[:-1])


@fault("T001")
def the_alert_is_not_in_the_evidence(played: Simulation) -> Simulation:
    return _lines(played, "eve.json", lambda lines: [line for line in lines if '"alert":{' not in line])


@fault("T003")
def the_alert_is_of_another_sid(played: Simulation) -> Simulation:
    return _text(played, "eve.json", r'"signature_id":\d+', '"signature_id":1900777')


@fault("T011")
def the_alert_has_another_message(played: Simulation) -> Simulation:
    return _text(played, "eve.json", r'"signature":"[^"]*"', '"signature":"TRAINING something else"')


@fault("T001")
def the_alert_says_to_server_of_a_reply(played: Simulation) -> Simulation:
    return _text(played, "eve.json", '"direction":"to_client"', '"direction":"to_server"')


@fault("T001")
def the_alert_has_its_ends_exchanged(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        for part in ("ip", "port"):
            event[f"src_{part}"], event[f"dest_{part}"] = event[f"dest_{part}"], event[f"src_{part}"]

    return _eve(played, "alert", edit)


@fault("T003")
def the_alert_counts_what_had_not_passed(played: Simulation) -> Simulation:
    return _text(played, "eve.json", '"pkts_toclient":0', '"pkts_toclient":1')


@fault("T011")
def the_alert_comes_ten_minutes_late(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        event["timestamp"] = _later(event["timestamp"], minutes=10)

    return _eve(played, "alert", edit)


@fault("T011")
def the_rule_does_not_fire_on_the_alerts_packet(played: Simulation) -> Simulation:
    """The alert is about the reset, and the rule asks for a SYN."""
    _, frames = open_capture(_file(played, "capture.pcap"))
    syn, reset = (frames[at] for at in _lesson(played, frames)[:2])

    def edit(event: dict[str, Any]) -> None:
        event["timestamp"] = _later(event["timestamp"], microseconds=reset.time_us - syn.time_us)
        event["flow"] |= {"pkts_toclient": 1, "bytes_toclient": len(reset.data)}
        event["direction"] = "to_client"
        for part in ("ip", "port"):
            event[f"src_{part}"], event[f"dest_{part}"] = event[f"dest_{part}"], event[f"src_{part}"]

    return _eve(played, "alert", edit)


@fault("T004")
def the_sensors_lines_are_not_in_order(played: Simulation) -> Simulation:
    return _lines(played, "eve.json", lambda lines: [lines[-1], *lines[:-1]])


@fault("T001")
def an_address_in_the_log_that_nobody_asked_for(played: Simulation) -> Simulation:
    def edit(event: dict[str, Any]) -> None:
        event["http"]["url"] = "/other/page.html"

    return _eve(played, "http", edit)


@fault("T003")
def a_line_that_is_not_whole(played: Simulation) -> Simulation:
    return _lines(played, "eve.json", lambda lines: [*lines[:-1], lines[-1][:80]])


# Zeek


@fault("T011")
def zeek_says_that_a_refusal_stood(played: Simulation) -> Simulation:
    return _zeek(played, "conn_state", lambda _: "SF")


@fault("T001")
def zeeks_history_lacks_an_answer(played: Simulation) -> Simulation:
    return _zeek(played, "history", lambda text: text.replace("d", ""))


@fault("T014")
def zeek_counts_a_packet_too_few(played: Simulation) -> Simulation:
    return _zeek(played, "resp_pkts", lambda text: str(int(text) - 1))


@fault("T014")
def zeeks_payload_is_off_by_one(played: Simulation) -> Simulation:
    return _zeek(played, "orig_bytes", lambda text: str(int(text) + 1))


@fault("T004")
def zeeks_ip_bytes_are_those_of_frames(played: Simulation) -> Simulation:
    return _zeek(played, "orig_ip_bytes", lambda text: str(int(text) + 3 * 14))


@fault("T003")
def zeeks_duration_is_too_long(played: Simulation) -> Simulation:
    return _zeek(played, "duration", lambda text: f"{float(text) + 2:.6f}")


@fault("T013")
def zeek_in_another_time_zone(played: Simulation) -> Simulation:
    return _zeek(played, "ts", lambda text: f"{int(text.split('.')[0]) + 3600}.{text.split('.')[1]}")


@fault("T003")
def zeek_tells_of_somebody_who_was_not_there(played: Simulation) -> Simulation:
    return _zeek(played, "id.orig_h", lambda _: "198.51.100.77")


@fault("T013")
def two_lines_with_one_uid(played: Simulation) -> Simulation:
    other = next(
        line.split("\t")[1]
        for line in _file(played, "conn.log").decode().splitlines()
        if not line.startswith("#") and f"\t{played.truth.orig.port}\t" not in line
    )
    return _zeek(played, "uid", lambda _: other)


# The firewall


@fault("T001")
def the_firewall_says_inbound_for_outbound(played: Simulation) -> Simulation:
    port = played.truth.orig.port
    return _text(
        played, "firewall.log", rf"Built outbound (TCP connection \d+ for .*/{port} )", r"Built inbound \1"
    )


@fault("T004")
def a_wrong_interface_word_in_the_firewalls_log(played: Simulation) -> Simulation:
    return _text(played, "firewall.log", r"dst dmz:", "dst outside:")


@fault("T003")
def the_firewalls_bytes_are_off(played: Simulation) -> Simulation:
    port = played.truth.orig.port
    return _text(played, "firewall.log", rf"(Teardown TCP .*/{port} .* bytes )\d+", r"\g<1>77")


@fault("T011")
def the_firewall_names_another_end_of_the_session(played: Simulation) -> Simulation:
    return _text(played, "firewall.log", r"TCP Reset-[IO]", "TCP FINs")


@fault("T001")
def two_sessions_with_one_number(played: Simulation) -> Simulation:
    numbers = re.findall(r"Built \w+ TCP connection (\d+)", _file(played, "firewall.log").decode())
    return _text(played, "firewall.log", numbers[1], numbers[0], count=2)


@fault("T004")
def a_session_that_lasted_longer_than_the_clock(played: Simulation) -> Simulation:
    return _text(played, "firewall.log", r"duration 0:00:00", "duration 0:07:00")


@fault("T003")
def the_firewall_in_another_time_zone(played: Simulation) -> Simulation:
    def shift(found: re.Match[str]) -> str:
        return f"{found[1]}{(int(found[2]) + 1) % 24:02d}{found[3]}"

    text = re.sub(
        r"^(\w{3} +\d+ 2026 )(\d\d)(:)", shift, _file(played, "firewall.log").decode(), flags=re.MULTILINE
    )
    return _put(played, "firewall.log", text.encode())


@fault("T001")
def a_translated_port_used_twice(played: Simulation) -> Simulation:
    port = played.truth.orig.port
    text = _file(played, "firewall.log").decode()
    other = next(found for found in re.findall(r"\(192\.0\.2\.1/(\d+)\)", text) if found != str(port))
    text = text.replace(f"(192.0.2.1/{port})", f"(192.0.2.1/{other})")
    moment = next(line for line in text.splitlines() if f"/{other} (192.0.2.1/{other})" in line)[:20]
    shifted = [line if f"/{port}" not in line else moment + line[20:] for line in text.splitlines()]
    return _put(played, "firewall.log", ("\n".join(sorted(shifted)) + "\n").encode())


@fault("T003")
def the_firewall_denies_what_it_let_through(played: Simulation) -> Simulation:
    client, server = played.truth.orig, played.truth.resp
    denied = (
        f"%ASA-4-106023: Deny tcp src outside:{client.ip}/{client.port} dst dmz:{server.ip}/{server.port}"
        ' by access-group "OUTSIDE_IN" [0x8ed66b60, 0x0]'
    )
    return _text(played, "firewall.log", rf"%ASA-6-302013.*/{client.port} .*$", denied)


@fault("T004")
def the_firewalls_denials_are_missing(played: Simulation) -> Simulation:
    return _lines(played, "firewall.log", lambda lines: [line for line in lines if "Deny" not in line])


# Decoys and hosts


@fault("T013")
def the_decoy_accepts_what_its_host_refused(played: Simulation) -> Simulation:
    port = played.truth.orig.port
    return _text(played, "honeypot.log", rf'(src_port="{port}".*dionaea_action=")reject', r"\1accept")


@fault("T013")
def the_alert_is_about_another_line(played: Simulation) -> Simulation:
    raw = re.sub(
        r"event=honeypot\.log:(\d+)",
        lambda found: f"event=honeypot.log:{int(found[1]) + 1}",
        played.alert.raw,
    )
    return replace(played, alert=replace(played.alert, raw=raw))


@fault("T014")
def the_decoy_in_another_time_zone(played: Simulation) -> Simulation:
    def shift(found: re.Match[str]) -> str:
        return f"{found[1]}{(int(found[2]) + 2) % 24:02d}:"

    text = re.sub(r"(T)(\d\d):", shift, _file(played, "dionaea.json").decode())
    return _put(played, "dionaea.json", text.encode())


@fault("T014")
def the_decoy_names_another_port(played: Simulation) -> Simulation:
    return _text(played, "dionaea.json", rf'"src_port": {played.truth.orig.port}', '"src_port": 40001')


@fault("T003")
def the_host_saw_the_login_fail(played: Simulation) -> Simulation:
    return _text(played, "auth.log", "Accepted publickey", "Failed publickey")


# Truth, texts and names


@fault("T001")
def the_truth_has_another_outcome(played: Simulation) -> Simulation:
    return replace(played, truth=replace(played.truth, outcome=Outcome.REFUSED))


@fault("T003")
def the_truth_is_reversed(played: Simulation) -> Simulation:
    return replace(played, truth=replace(played.truth, reversed=Reversed.YES))


@fault("T004")
def the_truth_names_another_host(played: Simulation) -> Simulation:
    return replace(played, truth=replace(played.truth, orig=Endpoint("203.0.113.250", 40_000)))


@fault("T001")
def a_host_with_a_telling_name(played: Simulation) -> Simulation:
    return _values(played, client_name="benign-reader-1")


@fault("T011")
def a_file_with_a_telling_name(played: Simulation) -> Simulation:
    files = tuple(
        file._replace(name="refused.pcap") if file.name == "capture.pcap" else file for file in played.files
    )
    return replace(played, files=files)


@fault("T001")
def the_storys_name_in_a_log(played: Simulation) -> Simulation:
    return _text(played, "eve.json", r'"in_iface":"\w+"', '"in_iface":"web_return"', count=0)


@fault("T004")
def a_note_about_another_host(played: Simulation) -> Simulation:
    return _values(
        played, client_ip="198.51.100.3" if played.truth.orig.ip != "198.51.100.3" else "198.51.100.4"
    )


@fault("T003")
def the_statement_tells_another_hour(played: Simulation) -> Simulation:
    return _values(played, alert_time="03:03:03")


@fault("T003")
def a_value_that_the_story_left_empty(played: Simulation) -> Simulation:
    return _values(played, change_number="")


@fault("T013")
def an_alert_between_hosts_that_never_met(played: Simulation) -> Simulation:
    return replace(played, alert=replace(played.alert, src=Endpoint("203.0.113.251", 40_000)))


@fault("T011")
def another_host_with_the_clients_port(played: Simulation) -> Simulation:
    """A visitor of the web server happens to have the port that the trainee has to name."""
    port = played.truth.orig.port
    header, frames = open_capture(_file(played, "capture.pcap"))
    visitor = next(
        frame.ports[0] for frame in frames if frame.protocol == 6 and _is_syn(frame) and frame.ports[1] == 80
    )

    def rename(frame: Frame) -> Frame:
        for at in (0, 1):
            if frame.protocol == 6 and frame.ports[at] == visitor:
                return frame.put("!H", 20 + 2 * at, port)
        return frame

    changed = _put(played, "capture.pcap", close_capture(header, [rename(frame) for frame in frames]))
    for name in ("eve.json", "conn.log", "firewall.log"):
        text = re.sub(rf"(?<![\d.]){visitor}(?![\d.])", str(port), _file(changed, name).decode())
        changed = _put(changed, name, text.encode())
    return changed


# Siblings


@fault("T003")
def a_crowd_in_the_hosts_log(played: Simulation) -> Simulation:
    """Forty strangers knock where in other variants a few do."""

    def crowd(lines: list[str]) -> list[str]:
        head = next(line for line in lines if "Accepted" in line).split(" sshd[")[0]
        knocks = [
            f"{head} sshd[{7000 + number}]: Failed password for invalid user test from 198.51.100.{number} "
            f"port {40_000 + number} ssh2"
            for number in range(10, 50)
        ]
        at = next(at for at, line in enumerate(lines) if "Accepted" in line)
        return [*lines[:at], *knocks, *lines[at:]]

    return _lines(played, "auth.log", crowd)


@fault("T001")
def a_sensor_that_other_variants_do_not_have(played: Simulation) -> Simulation:
    zeek = SimulatedFile("zeek-conn.log", _file(played, "conn.log"))
    return replace(played, files=(*played.files, zeek))


# Keys that leave something open


@fault("no session")
def the_syn_that_was_not_to_be_recorded(played: Simulation) -> Simulation:
    """A SYN before the answer says who asked, and the key says that nobody knows."""

    def edit(frames: list[Frame]) -> list[Frame]:
        source, target = frames[1], frames[0]
        number = (int.from_bytes(target.data[42:46], "big") - 1) & 0xFFFFFFFF
        syn = source.put("!B", FLAGS_AT, SYN).put("!I", SEQ_AT, number).put("!I", ACK_AT, 0)
        return [syn.at(target.time_us - 9_000), *frames]

    return _frames(played, edit)


@fault("no session")
def the_data_of_a_session_that_was_none(played: Simulation) -> Simulation:
    return _frames(played, lambda frames: [frames[0], frames[1].put("!B", FLAGS_AT, ACK)])


@fault("late start")
def a_line_that_tells_who_asked(played: Simulation) -> Simulation:
    client, server = played.truth.orig, played.truth.resp
    moment = datetime.fromtimestamp(int(played.alert.time_ns or 0) // 1_000_000_000, UTC)
    line = (
        f"{moment:%b %d %Y %H:%M:%S} fw-edge : %ASA-6-302013: Built inbound TCP connection 77 for "
        f"outside:{client.ip}/{client.port} ({client.ip}/{client.port}) to "
        f"dmz:{server.ip}/{server.port} ({server.ip}/{server.port})\n"
    )
    return replace(played, files=(*played.files, SimulatedFile("firewall.log", line.encode())))


@fault("late start")
def a_line_of_another_hour_that_tells_who_asked(played: Simulation) -> Simulation:
    """The engine does not join it to the conversation, and whoever reads it knows who asked."""
    told = a_line_that_tells_who_asked(played)
    *others, log = told.files
    hour = (int(log.data[12:14]) + 5) % 24
    late = log._replace(data=log.data[:12] + f"{hour:02d}".encode() + log.data[14:])
    return replace(told, files=(*others, late))


@fault("late start")
def nothing_is_left_of_one_side(played: Simulation) -> Simulation:
    port = played.truth.orig.port
    return _frames(played, lambda frames: [frame for frame in frames if frame.ports[0] == port])
