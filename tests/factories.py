"""Rows for tests: plain functions with real defaults. What a test cares about, it says itself.

The default variant is T001, the seed ticket: workstation 10.20.30.40:3932 reads a web page of
203.0.113.80:80, and the alert prints the reply's direction. The people are ana (trainee), ivo
(instructor) and zoe (trainee in another cohort).
"""

from __future__ import annotations

import hashlib
import json
import struct
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tickets.engine import ENGINE_VERSION
from tickets.models import (
    AnalysisJob,
    Assignment,
    AssignmentItem,
    Cohort,
    CriterionResult,
    Enrollment,
    EvidenceBundle,
    EvidenceFile,
    EvidenceRecord,
    EvidenceUpload,
    Grade,
    GradeJob,
    Scenario,
    ScenarioVersion,
    Submission,
    Ticket,
    UploadedFile,
    User,
    Variant,
    Worksheet,
)
from tickets.models.truth import ScenarioKey, VariantHints

PASSWORD = "demo"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULE_TEXT = (
    "alert tcp $EXTERNAL_NET any -> $HOME_NET 1024: "
    '(msg:"TRAINING Inbound connection to high port from Internet"; sid:1900001; rev:1;)'
)
VARIABLES = {"HOME_NET": ["10.0.0.0/8"], "EXTERNAL_NET": ["!$HOME_NET"]}
INPUTS: dict[str, dict[str, object]] = {
    "auth": {"value": "unk"},
    "role": {"value": "work", "notes": [1]},
    "origin": {"value": "int", "notes": [1]},
    "mal": {"value": "n"},
    "evid": {"value": "none"},
}
NOTES = ("10.20.30.40 is an office workstation; its client ports are 1025 to 5000.",)
RIGHT_ANSWERS: dict[str, Any] = {
    "originator_ip": "10.20.30.40",
    "originator_port": "3932",
    "responder_ip": "203.0.113.80",
    "responder_port": "80",
    "protocol": "tcp",
    "reversed": "yes",
    "outcome": "established",
    "intent": "mismatch",
    "disposition": "false_positive",
    "reason_code": "FP1",
    "confidence": "3",
    "reason": "The rule looks for a connection from outside to a high port. The alert shows 203.0.113.80 to 10.20.30.40.",
    "supporting_evidence": "10.20.30.40:3932 connected to 203.0.113.80:80 over tcp, established (capture.pcap:2).",
    "analysis": "10.20.30.40 sent the SYN (capture.pcap:1), so the alert is reversed. The connection was established. "
    "It does not fit the rule.",
    "conclusion": "False positive: the alert's direction is reversed.",
    "next_steps": "Close, and ask for flow:to_server in the rule.",
    "evidence": ["capture.pcap:1", "capture.pcap:2"],
    "actions": ["close", "tune"],
}
# The alert taken at face value: the printed source opened it.
FACE_VALUE_ANSWERS: dict[str, Any] = {
    **RIGHT_ANSWERS,
    "originator_ip": "203.0.113.80",
    "originator_port": "80",
    "responder_ip": "10.20.30.40",
    "responder_port": "3932",
    "reversed": "no",
    "intent": "match",
    "disposition": "true_positive",
    "reason_code": "TP3",
    "analysis": "An outside host connected to our workstation.",
    "conclusion": "True positive.",
    "evidence": [],
}

SYN, SYN_ACK, ACK, PSH_ACK, FIN_ACK = 0x02, 0x12, 0x10, 0x18, 0x11


# -- People and classes ------------------------------------------------------------------------


def make_user(username: str = "ana", *, role: str = User.Role.TRAINEE, **fields: Any) -> User:
    """The user of that name, made on first use; the password is `demo`."""
    found = User.objects.filter(username=username).first()
    return found or User.objects.create_user(username, password=PASSWORD, role=role, **fields)


def make_instructor(username: str = "ivo", **fields: Any) -> User:
    return make_user(username, role=User.Role.INSTRUCTOR, **fields)


def make_cohort(
    name: str = "Spring class",
    *,
    trainees: Iterable[User] = (),
    instructors: Iterable[User] = (),
    **fields: Any,
) -> Cohort:
    """The cohort of that name, made on first use, with these people enrolled."""
    cohort, _ = Cohort.objects.get_or_create(name=name, defaults=fields)
    for user in trainees:
        enroll(cohort, user, Enrollment.Role.TRAINEE)
    for user in instructors:
        enroll(cohort, user, Enrollment.Role.INSTRUCTOR)
    return cohort


def enroll(cohort: Cohort, user: User, role: str = Enrollment.Role.TRAINEE) -> Enrollment:
    enrollment, _ = Enrollment.objects.get_or_create(cohort=cohort, user=user, defaults={"role": role})
    return enrollment


# -- Evidence and scenarios --------------------------------------------------------------------


def make_frame(src: str, sport: int, dst: str, dport: int, flags: int, payload: bytes = b"") -> bytes:
    """One Ethernet frame with an IPv4 TCP segment (RFC 791, RFC 9293), without checksums."""
    tcp = struct.pack("!HHIIBBHHH", sport, dport, 1000, 2000, 5 << 4, flags, 64240, 0, 0) + payload
    ends = bytes(int(part) for address in (src, dst) for part in address.split("."))
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + ends
    return bytes(6) + bytes(6) + b"\x08\x00" + ip + tcp


def make_pcap(frames: Sequence[bytes], *, start_s: int = int(NOON.timestamp())) -> bytes:
    """A classic little-endian pcap file of Ethernet frames, a hundredth of a second apart."""
    packets = [
        struct.pack("<IIII", start_s, number * 10_000, len(frame), len(frame)) + frame
        for number, frame in enumerate(frames)
    ]
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(packets)


def make_capture(
    client: tuple[str, int] = ("10.20.30.40", 3932), server: tuple[str, int] = ("203.0.113.80", 80)
) -> bytes:
    """`client` opens a connection to `server`, asks for a page and gets it."""
    there, back = (*client, *server), (*server, *client)
    return make_pcap(
        [
            make_frame(*there, SYN),
            make_frame(*back, SYN_ACK),
            make_frame(*there, ACK),
            make_frame(*there, PSH_ACK, b"GET / HTTP/1.1\r\nHost: www.example.net\r\n\r\n"),
            make_frame(*back, PSH_ACK, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
            make_frame(*there, FIN_ACK),
            make_frame(*back, FIN_ACK),
        ]
    )


def make_bundle(
    files: Mapping[str, bytes] | None = None, *, notes: Sequence[str] = NOTES, records: int = 7
) -> EvidenceBundle:
    """Frozen files and the rows of the desk. Every file but `context` gets `records` plain packet rows."""
    contents = dict(files) if files is not None else {"capture.pcap": make_capture()}
    if notes:
        contents["context"] = "\n".join(notes).encode()
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    sha256 = hashlib.sha256(json.dumps([*hashes.items()]).encode()).hexdigest()
    found = EvidenceBundle.objects.filter(sha256=sha256).first()
    if found:
        return found
    bundle = EvidenceBundle.objects.create(sha256=sha256)
    for position, (name, data) in enumerate(contents.items(), start=1):
        is_context = name == "context"
        file = EvidenceFile.objects.create(
            bundle=bundle,
            position=position,
            name=name,
            format="context" if is_context else "pcap",
            size=len(data),
            sha256=hashes[name],
            data=data,
        )
        lines = notes if is_context else [f"packet {number}" for number in range(1, records + 1)]
        EvidenceRecord.objects.bulk_create(
            EvidenceRecord(
                bundle=bundle,
                file=file,
                number=number,
                kind="context" if is_context else "packet",
                info=line,
            )
            for number, line in enumerate(lines, start=1)
        )
    return bundle


def make_scenario(slug: str = "seed-ticket", *, owner: User | None = None, **fields: Any) -> Scenario:
    """The scenario of that name, made on first use: T001 without its versions."""
    defaults = {"family": "T001", "lesson": "direction", "level": "novice", "owner": owner, **fields}
    scenario, _ = Scenario.objects.get_or_create(slug=slug, defaults=defaults)
    return scenario


def make_version(scenario: Scenario | None = None, **fields: Any) -> ScenarioVersion:
    """A published version with its key (in the truth tables)."""
    scenario = scenario or make_scenario()
    version = ScenarioVersion.objects.create(
        scenario=scenario,
        number=scenario.versions.count() + 1,
        **{
            "state": ScenarioVersion.State.PUBLISHED,
            "title": "Web page on a high port",
            "sensor": "IDS inside the NAT",
            "statement": "The console shows an inbound connection to a workstation.",
            "rule_text": RULE_TEXT,
            "rule_reads": "An outside host opens a connection to a high port of an inside host.",
            "published_at": NOON,
            **fields,
        },
    )
    ScenarioKey.objects.create(
        version=version,
        inputs=INPUTS,
        variables=VARIABLES,
        accepted=[
            {
                "reason_code": "FP2",
                "credit": 1.0,
                "reason": "The rule lacks flow:to_server, which is as true.",
            },
            {
                "reason_code": "BN2",
                "credit": 0.5,
                "reason": "Harmless is right, but it hides the data error.",
            },
        ],
        next_steps="State the corrected flow, close, and ask for flow:to_server in the rule.",
    )
    return version


def make_variant(
    version: ScenarioVersion | None = None, *, bundle: EvidenceBundle | None = None, **fields: Any
) -> Variant:
    """T001 as printed: `tcp 203.0.113.80:80 -> 10.20.30.40:3932`. Its verdict is computed when first needed."""
    return Variant.objects.create(
        version=version or make_version(),
        bundle=bundle or make_bundle(),
        **{
            "state": Variant.State.PASSED,
            "surface_fingerprint": uuid.uuid4().hex,
            "alert_time": NOON,
            "alert_protocol": "tcp",
            "alert_src_ip": "203.0.113.80",
            "alert_src_port": 80,
            "alert_dst_ip": "10.20.30.40",
            "alert_dst_port": 3932,
            "alert_sid": 1900001,
            "alert_message": "TRAINING Inbound connection to high port from Internet",
            "alert_action": "allowed",
            **fields,
        },
    )


def make_hints(variant: Variant) -> VariantHints:
    """Three hints that no other text of a page holds."""
    return VariantHints.objects.create(
        variant=variant, where="hint-one", what="hint-two", record="hint-three"
    )


# -- Work --------------------------------------------------------------------------------------


def make_assignment(cohort: Cohort | None = None, **fields: Any) -> Assignment:
    cohort = cohort or make_cohort(trainees=[make_user()], instructors=[make_instructor()])
    return Assignment.objects.create(cohort=cohort, **{"title": "Directions", **fields})


def make_item(assignment: Assignment | None = None, version: ScenarioVersion | None = None) -> AssignmentItem:
    assignment = assignment or make_assignment()
    return AssignmentItem.objects.create(
        assignment=assignment,
        position=assignment.items.count() + 1,
        version=version or make_version(),
    )


def make_ticket(
    trainee: User | None = None,
    *,
    assignment: Assignment | None = None,
    variant: Variant | None = None,
    **fields: Any,
) -> Ticket:
    """A ticket of ana's in ivo's class; zoe's is in the other class; anybody else joins ivo's."""
    trainee = trainee or make_user()
    class_name = "Autumn class" if trainee.username == "zoe" else "Spring class"
    assignment = assignment or make_assignment(make_cohort(class_name, instructors=[make_instructor()]))
    enroll(assignment.cohort, trainee)
    variant = variant or make_variant()
    return Ticket.objects.create(
        item=make_item(assignment, variant.version), trainee=trainee, variant=variant, **fields
    )


def make_guided(cohort: Cohort | None = None, **fields: Any) -> Assignment:
    """A guided first ticket, set to ana's class, with one variant to give; nobody has it yet."""
    assignment = make_assignment(
        cohort, is_guided=True, **{"title": "Your first ticket", "reveal": "coached", **fields}
    )
    make_variant(make_item(assignment).version)
    return assignment


def make_worksheet(ticket: Ticket | None = None, **answers: object) -> Worksheet:
    """A draft at version 1 with the right answers, but for those given."""
    values: dict[str, Any] = {**RIGHT_ANSWERS, **answers}
    ticket = ticket or make_ticket()
    defaults = {"version": 1, "saved_at": NOON, **values}
    return Worksheet.objects.update_or_create(ticket=ticket, defaults=defaults)[0]


def make_submission(
    ticket: Ticket | None = None,
    *,
    with_job: bool = True,
    received_at: datetime = NOON,
    **answers: object,
) -> Submission:
    """A frozen worksheet with the right answers, but for those given, and its pending grade job."""
    ticket = ticket or make_ticket()
    sheet = make_worksheet(ticket, **answers)
    frozen = sheet.answers()
    text = json.dumps(frozen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    submission = Submission.objects.create(
        ticket=ticket,
        answers=frozen,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        confidence=int(sheet.confidence) if sheet.confidence else None,
        received_at=received_at,
    )
    if with_job:
        GradeJob.objects.create(submission=submission, engine_version=ENGINE_VERSION)
    return submission


def make_grade(
    submission: Submission | None = None,
    *,
    results: Mapping[str, str] | None = None,
    told: Mapping[str, Mapping[str, str]] | None = None,
    **fields: Any,
) -> Grade:
    """A grade written by hand, ten points a criterion; `results` names each one's result (all right).

    `told` gives further columns of a criterion's row by its name; "" stands for every criterion.
    """
    submission = submission or make_submission(with_job=False)
    told = told or {}
    results = results or dict.fromkeys(["reversed", "originator_ip", "disposition"], "correct")
    earned = {name: Decimal(10 if result == "correct" else 0) for name, result in results.items()}
    grade = Grade.objects.create(
        submission=submission,
        **{
            "engine_version": "1.0.0",
            "points": sum(earned.values(), Decimal()),
            "max_points": Decimal(10 * len(results)),
            "lesson": {},
            "verdict_sha256": "0" * 64,
            "sha256": "0" * 64,
            "graded_at": NOON,
            **fields,
        },
    )
    CriterionResult.objects.bulk_create(
        CriterionResult(
            grade=grade,
            position=position,
            criterion=name,
            **{
                "label": name.replace("_", " "),
                "result": result,
                "given": str(submission.answers.get(name, "")),
                "expected": str(RIGHT_ANSWERS.get(name, "")),
                "points": earned[name],
                "max_points": 10,
                "records": ["capture.pcap:1"],
                **told.get("", {}),
                **told.get(name, {}),
            },
        )
        for position, (name, result) in enumerate(results.items(), start=1)
    )
    return grade


def make_upload(owner: User | None = None, *, with_job: bool = True, **fields: Any) -> EvidenceUpload:
    """A capture that ivo handed in with the alert and the rule of T001, waiting to be analysed."""
    upload = EvidenceUpload.objects.create(
        owner=owner or make_instructor(),
        **{
            "title": "Web page on a high port",
            "alert_line": "tcp 203.0.113.80:80 -> 10.20.30.40:3932",
            "rule_text": RULE_TEXT,
            **fields,
        },
    )
    data = make_capture()
    UploadedFile.objects.create(
        upload=upload,
        position=1,
        name="capture.pcap",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
    )
    if with_job:
        AnalysisJob.objects.create(upload=upload)
    return upload
