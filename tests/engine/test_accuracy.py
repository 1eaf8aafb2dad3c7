"""The script that measures accuracy, on a set so small that its figures are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.accuracy import measure, measure_alerts, measure_eve, report
from tests.traffic import pcap, tcp

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
SCANNER, TARGET = "198.51.100.7:80", "192.0.2.10:3932"


def row(capture: str, src: str, dst: str, **more: Any) -> dict[str, Any]:
    (orig_h, orig_p), (resp_h, resp_p) = src.split(":"), dst.split(":")
    ends = {"orig_h": orig_h, "orig_p": int(orig_p), "resp_h": resp_h, "resp_p": int(resp_p)}
    return {"capture": capture, "proto": "tcp", **ends, **more}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A conversation of which the SYN is cut, and a scan from source port 80."""
    (tmp_path / "captures").mkdir()
    (tmp_path / "eve").mkdir()
    (tmp_path / "captures" / "late.pcap").write_bytes(pcap(tcp(CLIENT, SERVER).handshake().cut(1)))
    (tmp_path / "captures" / "scan.pcap").write_bytes(pcap(tcp(SCANNER, TARGET).syn()))
    expected = [
        row("late.pcap", CLIENT, SERVER, outcome_ok=["established"], evidence="synack"),
        row("scan.pcap", SCANNER, TARGET, outcome_ok=["refused"]),
        row("scan.pcap", CLIENT, TARGET, optional=True),
        row("scan.pcap", SERVER, TARGET),
    ]
    (tmp_path / "expected.jsonl").write_text("".join(json.dumps(line) + "\n" for line in expected))
    alert = {
        "src_ip": "203.0.113.80",
        "src_port": 80,
        "dest_ip": "10.20.30.40",
        "dest_port": 3932,
        "proto": "tcp",
    }
    given = {**alert, "capture": "late.pcap", "reversed": True, "eve": "eve/late.json", "signature_id": 7}
    (tmp_path / "alerts.jsonl").write_text(json.dumps(given) + "\n")
    (tmp_path / "eve" / "alerts.jsonl").write_text(json.dumps(given) + "\n")
    event = {
        **alert,
        "event_type": "alert",
        "timestamp": "2026-01-05T12:00:00Z",
        "alert": {"signature_id": 7},
    }
    (tmp_path / "eve" / "late.json").write_text(json.dumps(event) + "\n")
    return tmp_path


def test_each_method_is_right_where_it_can_be(root: Path) -> None:
    tally = measure(root)
    assert tally.graded == {"all": 2, "derived: synack": 1, "real captures": 1}
    right = {name: tally.right[name, "all"] for name, _ in tally.right}
    assert right == {"first packet": 1, "lower port": 1, "SYN/SYN-ACK, then first packet": 2, "the engine": 2}


def test_what_is_not_found_and_what_came_out_otherwise_is_counted(root: Path) -> None:
    tally = measure(root)
    assert (tally.missing, tally.failed) == (1, [])
    assert (tally.outcomes["all"], tally.outcomes_right["all"]) == (2, 1)
    assert tally.misses == [f"outcome: scan.pcap {SCANNER} {TARGET}"]


def test_a_sure_answer_that_is_wrong_is_seen(root: Path) -> None:
    assert measure(root).wrong_though_sure == 0
    lines = (root / "expected.jsonl").read_text().splitlines()
    lines[0] = json.dumps(row("late.pcap", SERVER, CLIENT))
    (root / "expected.jsonl").write_text("\n".join(lines))
    assert measure(root).wrong_though_sure == 1


def test_alerts_are_judged_by_the_capture_and_by_the_log_alone(root: Path) -> None:
    assert measure_alerts(root) == {True: 1}
    assert measure_eve(root, with_capture=True) == {True: 1}
    assert measure_eve(root, with_capture=False) == {True: 1}


def test_an_alert_that_is_not_found_counts_as_wrong(root: Path) -> None:
    (root / "eve" / "late.json").write_text('{"event_type": "stats", "timestamp": "2026-01-05T12:00:00Z"}\n')
    assert measure_eve(root, with_capture=False) == {False: 1}


def test_the_report_prints_every_figure_with_its_n(root: Path) -> None:
    text = "\n".join(report(root))
    assert "100.00 % (2/2)" in text
    assert "wrong directions at confidence 0.9 and more: 0" in text
    assert "EVE alerts alone: right 100.00 % (1/1)" in text
