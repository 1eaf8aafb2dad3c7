from __future__ import annotations

import json
from typing import Any

import pytest

from tests import factories as make
from tickets.actions.uploads import receive_upload
from tickets.engine import EvidenceFile, verdict_from_plain
from tickets.models import EvidenceBundle, EvidenceUpload, Scenario, Variant
from tickets.models.truth import ScenarioKey, VariantVerdict
from tickets.tasks.uploads import Handed, UploadError, author, read_alert_line, record_analysis, refuse_upload

ALERT_LINE = "tcp 203.0.113.80:80 -> 10.20.30.40:3932"
CONTEXT = """
variables:
  HOME_NET: [10.0.0.0/8]
  EXTERNAL_NET: ["!$HOME_NET"]
notes:
  - 10.20.30.40 is an office workstation.
inputs: {auth: unk, role: work, origin: int, mal: n, evid: none}
"""


def handed(*files: tuple[str, bytes], **fields: Any) -> Handed:
    evidence = files or (("beacon.pcap", make.make_capture()),)
    words = {
        "title": "A high port",
        "alert_line": ALERT_LINE,
        "rule_text": make.RULE_TEXT,
        "context_text": CONTEXT,
    }
    return Handed(
        files=tuple(EvidenceFile(name=name, data=data) for name, data in evidence), **{**words, **fields}
    )


def eve_line(**alert: object) -> bytes:
    record: dict[str, object] = {
        "timestamp": "2026-03-02T12:00:00.010000+0000",
        "event_type": "alert",
        "src_ip": "203.0.113.80",
        "src_port": 80,
        "dest_ip": "10.20.30.40",
        "dest_port": 3932,
        "proto": "TCP",
        "alert": {
            "action": "allowed",
            "gid": 1,
            "signature_id": 1900001,
            "rev": 1,
            "signature": "High port",
            **alert,
        },
    }
    return json.dumps(record).encode() + b"\n"


def problems_of(given: Handed) -> tuple[str, ...]:
    with pytest.raises(UploadError) as told:
        author(given, None)
    assert not Scenario.objects.exists()
    assert not EvidenceBundle.objects.exists()
    return told.value.problems


@pytest.mark.django_db
class TestAuthoring:
    def test_a_capture_becomes_a_draft_with_a_verdict_and_neutral_names(self) -> None:
        variant = author(handed(), make.make_instructor())
        assert variant.version.state == "draft"
        assert variant.version.scenario.owner == make.make_instructor()
        assert list(variant.bundle.files.values_list("name", flat=True)) == ["capture.pcap", "context"]
        verdict = verdict_from_plain(VariantVerdict.objects.get(variant=variant).verdict)
        assert (verdict.reversed, verdict.intent, verdict.reason_code) == ("yes", "mismatch", "FP1")
        assert variant.alert_sid == 1900001

    def test_what_only_the_author_knows_stands_with_the_truth_alone(self) -> None:
        variant = author(handed(), None)
        key = ScenarioKey.objects.get(version=variant.version)
        assert key.inputs["mal"] == {"value": "n", "notes": []}
        assert key.variables["HOME_NET"] == ["10.0.0.0/8"]
        assert variant.version.headings == ["notes"]
        assert variant.bundle.records.get(kind="context").info == "10.20.30.40 is an office workstation."

    def test_an_eve_file_stands_in_for_the_alert(self) -> None:
        files = (("a.pcap", make.make_capture()), ("eve.json", eve_line()))
        variant = author(handed(*files, alert_line=""), None)
        assert variant.alert_line == ALERT_LINE
        assert variant.alert_record == "eve.json:1"

    def test_an_eve_file_that_prints_the_rule_stands_in_for_the_rule(self) -> None:
        files = (("a.pcap", make.make_capture()), ("eve.json", eve_line(rule=make.RULE_TEXT)))
        variant = author(handed(*files, alert_line="", rule_text=""), None)
        assert variant.version.rule_text == make.RULE_TEXT
        assert verdict_from_plain(VariantVerdict.objects.get().verdict).intent == "mismatch"

    def test_without_a_rule_what_is_known_of_it_is_kept_and_the_intent_stays_unknown(self) -> None:
        files = (("a.pcap", make.make_capture()), ("eve.json", eve_line()))
        variant = author(handed(*files, alert_line="", rule_text=""), None)
        assert "sid 1900001 rev 1: High port" in variant.version.rule_text
        assert verdict_from_plain(VariantVerdict.objects.get().verdict).intent == "unknown"

    def test_a_line_given_by_hand_takes_the_place_of_its_record(self) -> None:
        files = (("a.pcap", make.make_capture()), ("eve.json", eve_line()))
        assert author(handed(*files), None).alert_record == "eve.json:1"

    def test_hostile_text_in_a_log_is_stored_spelled_out(self) -> None:
        files = (("a.pcap", make.make_capture()), ("eve.json", eve_line(signature="nul\x00 and \u202e turn")))
        variant = author(handed(*files, alert_line="", rule_text=""), None)
        assert variant.alert_message == "nul\\x00 and \\u202e turn"
        verdict_from_plain(VariantVerdict.objects.get().verdict)

    def test_faults_of_alert_rule_and_context_are_told_together(self) -> None:
        problems = problems_of(
            handed(alert_line="tcp here -> there", rule_text="alert tcp", context_text="inputs: {mal: x}")
        )
        assert len(problems) == 3
        assert "The alert line's source is here" in problems[0]
        assert problems[1].startswith("The rule cannot be read: ")
        assert "line 1" in problems[2]

    def test_an_alert_about_nothing_in_the_files_is_refused(self) -> None:
        (problem,) = problems_of(handed(alert_line="tcp 203.0.113.99:80 -> 10.20.30.40:3932"))
        assert "between 203.0.113.99:80 and 10.20.30.40:3932" in problem

    def test_no_alert_at_all_is_refused(self) -> None:
        (problem,) = problems_of(handed(alert_line=""))
        assert "no alert" in problem.lower()

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("empty.pcap", b""),
            ("really.pcap", b"this is a text file with a capture's name\n"),
            ("header.pcap", make.make_capture()[:24]),
            ("cut.pcap", make.make_capture()[:30]),
        ],
    )
    def test_a_file_that_is_no_evidence_is_refused_by_name(self, name: str, data: bytes) -> None:
        problems = problems_of(handed((name, data)))
        assert any(problem for problem in problems)
        assert "Traceback" not in " ".join(problems)

    def test_an_eve_line_that_is_no_json_is_named_with_its_line_and_the_rest_is_used(self) -> None:
        files = (("a.pcap", make.make_capture()), ("eve.json", eve_line() + b"{not json\n" + eve_line()))
        variant = author(handed(*files, alert_line=""), None)
        (problem,) = variant.bundle.files.get(name="eve.json").problems
        assert "2" in problem

    def test_a_capture_that_ends_early_is_used_and_its_end_is_named(self) -> None:
        variant = author(handed(("a.pcap", make.make_capture()[:-30])), None)
        problems = variant.bundle.files.get(name="capture.pcap").problems
        assert problems[0] == "packet 7 at byte 525: the file ends after 24 of 54 bytes"


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("tcp 203.0.113.80:80 -> 10.20.30.40:3932", "tcp 203.0.113.80:80 10.20.30.40:3932"),
        ("  UDP 10.0.0.1:53->10.0.0.2:5353 ", "udp 10.0.0.1:53 10.0.0.2:5353"),
        ("tcp [2001:db8::1]:80 -> [2001:DB8:0::2]:3932", "tcp [2001:db8::1]:80 [2001:db8::2]:3932"),
        ("icmp 10.0.0.1 -> 10.0.0.2", "icmp 10.0.0.1:0 10.0.0.2:0"),
    ],
)
def test_an_alert_line_reads_as_printed(line: str, printed: str) -> None:
    alert = read_alert_line(line)
    assert f"{alert.protocol} {alert.src} {alert.dst}" == printed


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("203.0.113.80:80 10.20.30.40:3932", "must read like"),
        ("sctp 10.0.0.1:1 -> 10.0.0.2:2", "sctp; it may be tcp, udp or icmp"),
        ("tcp 10.0.0.1 -> 10.0.0.2:2", "source is 10.0.0.1, without a port"),
        ("tcp 10.0.0.1:1 -> 10.0.0.2:70000", "destination has port 70000"),
        ("tcp 10.0.0.999:1 -> 10.0.0.2:2", "10.0.0.999:1, which is no IP address"),
        ("tcp fe80::1:1 -> 10.0.0.2:2", "write it as"),
    ],
)
def test_an_alert_line_that_cannot_be_read_says_what_is_wrong(line: str, problem: str) -> None:
    with pytest.raises(UploadError, match="The alert line") as told:
        read_alert_line(line)
    assert problem in str(told.value)


@pytest.mark.django_db
class TestTheJob:
    def test_the_analysis_keeps_the_variant_and_runs_once(self) -> None:
        upload = receive_upload(handed(), make.make_instructor())
        record_analysis(upload)
        record_analysis(EvidenceUpload.objects.get(pk=upload.pk))
        upload.refresh_from_db()
        assert (upload.state, upload.variant) == ("analysed", Variant.objects.get())

    def test_why_an_upload_cannot_be_used_is_kept_for_its_owner(self) -> None:
        upload = receive_upload(handed(("a.pcap", b"no")), make.make_instructor())
        with pytest.raises(UploadError) as told:
            record_analysis(upload)
        refuse_upload(upload, told.value)
        upload.refresh_from_db()
        assert upload.state == "failed"
        assert upload.problem.startswith("a.pcap: ")
