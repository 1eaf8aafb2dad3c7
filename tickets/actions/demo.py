"""The demonstration: three people, two cohorts, the scenarios that ship, tickets of them, and a simulated class with
a shift behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from tickets.actions.assignments import assign, give_assignment_tickets
from tickets.actions.packs import PackRefusedError, install_pack
from tickets.actions.simulated_shift import do_simulated_shift
from tickets.actions.simulated_work import PEOPLE, do_simulated_work
from tickets.engine import EvidenceFile
from tickets.models import Assignment, Cohort, Enrollment, ScenarioVersion, User, Variant
from tickets.packs import PackError, read_scenario
from tickets.tasks.variants import generate_variant

PASSWORD = "demo"  # noqa: S105  known to everybody, and refused outside the demo
VARIANTS = 3
OWN_COHORT = "Blue team, autumn 2026"
OTHER_COHORT = "Night shift, autumn 2026"
SIMULATED_COHORT = "Simulated class, for demonstration"
# The lessons' own assignments: a handful, so that the first start is a matter of seconds. Of every other scenario that ships
# variants are made when it is set.
FIRST = ("T001", "T003", "T004", "T011", "T013", "T014")
# And a shift of all kinds, mixed for each trainee anew: four reversed ones, four dispositions.
MIXED_TITLE = "A mixed shift"
MIXED = ("T002", "T006", "T017", "T025", "T027", "T082", "T090", "T096", "T100")
# The seed ticket is met twice, with different evidence, so that the second time shows what was learned.
MET_TWICE = "T001"
GUIDED_TITLE = "Your first ticket"
GUIDED = "T001"


class DemoError(Exception):
    """Why the demonstration cannot be loaded here."""


def load_demo() -> list[str]:
    """Load what is missing and return what there is, a line each. Raises DemoError outside demo mode."""
    if not settings.DEMO_MODE:
        raise DemoError(
            "The demo's password is known to everybody; it is loaded only with SOCTRAINER_DEMO=1."
        )
    with transaction.atomic():
        shipped = {version.scenario.family: version for version in install_shipped_scenarios()}
        versions = [shipped[family] for family in FIRST]
        for version in versions:
            _fill_pool(version)
        ivo = _make_person("ivo", "Ivo", "Marić", User.Role.INSTRUCTOR)
        cohorts = [
            _make_cohort(OWN_COHORT, ivo, [_make_person("ana", "Ana", "Horvat", User.Role.TRAINEE)]),
            _make_cohort(OTHER_COHORT, ivo, [_make_person("zoe", "Zoe", "Novak", User.Role.TRAINEE)]),
        ]
        # The queue shows the newest assignment first: the mixed shift is for after the lessons.
        _assign_mixed(cohorts[0], [shipped[family] for family in MIXED])
        for cohort in cohorts:
            _assign_by_lesson(cohort, versions)
            _assign_guided(cohort, shipped[GUIDED])
        simulated = _make_simulated_cohort(ivo, versions)
        do_simulated_shift(simulated, ivo, [shipped[family] for family in MIXED], timezone.now())
        cohorts.append(simulated)
    return [
        f"scenarios: {len(shipped)}",
        f"variants: {Variant.objects.filter(version__in=shipped.values()).count()}",
        *(f"{cohort}: {cohort.assignments.count()} assignments" for cohort in cohorts),
        f"accounts: ana, zoe (trainees), ivo (instructor); password {PASSWORD}",
    ]


def install_shipped_scenarios() -> list[ScenarioVersion]:
    """Every scenario file of `fixtures/scenarios`, in the order of the families."""
    versions = []
    for path in sorted((Path(settings.BASE_DIR) / "fixtures" / "scenarios").glob("*.yaml")):
        try:
            pack = read_scenario(path.read_text(encoding="utf-8"))
            files = [EvidenceFile(name, (path.parent / name).read_bytes()) for name in pack.evidence]
            versions.append(install_pack(path.name, pack, files))
        except PackError as error:
            raise DemoError("\n".join(f"{path.name}: {mistake}" for mistake in error.mistakes)) from error
        except PackRefusedError as error:
            raise DemoError(str(error)) from error
    return versions


def _fill_pool(version: ScenarioVersion) -> None:
    for _ in range(version.variants.filter(state=Variant.State.PASSED).count(), VARIANTS):
        generate_variant(version)


def _make_person(username: str, first_name: str, last_name: str, role: str) -> User:
    user, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "first_name": first_name,
            "last_name": last_name,
            "role": role,
            "is_staff": role == User.Role.INSTRUCTOR,
        },
    )
    if is_new:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


def _make_cohort(name: str, instructor: User, trainees: Iterable[User]) -> Cohort:
    cohort, _ = Cohort.objects.get_or_create(name=name)
    members = [
        (instructor, Enrollment.Role.INSTRUCTOR),
        *((user, Enrollment.Role.TRAINEE) for user in trainees),
    ]
    for user, role in members:
        Enrollment.objects.get_or_create(cohort=cohort, user=user, defaults={"role": role})
    return cohort


def _make_simulated_cohort(instructor: User, versions: Iterable[ScenarioVersion]) -> Cohort:
    """Twelve trainees whom nobody can log in as, and the work that a program does for them."""
    people = [
        User.objects.get_or_create(
            username=person.username,
            defaults={
                "first_name": person.first_name,
                "last_name": person.last_name,
                "password": make_password(None),
            },
        )[0]
        for person in PEOPLE
    ]
    cohort = _make_cohort(SIMULATED_COHORT, instructor, people)
    Cohort.objects.filter(pk=cohort.pk).update(is_simulated=True)
    _assign_by_lesson(cohort, versions)
    do_simulated_work(cohort)
    return cohort


def _assign_mixed(cohort: Cohort, versions: Sequence[ScenarioVersion]) -> None:
    if not cohort.assignments.filter(title=MIXED_TITLE).exists():
        assign(cohort, MIXED_TITLE, versions, order=Assignment.Order.MIXED)


def _assign_guided(cohort: Cohort, version: ScenarioVersion) -> None:
    if not cohort.assignments.filter(is_guided=True).exists():
        assign(cohort, GUIDED_TITLE, [version], reveal=Assignment.Reveal.COACHED, is_guided=True)


def _assign_by_lesson(cohort: Cohort, versions: Iterable[ScenarioVersion]) -> None:
    """One assignment a lesson; one that is there is only looked through for trainees without tickets."""
    lessons: dict[str, list[ScenarioVersion]] = defaultdict(list)
    for version in versions:
        lessons[version.scenario.lesson].append(version)
        if version.scenario.family == MET_TWICE:
            lessons[version.scenario.lesson].append(version)
    for lesson, items in reversed(lessons.items()):
        assignment = Assignment.objects.filter(cohort=cohort, title=lesson).first()
        if assignment is None:
            assign(cohort, lesson, items)
        else:
            give_assignment_tickets(assignment)
