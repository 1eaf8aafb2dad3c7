"""A school with every kind of page in it, and which page each address gives to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from tests import factories as make
from tests.actions.test_appeals import ask
from tests.regrading import OLD_ENGINE, apply, dry_run, make_class
from tests.views.test_evidence import make_ticket as make_ticket_with_evidence
from tickets.actions.shifts import end_shift, plan_shift, start_shift
from tickets.actions.worksheets import save_worksheet
from tickets.models import AnalysisJob, Cohort, EvidenceUpload, Grade, Regrading, Shift, Ticket, User
from tickets.tasks.jobs import drain
from tickets.tasks.shifts import run_shifts_at
from tickets.tasks.uploads import analyse_upload


@dataclass
class Stage:
    """Work of ana's in ivo's class at every stage. `boss` is a superuser."""

    open_one: Ticket
    graded: Ticket
    earlier: Grade
    drafted: Regrading
    applied: Regrading
    planned: Shift
    running: Shift
    ended: Shift
    upload: EvidenceUpload

    @property
    def cohort(self) -> Cohort:
        return self.graded.item.assignment.cohort


def set_stage() -> Stage:
    ivo = make.make_instructor(is_staff=True)
    User.objects.create_superuser("boss", password=make.PASSWORD, role=User.Role.INSTRUCTOR)
    graded, _ = make_class()
    applied = apply(dry_run())
    ask(graded, "intent")
    drafted = dry_run()
    open_one = make_ticket_with_evidence()
    for version, reason in enumerate(("The rule looks for an outside client.", "Anew.")):
        save_worksheet(open_one, version=version, answers={"reason": reason}, now=timezone.now())
    upload = make.make_upload(ivo, context_text=make.NOTES[0])
    drain(AnalysisJob, analyse_upload)
    ended, running, planned = _shifts(graded.item.assignment.cohort, ivo)
    earlier = Grade.objects.get(submission__ticket=graded, engine_version=OLD_ENGINE)
    return Stage(open_one, graded, earlier, drafted, applied, planned, running, ended, upload)


def _shifts(cohort: Cohort, ivo: User) -> tuple[Shift, Shift, Shift]:
    """One of ivo's class that is over, one of ana's own that runs, and one of the class that waits for its start."""
    version = make.make_version(make.make_scenario("for-shifts", lesson="L1 Who started it"))
    for _ in range(12):
        make.make_variant(version)
    ana, now = make.make_user("ana"), timezone.now()

    def plan(by: User, trainee: User | None = None) -> Shift:
        return plan_shift(cohort, by, [version], minutes=30, tickets_each=6, trainee=trainee, now=now)

    ended = plan(ivo)
    start_shift(ended, ivo, now - timedelta(minutes=20))
    run_shifts_at(now)
    end_shift(ended, ivo, now)
    own = plan(ana, ana)
    start_shift(own, ana, now - timedelta(minutes=10))
    run_shifts_at(now)
    return ended, own, plan(ivo)


class Shown(NamedTuple):
    """A page: who looks at it, how its title begins, and where it is, for each thing that is looked at."""

    who: Sequence[str]
    title: str
    arguments: Callable[[Stage], Sequence[Sequence[Any]]] = lambda stage: [()]
    query: str = ""


BOTH, ANA, IVO = ("ana", "ivo"), ("ana",), ("ivo",)

PAGES: Mapping[str, Sequence[Shown]] = {
    "login": [Shown(("nobody",), "Log in - ")],
    "home": [Shown(BOTH, "Home - ")],
    "queue": [Shown(ANA, "Mine, open - Queue - "), Shown(IVO, "Newest work - Queue - ")],
    "desk": [
        Shown(BOTH, "T-", lambda stage: [[stage.open_one.pk]]),
        *(
            Shown(ANA, "T-", lambda stage: [[stage.open_one.pk]], query)
            for query in ("tab=packet&view=diagram", "tab=timeline", "tab=context", "tab=raw", "tab=files")
        ),
        Shown(ANA, "T-", lambda stage: [[stage.graded.pk]]),
    ],
    "grade": [Shown(BOTH, "T-", lambda stage: [[stage.graded.pk]])],
    "earlier_grade": [Shown(BOTH, "T-", lambda stage: [[stage.graded.pk, stage.earlier.pk]])],
    "history": [Shown(BOTH, "T-", lambda stage: [[stage.open_one.pk], [stage.graded.pk]])],
    "draft_version": [Shown(BOTH, "T-", lambda stage: [[stage.open_one.pk, 1]])],
    "rubric": [Shown(IVO, "T-", lambda stage: [[stage.graded.pk]])],
    "marks": [Shown(IVO, "Marks - ")],
    "regradings": [Shown(IVO, "Regrade - ")],
    "regrading": [
        Shown(IVO, "Regrading: all scenarios, ", lambda stage: [[stage.drafted.pk], [stage.applied.pk]])
    ],
    "glossary": [Shown(BOTH, "Glossary - ")],
    "reference": [Shown(BOTH, "Reference sheet - ")],
    "matrix": [Shown(BOTH, "How worksheets are marked - ")],
    "progress": [Shown(ANA, "My progress - ")],
    "shifts": [Shown(BOTH, "Shifts - ")],
    "shift": [
        Shown(ANA, "Shift - ", lambda stage: [[stage.running.pk]]),
        Shown(ANA, "Report of a shift - ", lambda stage: [[stage.ended.pk]]),
        Shown(IVO, "A planned shift - ", lambda stage: [[stage.planned.pk]]),
        Shown(IVO, "Shift of ana - ", lambda stage: [[stage.running.pk]]),
        Shown(IVO, "Shift of Spring class - ", lambda stage: [[stage.ended.pk]]),
    ],
    "shift_trainee": [
        Shown(IVO, "Report of a shift", lambda stage: [[stage.ended.pk, stage.graded.trainee_id]])
    ],
    "cohort_reports": [Shown(IVO, "Reports - ")],
    "cohort_report": [Shown(IVO, "Spring class: report - ", lambda stage: [[stage.cohort.pk]])],
    "cohort_report_worksheets": [
        Shown(IVO, "Worksheets behind a figure - ", lambda stage: [[stage.cohort.pk]])
    ],
    "cohort_report_tickets": [Shown(IVO, "Tickets behind a figure - ", lambda stage: [[stage.cohort.pk]])],
    "admin:index": [Shown(IVO, "Instructor's desk | "), Shown(("boss",), "Instructor's desk | ")],
    "admin:password_change": [Shown(IVO, "Password change | ")],
    "admin:password_change_done": [Shown(IVO, "Password change successful | ")],
    "admin:app_list": [Shown(IVO, "SOC Trainer administration | ", lambda stage: [["tickets"]])],
    "admin:tickets_scenario_import": [Shown(("boss",), "Import a scenario file | ")],
    "admin:auth_user_password_change": [
        Shown(("boss",), "Change password: ana | ", lambda stage: [[stage.graded.trainee_id]])
    ],
}

# What is no page, and why.
NO_PAGES: Mapping[str, Sequence[str]] = {
    "a probe for machines": ("healthz", "readyz"),
    "a file": (
        *("favicon.ico", "evidence_file", "grade_json", "cohort_report_xlsx", "cohort_report_csv"),
        *("admin:tickets_scenarioversion_file", "admin:jsi18n"),
    ),
    "a part of the desk, which is looked at opened": ("record",),
    "takes only a POST": (
        *("logout", "saved_views", "saved_view_default", "saved_view_removal", "worksheet", "submission"),
        *("hints", "checks", "guided_ticket", "tour", "tour_end", "pick", "appeals", "overrides", "answer"),
        *("regrading_approval", "regrading_abandonment", "shift_start", "shift_end", "shift_abandonment"),
        *("admin:logout", "admin:tickets_evidenceupload_publish"),
    ),
    "sends on to another page": ("admin:login", "admin:view_on_site", "admin:"),
    "words for a field of a form": ("admin:autocomplete",),
    "a verdict as JSON": ("admin:tickets_variant_verdict",),
}


def named_addresses() -> set[str]:
    """The name of every address of the site; one without a name by its path, the admin's catch-alls together."""

    def walk(resolver: Any, space: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
            else:
                yield f"{space}{pattern.name or ('' if space else pattern.pattern)}"

    return set(walk(get_resolver(), ""))


# -- The admin's lists and forms, which every model has ------------------------------------------

FORMS = ("changelist", "add", "change", "history", "delete")


def admin_names() -> Iterator[str]:
    for model in admin.site._registry:
        yield from (f"admin:{model._meta.app_label}_{model._meta.model_name}_{form}" for form in FORMS)


def admin_paths() -> Iterator[str]:
    """Every list; and for a model that has a row, the row's form, its history, and what adds and deletes."""
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        row = model._default_manager.first()
        if row is not None:
            for form in ("change", "history", "delete"):
                yield reverse(f"{name}_{form}", args=[row.pk])
