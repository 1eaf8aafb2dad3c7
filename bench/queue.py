"""The queue with ten thousand tickets on PostgreSQL, through the real view: how long a page takes.

    python -m bench.queue [--tickets 10000] [--rounds 30]

Each address is asked for by turns, so that what else the machine does meets them all. Without DATABASE_URL a private
PostgreSQL is started and thrown away. The database that DATABASE_URL names is filled, so it must be an empty one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import TYPE_CHECKING

from tests.services import start_private_postgres

if TYPE_CHECKING:
    from tickets.models import Assignment, Cohort, ScenarioVersion, User, Variant

GOAL_MS = 300
ASSIGNMENTS, VERSIONS = 24, 64
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ADDRESSES = (
    ("as it opens", ""),
    ("everything", "?status=all"),
    ("by severity", "?status=all&sort=severity"),
    ("by source, turned", "?status=all&sort=-source"),
    ("by result", "?status=all&sort=-result"),
    ("the last page", "?status=all&page=200"),
    ("an address", "?status=all&q=10.20.30.40"),
    ("the beginning of one", "?status=all&q=10.20."),
    ("a port", "?status=all&q=443"),
    ("a word", "?status=all&q=story+12"),
    ("late and high", "?status=todo&due=late&severity=high"),
    ("low results of a lesson", "?status=all&result=low&lesson=L3+Lesson"),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    os.environ["SOCTRAINER_ENV"] = "test"
    if "DATABASE_URL" in os.environ:
        measure(options.tickets, options.rounds)
        return
    os.environ["DATABASE_URL"], stop = start_private_postgres()
    try:
        measure(options.tickets, options.rounds)
    finally:
        stop()


def measure(count: int, rounds: int) -> None:
    """Fill the database, ask for every address `rounds` times, print the times."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soctrainer.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, reset_queries
    from django.test import Client

    from tickets.models import User

    call_command("migrate", verbosity=0)
    if User.objects.exists():
        sys.exit(
            "The database that DATABASE_URL names is not empty; the queue is measured in one of its own."
        )
    people = {"trainee": fill(count)}
    people["instructor"] = User.objects.get(username="ivo")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{count:,} tickets, {connection.vendor}, {rounds} rounds; milliseconds a page, all of the request")
    print(
        f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; a busy machine shows in p95 first"
    )
    for who, person in people.items():
        client = Client(SERVER_NAME="localhost")
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        wall: dict[str, list[float]] = {name: [] for name, _ in ADDRESSES}
        cpu: dict[str, list[float]] = {name: [] for name, _ in ADDRESSES}
        for turn in range(rounds + 1):
            for name, query in ADDRESSES:
                began, began_cpu = time.perf_counter(), time.process_time()
                response = client.get(f"/tickets/{query}")
                if turn:  # the first warms up
                    wall[name].append(1000 * (time.perf_counter() - began))
                    cpu[name].append(1000 * (time.process_time() - began_cpu))
                if response.status_code != 200:
                    sys.exit(f"{query} answered {response.status_code}")
                reset_queries()
        print_times(who, wall, cpu)


def print_times(who: str, wall: dict[str, list[float]], cpu: dict[str, list[float]]) -> None:
    print(f"\n{who:<26}{'p50':>8}{'p95':>8}{'CPU p50':>10}")
    for name, times in wall.items():
        print(f"{name:<26}{median(times):>8.0f}{p95(times):>8.0f}{median(cpu[name]):>10.0f}")
    every = [each for times in wall.values() for each in times]
    all_cpu = [each for times in cpu.values() for each in times]
    print(f"{'all':<26}{median(every):>8.0f}{p95(every):>8.0f}{median(all_cpu):>10.0f}")
    print(
        f"p95 {p95(every):.0f} ms, the goal is under {GOAL_MS} ms: {'met' if p95(every) < GOAL_MS else 'MISSED'}"
    )


def p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


def fill(count: int) -> User:
    """A trainee with `count` tickets in two dozen assignments, two thirds of them graded, and ivo who teaches them."""
    from tickets.models import Cohort, Enrollment, User

    trainee = User.objects.create_user("ana", password="demo")
    ivo = User.objects.create_user("ivo", password="demo", role=User.Role.INSTRUCTOR)
    cohort = Cohort.objects.create(name="Spring class")
    Enrollment.objects.create(cohort=cohort, user=trainee, role=Enrollment.Role.TRAINEE)
    Enrollment.objects.create(cohort=cohort, user=ivo, role=Enrollment.Role.INSTRUCTOR)
    versions = make_versions()
    assignments = make_assignments(cohort)
    give_tickets(trainee, assignments, make_variants(versions, count))
    return trainee


def make_versions() -> list[ScenarioVersion]:
    from tickets.models import Scenario, ScenarioVersion, Severity

    made = []
    for number in range(VERSIONS):
        scenario = Scenario.objects.create(slug=f"story-{number}", lesson=f"L{1 + number % 8} Lesson")
        made.append(
            ScenarioVersion.objects.create(
                scenario=scenario,
                title=f"Story {number} of an alert",
                severity=Severity.values[number % 4],
                sensor="IDS inside the NAT",
                rule_text="alert tcp any any -> any any (sid:1;)" * 6,
                rule_reads="An outside host opens a connection to a high port of an inside host.",
                statement="The console shows an inbound connection. " * 6,
            )
        )
    return made


def make_assignments(cohort: Cohort) -> list[Assignment]:
    from tickets.models import Assignment

    return [
        Assignment.objects.create(
            cohort=cohort,
            title=f"Week {number}",
            due_at=datetime.now(UTC) + timedelta(days=number - ASSIGNMENTS // 2) if number % 3 else None,
            reveal="manual" if number % 5 == 0 else "on_grade",
        )
        for number in range(ASSIGNMENTS)
    ]


def make_variants(versions: Sequence[ScenarioVersion], count: int) -> list[Variant]:
    from tickets.models import EvidenceBundle, EvidenceFile, EvidenceRecord, Variant

    bundle = EvidenceBundle.objects.create(sha256="0" * 64)
    file = EvidenceFile.objects.create(
        bundle=bundle, position=1, name="eve.json", format="eve", size=1, sha256="0" * 64, data=b"\n"
    )
    EvidenceRecord.objects.bulk_create(
        EvidenceRecord(bundle=bundle, file=file, number=number, kind="ids", info="line")
        for number in range(1, 41)
    )
    chance = Random(1)
    return Variant.objects.bulk_create(
        [
            Variant(
                version=versions[number % len(versions)],
                bundle=bundle,
                state=Variant.State.PASSED,
                surface_fingerprint=f"{number:064x}",
                alert_time=START,
                alert_protocol="tcp",
                alert_src_ip=f"203.0.113.{chance.randrange(1, 255)}",
                alert_src_port=chance.choice((80, 443, 22, 8443)),
                alert_dst_ip=f"10.20.{chance.randrange(40)}.{chance.randrange(1, 255)}",
                alert_dst_port=chance.randrange(1024, 65536),
                alert_sid=1900000 + number % len(versions),
                alert_message=f"TRAINING story {number % len(versions)}",
            )
            for number in range(count)
        ],
        batch_size=1000,
    )


def give_tickets(trainee: User, assignments: Sequence[Assignment], variants: Sequence[Variant]) -> None:
    from tickets.models import AssignmentItem, Grade, Submission, Ticket, Worksheet

    items = AssignmentItem.objects.bulk_create(
        [
            AssignmentItem(
                assignment=assignments[number % len(assignments)],
                position=number // len(assignments) + 1,
                version_id=variant.version_id,
            )
            for number, variant in enumerate(variants)
        ],
        batch_size=1000,
    )
    tickets = Ticket.objects.bulk_create(
        [
            Ticket(item=item, trainee=trainee, variant=variant, opened_at=START if number % 6 else None)
            for number, (item, variant) in enumerate(zip(items, variants, strict=True))
        ],
        batch_size=1000,
    )
    text = "10.20.30.40 sent the SYN, so the alert is reversed. " * 10
    Worksheet.objects.bulk_create(
        [
            Worksheet(ticket=ticket, version=9, analysis=text, saved_at=START)
            for ticket in tickets
            if ticket.opened_at
        ],
        batch_size=1000,
    )
    submissions = Submission.objects.bulk_create(
        [
            Submission(
                ticket=ticket,
                answers={"disposition": "benign", "analysis": text, "reason": text},
                sha256="0" * 64,
                received_at=START + timedelta(minutes=number),
            )
            for number, ticket in enumerate(tickets)
            if number % 6 > 1
        ],
        batch_size=1000,
    )
    Grade.objects.bulk_create(
        [
            Grade(
                submission=submission,
                engine_version="1.0.0",
                points=number % 81,
                max_points=80,
                lesson={"path": [text] * 3},
                verdict_sha256="0" * 64,
                sha256="0" * 64,
                graded_at=START,
            )
            for number, submission in enumerate(submissions)
            if number % 40
        ],
        batch_size=1000,
    )


if __name__ == "__main__":
    main()
