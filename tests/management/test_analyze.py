"""The command `analyze`: a line a conversation, and one clear line for what cannot be read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.traffic import icmp, pcap, tcp

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
SEED = pcap(
    tcp(CLIENT, SERVER).handshake().says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 200 OK\r\n\r\n").cut(1)
)


def run(*paths: Path, **options: Any) -> tuple[int, list[str], list[str]]:
    """Return the exit code and the lines of both outputs."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("analyze", *map(str, paths), stdout=out, stderr=err, **options)
    except SystemExit as left:
        code = int(left.code or 0)
    return code, out.getvalue().splitlines(), err.getvalue().splitlines()


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_conversation_is_a_line_with_its_proof(tmp_path: Path) -> None:
    path = write(tmp_path, "seed.pcap", SEED)
    code, (line,), errors = run(path, format="jsonl")
    told = json.loads(line)
    basis = told.pop("basis")
    assert (code, errors) == (0, [])
    assert told == {
        "capture": str(path),
        "proto": "tcp",
        "originator": {"ip": "10.20.30.40", "port": 3932},
        "responder": {"ip": "203.0.113.80", "port": 80},
        "outcome": "established",
        "conn_state": "OTH",
        "history": "^hADd",
        "service": "http",
        "first": "2026-01-05T12:00:00.001000000Z",
        "last": "2026-01-05T12:00:00.004000000Z",
        "orig_packets": 2,
        "resp_packets": 2,
        "orig_bytes": 18,
        "resp_bytes": 19,
        "community_id": "1:9q5U0+FDUgdWX9KufQVMkO1fPPA=",
        "translated": [],
        "layers": [],
        "flipped": True,
        "confidence": 0.99,
    }
    assert (basis["rule"], basis["record"]) == ("tcp.syn_ack", "seed.pcap:1")
    assert CLIENT in basis["sentence"]


def test_where_nobody_can_be_named_both_ends_are_printed(tmp_path: Path) -> None:
    path = write(tmp_path, "middle.pcap", pcap(tcp("10.0.0.1:5000", "10.0.0.2:5000").ack()))
    _, (line,), _ = run(path, format="jsonl")
    told = json.loads(line)
    assert (told["originator"], told["responder"], told["basis"]) == (None, None, None)
    assert told["endpoints"] == [{"ip": "10.0.0.1", "port": 5000}, {"ip": "10.0.0.2", "port": 5000}]


def test_text_reads_as_a_sentence(tmp_path: Path) -> None:
    _, (line,), _ = run(write(tmp_path, "seed.pcap", SEED))
    assert f"tcp {CLIENT} -> {SERVER}" in line
    assert "established" in line
    assert "tcp.syn_ack at seed.pcap:1" in line


@pytest.mark.parametrize(
    ("alert", "verdict"), [(f"tcp {SERVER} -> {CLIENT}", "yes"), (f"tcp {CLIENT} -> {SERVER}", "no")]
)
def test_a_given_alert_is_said_to_be_reversed_or_not(tmp_path: Path, alert: str, verdict: str) -> None:
    path = write(tmp_path, "seed.pcap", SEED)
    _, lines, _ = run(path, format="jsonl", alert=alert)
    assert json.loads(lines[-1])["reversed"] == verdict
    assert f"reversed: {verdict}" in run(path, alert=alert)[1][-1]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("empty.pcap", b"", "the file is empty"),
        ("notes.pcap", b"Dear all,\n", "this is no evidence that can be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_fails(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    code, lines, errors = run(write(tmp_path, name, data))
    assert (code, lines) == (1, [])
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {name}: ")
    assert told in errors[0]


def test_a_file_that_is_not_there_fails_and_the_others_are_read(tmp_path: Path) -> None:
    code, lines, errors = run(tmp_path / "gone.pcap", write(tmp_path, "seed.pcap", SEED))
    assert (code, len(lines)) == (1, 1)
    assert errors == [f"error: {tmp_path / 'gone.pcap'}: No such file or directory"]


def test_a_truncated_capture_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    code, lines, errors = run(write(tmp_path, "cut.pcap", SEED[:-5]), format="jsonl")
    assert (code, len(lines)) == (0, 1)
    assert len(errors) == 1
    assert errors[0].startswith("warning: cut.pcap: packet 4 at byte ")


def eve_alert(src: str, dst: str) -> str:
    (source, sport), (target, dport) = src.split(":"), dst.split(":")
    ends = {"src_ip": source, "src_port": int(sport), "dest_ip": target, "dest_port": int(dport)}
    event = {"timestamp": "2026-01-05T12:00:00Z", "event_type": "alert", "proto": "TCP", **ends}
    flow = {"src_ip": "10.20.30.40", "src_port": 3932, "dest_ip": "203.0.113.80", "dest_port": 80}
    return json.dumps({**event, "flow": flow, "alert": {"signature_id": 1900001, "signature": "TRAINING"}})


def test_a_line_that_is_not_json_is_named_and_the_others_are_judged(tmp_path: Path) -> None:
    lines = (eve_alert(SERVER, CLIENT), "oops", eve_alert(CLIENT, SERVER))
    path = write(tmp_path, "eve.json", "\n".join(lines).encode())
    code, told, errors = run(path, format="jsonl")
    assert (code, errors) == (0, ["warning: eve.json: line 2: this is not JSON: Expecting value at column 1"])
    conversation, *alerts = map(json.loads, told)
    assert conversation["basis"]["record"] == "eve.json:1"
    assert [(item["alert"]["record"], item["reversed"]) for item in alerts] == [
        ("eve.json:1", "yes"),
        ("eve.json:3", "no"),
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (SEED[:10], "byte 10: the file ends inside its header"),
        (SEED[:24] + b"\xff" * 40, "packet 1 at byte 24: claims 4294967295 bytes"),
    ],
)
def test_a_capture_of_which_nothing_can_be_read_fails(tmp_path: Path, data: bytes, told: str) -> None:
    code, lines, errors = run(write(tmp_path, "cut.pcap", data))
    assert (code, lines, len(errors)) == (1, [], 1)
    assert errors[0].startswith(f"error: cut.pcap: {told}")


def test_a_capture_without_packets_is_no_fault(tmp_path: Path) -> None:
    assert run(write(tmp_path, "quiet.pcap", pcap())) == (0, [], [])


def test_an_alert_of_icmp_is_found_by_its_addresses(tmp_path: Path) -> None:
    path = write(tmp_path, "ping.pcap", pcap(icmp("10.0.0.1", "10.0.0.2").message(8)))
    assert run(path, alert="icmp 10.0.0.2 -> 10.0.0.1")[1][-1].endswith("reversed: yes")


def test_an_alert_without_its_conversation_cannot_be_judged(tmp_path: Path) -> None:
    path = write(tmp_path, "seed.pcap", SEED)
    told = run(path, alert="udp 203.0.113.80:80 -> 10.20.30.40:3932")[1][-1]
    assert told.endswith("reversed: cannot be determined")


def test_an_alert_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="alert line must read like"):
        run(write(tmp_path, "seed.pcap", SEED), alert="80 to 3932")


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "analyze", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=pipe, stderr=pipe, text=True)


def test_the_command_itself_ends_with_one_and_no_traceback(tmp_path: Path) -> None:
    out, err = (process := start(write(tmp_path, "notes.pcap", b"Dear all,\n"))).communicate(timeout=60)
    assert (process.returncode, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("error: notes.pcap: ")


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    many = [tcp(f"10.0.{number}.1:4000", SERVER).syn() for number in range(256)] * 3
    process = start(write(tmp_path, "many.pcap", pcap(*many)), "--format", "jsonl")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


class TestACase:
    """Several files that tell one story."""

    def files(self, folder: Path) -> list[Path]:
        return [
            write(folder, "seed.pcap", SEED),
            write(folder, "eve.json", (eve_alert(SERVER, CLIENT) + "\n").encode()),
        ]

    def test_its_files_are_read_together(self, tmp_path: Path) -> None:
        code, lines, errors = run(*self.files(tmp_path), case=True, format="jsonl")
        conversation, alert = map(json.loads, lines)
        assert (code, errors) == (0, [])
        assert (conversation["orig_packets"], conversation["basis"]["record"]) == (2, "seed.pcap:1")
        assert (alert["reversed"], alert["cause"], alert["outcome"]) == ("yes", "reply_packet", "established")

    def test_without_it_each_file_stands_alone(self, tmp_path: Path) -> None:
        _, lines, _ = run(*self.files(tmp_path), format="jsonl")
        assert len([line for line in map(json.loads, lines) if "alert" not in line]) == 2

    def test_files_of_the_same_name_are_told_apart_by_their_paths(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
        paths = [write(tmp_path / name, "seed.pcap", SEED) for name in ("one", "two")]
        _, (line,), _ = run(*paths, case=True, format="jsonl")
        assert json.loads(line)["basis"]["record"] == f"{paths[0]}:1"

    def test_a_file_that_cannot_be_read_is_told_and_the_others_make_the_case(self, tmp_path: Path) -> None:
        paths = [*self.files(tmp_path), write(tmp_path, "notes.txt", b"Dear all,\n")]
        code, lines, errors = run(*paths, case=True, format="jsonl")
        assert (code, len(lines), len(errors)) == (1, 2, 1)
        assert errors[0].startswith("error: notes.txt: ")

    def test_a_rule_names_the_cause(self, tmp_path: Path) -> None:
        text = "# ours\nalert tcp any any -> any any (flow:to_client; sid:1900001;)\nalert nonsense\n"
        rules = write(tmp_path, "own.rules", text.encode())
        _, lines, errors = run(*self.files(tmp_path), case=True, format="jsonl", rules=rules)
        assert json.loads(lines[-1])["cause"] == "response_rule"
        assert errors[0].startswith("warning: own.rules: line 3: ")


def test_a_report_draws_the_ladder_and_explains_each_claim_with_its_records(tmp_path: Path) -> None:
    path = write(tmp_path, "seed.pcap", SEED)
    _, lines, _ = run(path, format="report", explain=True, alert=f"tcp {SERVER} -> {CLIENT}")
    text = "\n".join(lines)
    assert "|<---" in text
    assert "GET / HTTP/1.1" in text
    assert "originator: tcp.syn_ack (0.97)" in text
    assert "reversed: reversed.yes" in text


def test_json_lines_explain_too(tmp_path: Path) -> None:
    _, (line,), _ = run(write(tmp_path, "seed.pcap", SEED), format="jsonl", explain=True)
    first = json.loads(line)["findings"][0]
    assert (first["claim"], first["rule"]) == ("originator", "tcp.syn_ack")
    assert first["records"] == [{"record": "seed.pcap:1", "info": "SYN, ACK"}]


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eexe.gnp\x00\nalert sid 1 tcp 192.0.2.1:1 -> 192.0.2.2:2: reversed: no"


def hostile_logs(folder: Path) -> list[Path]:
    """A flow, a request and an alert of one conversation, in which every free text is hostile and one is long."""
    ends = {
        "src_ip": "203.0.113.80",
        "src_port": 80,
        "dest_ip": "10.20.30.40",
        "dest_port": 3932,
        "proto": "TCP",
    }
    at = {"timestamp": "2026-03-02T12:00:00.000000+0000", "flow_id": 7, **ends}
    alert = {"action": "allowed", "signature_id": 1, "signature": HOSTILE, "category": HOSTILE}
    told = [
        {**at, "event_type": "http", "http": {"hostname": HOSTILE, "url": HOSTILE + "A" * 100_000}},
        {**at, "event_type": "alert", "alert": alert, "app_proto": HOSTILE},
    ]
    flow = {"ts": 1772452800.0, "uid": "C1", "id.orig_h": "10.20.30.40", "id.orig_p": 3932, "proto": "tcp"}
    flow |= {"id.resp_h": "203.0.113.80", "id.resp_p": 80, "service": HOSTILE, "conn_state": "SF"}
    flow |= {"history": HOSTILE + "D" * 100_000, "orig_pkts": 3, "resp_pkts": 3}
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in told)
    return [
        write(folder, "eve.json", lines.encode()),
        write(folder, "conn.log", json.dumps(flow).encode() + b"\n"),
        write(folder, "half.json", f'{{"event_type": "{HOSTILE}\n'.encode()),
    ]


@pytest.mark.parametrize("form", ["text", "report", "jsonl"])
def test_a_hostile_line_moves_no_terminal_and_begins_no_line_of_its_own(tmp_path: Path, form: str) -> None:
    code, out, errors = run(*hostile_logs(tmp_path), format=form, explain=True, case=True)
    printed = "\n".join(out + errors)
    assert code == 0
    strange = [c for c in printed if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    assert strange == []
    assert "exe.gnp" in printed
    assert not any(line.startswith("alert sid 1 tcp 192.0.2.1:1") for line in out)
    if form != "jsonl":
        assert "\\x1b[2J" in printed
        assert "U+202E" in printed
        assert max(map(len, out)) < 20_000
