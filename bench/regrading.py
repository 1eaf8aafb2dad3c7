"""The dry run of a regrading on PostgreSQL: a thousand stored submissions, each on evidence of its own that the engine has
not judged yet.

    python -m bench.regrading [--submissions 1000] [--again]

The goal is a minute on the clock with two cores. Seconds of a core are printed beside it, of this process and of the
database's, which work by turns: their sum is what a quiet machine's clock shows; a busy one's shows more. With `--again` the same dry run is made once
more, when every verdict is stored. Without DATABASE_URL a private PostgreSQL is started and thrown away. The database that
DATABASE_URL names is filled, so it must be an empty one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.services import start_private_postgres

if TYPE_CHECKING:
    from tickets.models import Assignment, Regrading, ScenarioVersion, Variant

GOAL_S = 60
OLD_ENGINE = "0.9.0"
SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    os.environ["SOCTRAINER_ENV"] = "test"
    if "DATABASE_URL" in os.environ:
        measure(options.submissions, again=options.again)
        return
    os.environ["DATABASE_URL"], stop = start_private_postgres()
    try:
        measure(options.submissions, again=options.again)
    finally:
        stop()


def measure(count: int, *, again: bool) -> None:
    """Fill the database, make the dry run, print what it took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soctrainer.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tickets.models import User

    call_command("migrate", verbosity=0)
    if User.objects.exists():
        sys.exit(
            "The database that DATABASE_URL names is not empty; a regrading is measured in one of its own."
        )
    fill(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(
        f"{count:,} submissions, {connection.vendor}; load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    wall_s = timed_dry_run("evidence that this engine has not judged yet")
    if again:
        timed_dry_run("every verdict stored")
    goal_s = GOAL_S * count / 1000
    print(f"{wall_s:.1f} s, the goal is {goal_s:.0f} s: {'met' if wall_s <= goal_s else 'MISSED'}")


def timed_dry_run(what: str) -> float:
    """Make a dry run of everything, print its times, and return the seconds on the clock."""
    with timed() as spent:
        regrading = dry_run()
    lines = regrading.lines.count()
    failed = regrading.lines.filter(change="failed").count()
    print(
        f"{what}: {spent.wall_s:.1f} s on the clock; of a core {spent.cpu_s:.1f} s here and {spent.database_s:.1f} s in the"
        f" database; {spent.queries:,} queries, {spent.queries / lines:.1f} a submission; {failed} failed"
    )
    return spent.wall_s


@dataclass(slots=True)
class Spent:
    """Seconds on the clock, of a core in this process and in the database's (0 where that cannot be read), and how often
    the database was asked."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    database_s: float = 0.0
    queries: int = 0


@contextmanager
def timed() -> Iterator[Spent]:
    """What goes on inside, measured."""
    from django.db import connection

    spent = Spent()

    def count(execute: Any, *arguments: Any) -> Any:
        spent.queries += 1
        return execute(*arguments)

    began_s, began_cpu_s, began_database_s = time.perf_counter(), time.process_time(), database_cpu_s()
    with connection.execute_wrapper(count):
        yield spent
    spent.wall_s, spent.cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    spent.database_s = database_cpu_s() - began_database_s


def database_cpu_s() -> float:
    """What the process that serves our connection has had of a core, where it is one of this machine's (proc(5), stat)."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def dry_run() -> Regrading:
    """A regrading of everything for another engine, computed."""
    from tickets.actions.regradings import bring_on_here, draft_for_engine

    return bring_on_here(draft_for_engine(None, "Another engine.", None))


def fill(count: int) -> None:
    """Graded submissions by an engine that is gone, of every shipped scenario in turn, each on a variant of its own."""
    from tests import factories as make
    from tickets.actions.demo import install_shipped_scenarios
    from tickets.models import Grade, GradeJob
    from tickets.models.truth import VariantVerdict
    from tickets.tasks.grading import record_grade
    from tickets.tasks.jobs import drain

    assignment, dice = make.make_assignment(), Random(SEED)
    for number, version in enumerate(islice(cycle(install_shipped_scenarios()), count)):
        hand_in(version, assignment, number, dice)
    drain(GradeJob, record_grade, budget_s=3600)
    Grade.objects.update(engine_version=OLD_ENGINE)
    VariantVerdict.objects.all().delete()  # another engine has none yet


def hand_in(version: ScenarioVersion, assignment: Assignment, number: int, dice: Random) -> None:
    """A trainee's own variant, and a worksheet that is right in parts."""
    from tests import factories as make
    from tickets.models import Ticket
    from tickets.tasks.variants import generate_variant

    variant = generate_variant(version)
    item = assignment.items.filter(version=version).first() or make.make_item(assignment, version)
    trainee = make.make_user(f"trainee{number}")
    make.enroll(assignment.cohort, trainee)
    ticket = Ticket.objects.create(item=item, trainee=trainee, variant=variant)
    make.make_submission(ticket, **write(variant, dice))


def write(variant: Variant, dice: Random) -> dict[str, Any]:
    """What somebody writes who holds one of the wrong ideas that the variant gives occasion to."""
    from tickets.grading import answers_to_plain, build_key, read_accepted
    from tickets.models.truth import ScenarioKey
    from tickets.quality.trainees import write_worksheets
    from tickets.quality.world import World
    from tickets.tasks.verdicts import current_verdict

    verdict = current_verdict(variant).verdict
    accepted = read_accepted(ScenarioKey.objects.get(version=variant.version).accepted)
    held = write_worksheets(World(verdict, build_key(verdict, accepted)))
    return dict(answers_to_plain(held[dice.choice(sorted(held))]))


if __name__ == "__main__":
    main()
