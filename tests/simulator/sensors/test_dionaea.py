"""The decoy dionaea in all forms of its records."""

from __future__ import annotations

import json
import re

import pytest

from tests.simulator.sensors.decoys import day, skewed
from tests.simulator.sensors.scenes import SEED, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.network import Dialogue
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.decoy_contacts import find_sessions
from tickets.simulator.sensors.dionaea import (
    Capture,
    write_arcsight_log,
    write_dionaea_json,
    write_hpfeeds,
    write_mhn_log,
    write_session_tree,
)
from tickets.simulator.sensors.lines import encode_lines

SENSOR = "1f2e3d4c-0000-11f0-a000-000000000050"


def _chance() -> Stream:
    return Stream(SEED, b"dionaea")


def _types() -> dict[int, str]:
    return {id(item.dialogue): item.contact.value for item in find_sessions(day().all, day().decoy)}


def test_what_the_stack_completes_is_accepted_a_closed_port_rejects_and_a_half_open_one_tells_nothing() -> (
    None
):
    types = _types()
    assert types[id(day().taken)] == types[id(day().torn)] == types[id(day().shell)] == "accept"
    assert types[id(day().refused)] == "reject"
    assert types[id(day().dialled)] == "connect"
    assert id(day().half_open) not in types


def test_the_pipeline_prints_what_the_decoy_dialled_as_inbound_from_the_remote_side() -> None:
    lines = write_mhn_log(day().all, day().decoy, SENSOR, _chance())
    (line,) = (line.text for line in lines if line.dialogue is day().dialled)
    remote, local = day().dialled.server.endpoint, day().dialled.client.endpoint
    assert f'src="{remote.ip}", src_port="80", dest="{local.ip}", dest_port="{local.port}"' in line
    assert 'dionaea_action="connect"' in line
    assert {re.findall(r'direction="(\w+)"', line.text)[0] for line in lines} == {"inbound"}


def test_log_json_is_written_at_the_end_and_stamped_at_the_beginning() -> None:
    lines = write_dionaea_json(day().all, day().decoy, _chance())
    records = {id(line.dialogue): json.loads(line.text) for line in lines}
    assert [line.time_ns for line in lines] == sorted(line.time_ns for line in lines)
    taken = records[id(day().taken)]
    assert taken["credentials"] == [
        {"password": "sa", "username": "sa"},
        {"password": "Passw0rd!", "username": "sa"},
    ]
    assert records[id(day().refused)]["connection"]["protocol"] == "pcap"
    assert records[id(day().dialled)]["src_port"] == 80


def test_hpfeeds_tells_sessions_without_a_time_and_the_file_that_one_brought() -> None:
    capture = Capture(day().taken, "http://198.51.100.23/a", b"MZ")
    lines = write_hpfeeds(day().all, day().decoy, _chance(), [capture])
    messages = [json.loads(line.text) for line in lines]
    assert all("timestamp" not in message for message in messages)
    (file,) = (message for message in messages if message["_channel"] == "dionaea.capture")
    assert file["md5"] == "ac6ad5d9b99757c3a878f2d275ace198"
    assert file["saddr"] == day().taken.client.host.ip
    kind, records = read_back("hpfeeds.json", encode_lines(lines))
    assert (kind, len(records)) == ("dionaea.hpfeeds", len(lines))


def test_the_tree_draws_the_arrow_and_hangs_what_was_caused_below_its_cause() -> None:
    text = write_session_tree(day().all, day().decoy, _chance()).decode()
    lines = text.splitlines()
    cause = next(at for at, line in enumerate(lines) if ":1433 <- " in line)
    assert lines[cause].startswith("connection ")
    assert lines[cause + 1] == "   login - user:'sa' password:'sa'"
    child = next(line for line in lines[cause:] if " -> " in line)
    assert re.match(
        rf"   connection \d+ remoteshell tcp connect \S+ -> /{re.escape(scene().stranger.ip)}:80 ", child
    )


def test_a_decoys_own_clock_is_printed() -> None:
    slow = skewed(day().decoy)
    plain = write_mhn_log(day().all, day().decoy, SENSOR, _chance())[0]
    late = write_mhn_log(day().all, slow, SENSOR, _chance())[0]
    assert plain.text[:19] != late.text[:19]
    assert plain.time_ns - late.time_ns == 90 * 10**9


@pytest.mark.parametrize("form", ["mhn", "json", "hpfeeds", "tree"])
def test_the_engine_finds_the_true_originator_in_every_form(form: str) -> None:
    decoy, played = day().decoy, day().all
    data = {
        "mhn": encode_lines(write_mhn_log(played, decoy, SENSOR, _chance())),
        "json": encode_lines(write_dionaea_json(played, decoy, _chance())),
        "hpfeeds": encode_lines(write_hpfeeds(played, decoy, _chance())),
        "tree": write_session_tree(played, decoy, _chance()),
    }[form]
    kind, records = read_back("decoy", data)
    assert kind.startswith("dionaea")
    statements = statements_in(records)
    assert len(statements) == 5
    words = {
        Statement.ACCEPTED: (day().taken, day().torn, day().shell),
        Statement.REFUSED: (day().refused,),
        Statement.CONNECTED_OUT: (day().dialled,),
    }
    for statement in statements:
        dialogues: tuple[Dialogue, ...] = words[statement.statement]
        assert statement.orig in {item.client.endpoint for item in dialogues}


def test_the_arcsight_line_loses_the_type_so_nobody_can_tell_who_opened_it() -> None:
    lines = write_arcsight_log(day().all, day().decoy, _chance())
    kind, records = read_back("honeypot.cef", encode_lines(lines))
    assert kind == "dionaea.cef"
    assert {statement.orig for statement in statements_in(records)} == {None}
    assert scene().decoy.ip in lines[0].text
