from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from tests import factories as make
from tickets.engine import EngineError, EvidenceFile
from tickets.models import EvidenceBundle, EvidenceRecord
from tickets.tasks import evidence
from tickets.tasks.evidence import (
    delete_unfinished_bundles,
    load_files,
    name_neutrally,
    store_bundle,
    visible,
)

pytestmark = pytest.mark.django_db

CAPTURE = EvidenceFile(name="capture.pcap", data=make.make_capture())


def test_the_same_files_and_notes_are_the_same_bundle() -> None:
    first = store_bundle([CAPTURE], ["A note."])
    again = store_bundle([CAPTURE], ["A note."])
    other = store_bundle([CAPTURE], ["Another note."])
    assert first == again
    assert first != other
    assert EvidenceBundle.objects.count() == 2


def test_a_file_comes_out_of_the_database_byte_for_byte() -> None:
    assert load_files(store_bundle([CAPTURE], ["A note."])) == [CAPTURE]


def test_every_packet_becomes_a_record_as_printed() -> None:
    bundle = store_bundle([CAPTURE], [])
    records = list(bundle.records.order_by("number"))
    assert [record.number for record in records] == [1, 2, 3, 4, 5, 6, 7]
    first = records[0]
    assert (first.kind, first.protocol) == ("packet", "tcp")
    assert (first.src_ip, first.src_port, first.dst_ip, first.dst_port) == (
        "10.20.30.40",
        3932,
        "203.0.113.80",
        80,
    )
    assert "S" in first.flags


def test_a_packet_keeps_relative_numbers_and_the_id_of_its_conversation() -> None:
    records = list(store_bundle([CAPTURE], []).records.order_by("number"))
    # The factory's frames all carry the same numbers: each side's first is its beginning.
    assert [(record.seq, record.ack) for record in records[:2]] == [(0, None), (0, 1000)]
    assert len({record.conversation for record in records}) == 1
    assert records[0].conversation.startswith("1:")


def test_a_log_line_carries_the_same_conversation_as_the_packets() -> None:
    line = (
        b"<134>Jan  5 2026 12:00:00 fw : %ASA-6-302013: Built outbound TCP connection 7 for outside:203.0.113.80/80"
        b" (203.0.113.80/80) to inside:10.20.30.40/3932 (10.20.30.40/3932)\n"
    )
    bundle = store_bundle([CAPTURE, EvidenceFile(name="firewall.log", data=line)], [])
    [firewall] = bundle.records.filter(kind="firewall")
    assert firewall.seq is None
    assert {record.conversation for record in bundle.records.all()} == {firewall.conversation}


def test_a_place_that_holds_several_records_is_one_row_that_tells_them_all() -> None:
    """honeytrap in mirror mode: the attack, and the conversation that the decoy opened to the attacker."""
    payload = {"md5_hash": "0a", "length": 3, "data_hex": ""}
    attack = {"protocol": "tcp", "remote_ip": "198.51.100.7", "remote_port": 50123, "payload": payload}
    proxy = {**attack, "remote_port": 2222, "local_ip": "192.0.2.60", "local_port": 41000}
    line = {
        "start_time": "2026-01-05T12:00:00Z",
        "attack_connection": {**attack, "local_ip": "192.0.2.60", "local_port": 2222},
        "proxy_connection": proxy,
    }
    file = EvidenceFile(name="honeypot.json", data=json.dumps(line).encode())
    (record,) = store_bundle([file], []).records.all()
    assert (record.src_port, record.dst_port, record.kind) == (50123, 2222, "honeypot")
    assert "TCP 198.51.100.7:2222 to 192.0.2.60:41000" in record.info


def test_notes_are_records_of_a_file_named_context() -> None:
    bundle = store_bundle([CAPTURE], ["The host is a\nworkstation.", "No test is planned."])
    rows = bundle.records.filter(kind="context").order_by("number")
    assert [(row.file.name, row.number, row.info) for row in rows] == [
        ("context", 1, "The host is a workstation."),
        ("context", 2, "No test is planned."),
    ]


def test_a_capture_that_ends_early_keeps_what_could_be_read_and_says_where_it_ends() -> None:
    cut = EvidenceFile(name="capture.pcap", data=CAPTURE.data[:-30])
    file = store_bundle([cut], []).files.get()
    assert file.records.count() == 6
    assert file.problems[0] == "packet 7 at byte 525: the file ends after 24 of 54 bytes"


def test_too_many_records_are_refused_and_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_RECORDS", 5)
    with pytest.raises(EngineError, match="may hold 5 records"):
        store_bundle([CAPTURE], [])
    assert not EvidenceBundle.objects.exists()
    assert not EvidenceRecord.objects.exists()


def test_a_bundle_is_found_only_when_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    during: list[str] = []
    store_file = evidence._store_file

    def look_and_store(*args: Any) -> None:
        during.extend(EvidenceBundle.objects.values_list("sha256", flat=True))
        store_file(*args)

    monkeypatch.setattr(evidence, "_store_file", look_and_store)
    bundle = store_bundle([CAPTURE], [])
    assert [name.startswith(evidence.PROVISIONAL) for name in during] == [True]
    assert store_bundle([CAPTURE], []) == bundle
    assert len(bundle.sha256) == 64


def test_two_who_store_the_same_at_once_get_one_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    store_file = evidence._store_file

    def lose_the_race(*args: Any) -> None:
        monkeypatch.setattr(evidence, "_store_file", store_file)
        store_bundle([CAPTURE], [])
        store_file(*args)

    monkeypatch.setattr(evidence, "_store_file", lose_the_race)
    bundle = store_bundle([CAPTURE], [])
    assert EvidenceBundle.objects.get() == bundle
    assert bundle.records.count() == 7


def test_what_a_dead_worker_left_half_written_is_deleted_a_day_later() -> None:
    whole = store_bundle([CAPTURE], [])
    EvidenceBundle.objects.create(sha256=f"{evidence.PROVISIONAL}new")
    old = EvidenceBundle.objects.create(sha256=f"{evidence.PROVISIONAL}old")
    EvidenceBundle.objects.exclude(sha256__endswith="new").update(created_at=Now() - timedelta(days=2))
    assert delete_unfinished_bundles() == 1
    assert EvidenceBundle.objects.filter(pk=whole.pk).exists()
    assert not EvidenceBundle.objects.filter(pk=old.pk).exists()
    assert EvidenceBundle.objects.count() == 2


def test_names_that_could_tell_the_truth_become_neutral() -> None:
    alert: dict[str, object] = {
        "event_type": "alert",
        "timestamp": "2026-03-02T12:00:00.000000+0000",
        "proto": "TCP",
    }
    alert |= {"src_ip": "203.0.113.80", "src_port": 80, "dest_ip": "10.20.30.40", "dest_port": 3932}
    alert["alert"] = {"signature_id": 1, "signature": "x", "gid": 1, "rev": 1}
    files = [
        EvidenceFile(name="beacon.pcap", data=CAPTURE.data),
        EvidenceFile(name="real-attack.pcap", data=CAPTURE.data),
        EvidenceFile(name="c2.json", data=json.dumps(alert).encode() + b"\n"),
    ]
    assert [file.name for file in name_neutrally(files)] == ["capture.pcap", "capture-2.pcap", "eve.json"]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("nul\x00", "nul\\x00"),
        ("\x1b[2J", "\\x1b[2J"),
        ("10.0.0.1\u202e", "10.0.0.1\\u202e"),
        ("lone \ud800", "lone \\ud800"),
        ("plain, Žižek, \t tab", "plain, Žižek, \t tab"),
    ],
)
def test_text_that_could_mislead_or_not_be_stored_is_spelled_out(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown
