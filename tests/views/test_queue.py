"""The queue: what stands in it for whom, narrowed, ordered, turned and kept under a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import factories as make
from tests.views.conftest import client_of
from tickets.actions.shifts import plan_shift, start_shift
from tickets.models import Assignment, SavedView, Ticket

pytestmark = pytest.mark.django_db
QUERIES = 13


def text_of(response: Any) -> str:
    return str(response.content.decode())


def codes_of(response: Any) -> list[str]:
    """The tickets of the list, in its order."""
    return [row.ticket.code for row in response.context["queue"].rows]


def codes(*tickets: Ticket) -> list[str]:
    return [ticket.code for ticket in tickets]


def graded(*, results: dict[str, str] | None = None, **assignment: Any) -> Ticket:
    ticket = make.make_ticket(assignment=make.make_assignment(**assignment))
    make.make_grade(make.make_submission(ticket, with_job=False), results=results)
    return ticket


# -- What stands in it ----------------------------------------------------------------------------


def test_the_queue_counts_tickets_by_status_and_opens_with_what_is_to_do(ana: Client) -> None:
    new = make.make_ticket()
    make.make_submission(make.make_ticket())
    done = graded()
    response = ana.get("/tickets/")
    page = text_of(response)
    for count, label in ((3, "All"), (1, "To do"), (1, "New"), (0, "Open"), (1, "Submitted"), (1, "Graded")):
        assert f"<b>{count}</b> {label}" in page
    assert codes_of(response) == [new.code]
    assert done.code not in page
    assert "30 of 30" in text_of(ana.get("/tickets/?status=all"))


def test_counts_of_severity_are_of_the_status_that_is_looked_at(ana: Client) -> None:
    make.make_ticket(variant=make.make_variant(make.make_version(severity="high")))
    make.make_submission(make.make_ticket(variant=make.make_variant(make.make_version(severity="low"))))
    queue = ana.get("/tickets/").context["queue"]
    assert {each.value: each.count for each in queue.by_severity} == {
        "critical": 0,
        "high": 1,
        "medium": 0,
        "low": 0,
    }
    narrowed = ana.get("/tickets/?status=all&severity=low").context["queue"]
    assert {each.value: each.count for each in narrowed.by_status}["new"] == 0


def test_an_excluded_ticket_is_nothing_to_do(ana: Client) -> None:
    make.make_ticket(excluded_at=make.NOON)
    assert codes_of(ana.get("/tickets/")) == []


def test_the_queue_shows_no_points_before_the_reveal(ana: Client) -> None:
    graded(reveal="manual")
    page = text_of(ana.get("/tickets/?status=all"))
    assert "Graded" in page
    assert "of 30" not in page


@pytest.mark.parametrize("reveal", Assignment.Reveal.values)
@pytest.mark.parametrize("result", ["full", "part", "low"])
def test_no_filter_and_no_order_tells_a_result_before_its_reveal(
    ana: Client, reveal: str, result: str
) -> None:
    closes_at = timezone.now() + timedelta(days=1)
    results = {
        "full": {"reversed": "correct"},
        "part": {"reversed": "correct", "outcome": "wrong"},
        "low": {"reversed": "wrong"},
    }
    tickets = {
        name: graded(results=marks, reveal=reveal, closes_at=closes_at) for name, marks in results.items()
    }
    found = codes_of(ana.get(f"/tickets/?status=all&result={result}"))
    without = codes_of(ana.get("/tickets/?status=all&result=none"))
    assignment = tickets["full"].item.assignment
    if assignment.reveals_at(timezone.now()):
        assert found == [tickets[result].code]
        assert without == []
        best_first = codes_of(ana.get("/tickets/?status=all&sort=-result"))
        assert best_first == codes(tickets["full"], tickets["part"], tickets["low"])
    else:
        assert found == []
        assert sorted(without) == sorted(codes(*tickets.values()))
        assert codes_of(ana.get("/tickets/?status=all&sort=-result")) == codes_of(
            ana.get("/tickets/?status=all&sort=result")
        )


def test_ivo_sees_the_marks_of_his_class_before_they_are_revealed_to_it(ivo: Client) -> None:
    ticket = graded(reveal="manual")
    response = ivo.get("/tickets/")
    assert codes_of(response) == [ticket.code]
    assert "30 of 30" in text_of(response)


def test_the_queue_holds_only_ones_own_tickets(ana: Client) -> None:
    hers = make.make_ticket(make.make_user("zoe"))
    for query in ("", "?status=all", f"?status=all&q={hers.code}", f"?ticket={hers.code}", "?waits=question"):
        page = text_of(ana.get(f"/tickets/{query}"))
        assert f'id="t-{hers.code}"' not in page
        assert f"/tickets/{hers.pk}/" not in page


def test_ivos_queue_holds_the_work_of_his_cohorts_and_of_no_others(ivo: Client) -> None:
    ticket = make.make_ticket()
    make.make_submission(ticket)
    foreign = make.make_ticket(
        make.make_user("mia"),
        assignment=make.make_assignment(make.make_cohort("Elsewhere")),
        variant=make.make_variant(make.make_version(title="Of another class")),
    )
    assert codes_of(ivo.get("/tickets/?status=all")) == [ticket.code]
    page = text_of(ivo.get(f"/tickets/?status=all&q={foreign.code}&ticket={foreign.code}"))
    assert f"/tickets/{foreign.pk}/" not in page
    assert foreign.variant.version.title not in page


def test_ivo_finds_a_trainee_by_name_and_ana_does_not_find_by_it(ana: Client, ivo: Client) -> None:
    ticket = make.make_ticket()
    assert codes_of(ivo.get("/tickets/?status=all&q=ana")) == [ticket.code]
    assert codes_of(ana.get("/tickets/?status=all&q=ana")) == []


# -- Narrowed and found ---------------------------------------------------------------------------


def test_the_queue_is_narrowed_by_status(ana: Client) -> None:
    new, handed_in = make.make_ticket(), make.make_ticket()
    make.make_submission(handed_in)
    assert codes_of(ana.get("/tickets/?status=submitted")) == [handed_in.code]
    assert codes_of(ana.get("/tickets/?status=new")) == [new.code]


@pytest.mark.parametrize(
    "typed",
    [
        "CODE",
        "code",
        "bare code",
        "198.51.100.7",
        "198.51.",
        "8443",
        "198.51.100.7:8443",
        "2001:db8::7",
        "[2001:db8::7]:9000",
        "9900001",
        "kerberos",
        "lateral kerb 9900001",
    ],
)
def test_a_ticket_is_found_by_code_rule_address_and_port(ana: Client, typed: str) -> None:
    variant = make.make_variant(
        make.make_version(title="Lateral move"),
        alert_src_ip="198.51.100.7",
        alert_src_port=8443,
        alert_dst_ip="2001:db8::7",
        alert_dst_port=9000,
        alert_sid=9900001,
        alert_message="TRAINING Kerberos ticket asked for",
    )
    wanted, _ = make.make_ticket(variant=variant), make.make_ticket()
    words = {"CODE": wanted.code, "code": wanted.code.lower(), "bare code": wanted.code[2:].lower()}
    assert codes_of(ana.get("/tickets/", {"status": "all", "q": words.get(typed, typed)})) == [wanted.code]


@pytest.mark.parametrize(
    "typed", ["\0", "%", "_", "99999999999999999999", "1.2.3.4:99999", "[::", "' OR 1=1 --"]
)
def test_what_cannot_be_found_finds_nothing_and_breaks_nothing(ana: Client, typed: str) -> None:
    make.make_ticket()
    response = ana.get("/tickets/", {"status": "all", "q": typed})
    assert response.status_code == 200
    assert len(codes_of(response)) == (1 if typed == "\0" else 0)


def test_the_queue_is_narrowed_by_when_it_is_due(ana: Client) -> None:
    now = timezone.now()
    dates = {
        "late": now - timedelta(hours=1),
        "day": now + timedelta(hours=3),
        "week": now + timedelta(days=3),
    }
    tickets = {
        name: make.make_ticket(assignment=make.make_assignment(due_at=at)) for name, at in dates.items()
    }
    tickets["none"] = make.make_ticket()
    for name in ("late", "day", "none"):
        assert codes_of(ana.get(f"/tickets/?status=all&due={name}")) == [tickets[name].code]
    assert codes_of(ana.get("/tickets/?status=all&due=week")) == codes(tickets["day"], tickets["week"])


def test_a_lesson_narrows_a_listed_assignment_and_says_nothing_of_a_mixed_one(ana: Client) -> None:
    listed = make.make_ticket()
    mixed = make.make_ticket(assignment=make.make_assignment(order="mixed"))
    response = ana.get("/tickets/?status=all&lesson=direction")
    assert codes_of(response) == [listed.code]
    make.make_grade(make.make_submission(mixed, with_job=False))
    assert len(codes_of(ana.get("/tickets/?status=all&lesson=direction"))) == 2


def test_the_lesson_of_a_mixed_assignment_is_not_offered_before_a_result_told_it(ana: Client) -> None:
    def offered() -> list[str]:
        selects = ana.get("/tickets/").context["queue"].selects
        return [value for select in selects if select.name == "lesson" for value, *_ in select.choices]

    mixed = make.make_ticket(assignment=make.make_assignment(order="mixed"))
    assert offered() == []
    make.make_grade(make.make_submission(mixed, with_job=False))
    assert offered() == ["direction"]


def test_the_lessons_of_a_shift_are_not_told_before_or_while_its_tickets_come(ana: Client) -> None:
    trainee = make.make_user("ana")
    cohort = make.make_cohort(trainees=[trainee])
    versions = [make.make_version(make.make_scenario(f"story-{number}")) for number in range(3)]
    for version in versions:
        for _ in range(4):
            make.make_variant(version)
    now = timezone.now()
    shift = plan_shift(cohort, trainee, versions, minutes=30, tickets_each=6, trainee=trainee, now=now)
    start_shift(shift, trainee, now)
    response = ana.get("/tickets/?status=all")
    assert len(codes_of(response)) >= 1
    assert "lesson" not in [select.name for select in response.context["queue"].selects]
    assert codes_of(ana.get("/tickets/?status=all&lesson=direction")) == []


def test_ana_cannot_ask_what_waits_for_an_instructor_nor_order_by_trainee(ana: Client) -> None:
    ticket = make.make_ticket()
    response = ana.get("/tickets/?waits=question&sort=-trainee")
    assert codes_of(response) == [ticket.code]
    assert response.context["queue"].narrowed == []
    assert response.context["queue"].wanted.sort == "due"


def test_ivo_asks_for_what_waits_for_him(ivo: Client) -> None:
    asked, failed = graded(), make.make_ticket()
    line = asked.submission.grades.get().criteria.all()[0]
    asked.submission.appeals.create(about=line, text="Why is this wrong?")
    make.make_submission(failed).jobs.update(state="dead")
    assert codes_of(ivo.get("/tickets/?waits=question")) == [asked.code]
    assert codes_of(ivo.get("/tickets/?waits=failed")) == [failed.code]
    assert codes_of(ivo.get("/tickets/?waits=texts")) == [asked.code]


@pytest.mark.parametrize(
    "query",
    ["status=nonsense", "severity=x", "sort=password", "page=0", "page=-1", "assignment=1", "page=99999"],
)
def test_nonsense_in_the_address_narrows_nothing(ana: Client, query: str) -> None:
    ticket = make.make_ticket()
    assert codes_of(ana.get(f"/tickets/?{query}")) == [ticket.code]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Nothing is left to do"),
        ("status=all&q=nowhere", "No ticket matches all of this."),
        ("status=open", "No ticket is open at the moment."),
    ],
)
def test_an_empty_list_says_why_it_is_empty(ana: Client, query: str, sentence: str) -> None:
    make.make_submission(make.make_ticket())
    assert sentence in text_of(ana.get(f"/tickets/?{query}"))


def test_an_empty_queue_says_who_fills_it(ana: Client, ivo: Client) -> None:
    assert "when your instructor sets an assignment" in text_of(ana.get("/tickets/"))
    assert "No cohort of yours has a ticket yet." in text_of(ivo.get("/tickets/"))


# -- Ordered and turned ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sort",
    ["due", "severity", "code", "title", "source", "destination", "age", "received", "status", "result"],
)
def test_every_column_orders_the_list_both_ways(ana: Client, sort: str) -> None:
    tickets = {
        make.make_ticket(
            variant=make.make_variant(
                make.make_version(severity=severity, title=severity), alert_src_ip=ip, alert_dst_ip=ip
            ),
            assignment=make.make_assignment(due_at=make.NOON + timedelta(days=day)),
        ).code
        for day, (severity, ip) in enumerate(
            (("low", "10.0.0.2"), ("critical", "10.0.0.1"), ("high", "10.0.0.3"))
        )
    }
    there = codes_of(ana.get(f"/tickets/?status=all&sort={sort}"))
    back = codes_of(ana.get(f"/tickets/?status=all&sort=-{sort}"))
    assert set(there) == set(back) == tickets
    # All three stand alike by what none of them has yet.
    assert there == (back if sort in ("received", "status", "result") else back[::-1])


def test_by_rule_the_tickets_of_a_rule_stand_together_with_how_far_they_are(ana: Client) -> None:
    sids = (7, 9, 7)
    tickets = [
        make.make_ticket(variant=make.make_variant(alert_sid=sid, alert_message=f"Rule {sid}"))
        for sid in sids
    ]
    make.make_submission(tickets[0], with_job=False)
    response = ana.get("/tickets/?status=all&sort=rule")
    groups = response.context["queue"].groups
    assert [(group.variant.alert_message, len(group.rows), group.done, group.total) for group in groups] == [
        ("Rule 7", 2, 1, 2),
        ("Rule 9", 1, 0, 1),
    ]
    assert "1 of 2 handed in" in response.content.decode()
    assert "Mine, by rule" in response.content.decode()


def test_an_alert_without_a_rules_number_stands_last_and_breaks_nothing(ana: Client) -> None:
    for sid, message in ((None, ""), (7, "Rule 7")):
        make.make_ticket(variant=make.make_variant(alert_sid=sid, alert_message=message))
    page = ana.get("/tickets/?status=all&sort=rule").content.decode()
    assert page.index("Rule 7") < page.index("An alert without a message")


def test_the_queue_is_narrowed_to_a_sensor_where_there_are_several(ana: Client) -> None:
    edge, inner = (
        make.make_ticket(variant=make.make_variant(make.make_version(sensor=sensor))).code
        for sensor in ("at the edge", "inside")
    )
    selects = {select.name: select for select in ana.get("/tickets/").context["queue"].selects}
    assert [value for value, *_ in selects["sensor"].choices] == ["at the edge", "inside"]
    assert codes_of(ana.get("/tickets/?status=all&sensor=at+the+edge")) == [edge]
    assert codes_of(ana.get("/tickets/?status=all&sensor=inside")) == [inner]


def test_severity_orders_the_worst_first(ana: Client) -> None:
    tickets = [
        make.make_ticket(variant=make.make_variant(make.make_version(severity=severity)))
        for severity in ("low", "critical", "medium", "high")
    ]
    low, critical, medium, high = tickets
    assert codes_of(ana.get("/tickets/?status=all&sort=severity")) == codes(critical, high, medium, low)


def test_pages_share_no_ticket_and_miss_none(ana: Client) -> None:
    assignment = make.make_assignment()
    version = make.make_version()
    item = make.make_item(assignment, version)
    trainee = make.make_user("ana")
    Ticket.objects.bulk_create(
        Ticket(item=item, trainee=trainee, variant=make.make_variant(version), attempt=number)
        for number in range(1, 121)
    )
    pages = [ana.get(f"/tickets/?status=all&page={number}") for number in (1, 2, 3)]
    assert [len(codes_of(page)) for page in pages] == [50, 50, 20]
    assert len({code for page in pages for code in codes_of(page)}) == 120
    assert "101 to 120 of 120" in text_of(pages[2])
    assert codes_of(ana.get("/tickets/?status=all&page=9")) == codes_of(pages[2])


def test_the_queue_asks_as_often_for_two_thousand_tickets_as_for_ten(
    ana: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    trainee = make.make_user("ana")
    versions = [make.make_version() for _ in range(10)]
    items = [make.make_item(make.make_assignment(due_at=make.NOON), version) for version in versions]
    bundle = make.make_bundle()

    def add(count: int) -> None:
        for item in items:
            variants = [make.make_variant(item.version, bundle=bundle) for _ in range(count)]
            start = item.tickets.count()
            tickets = Ticket.objects.bulk_create(
                Ticket(item=item, trainee=trainee, variant=variant, attempt=start + number)
                for number, variant in enumerate(variants, start=1)
            )
            make.make_grade(make.make_submission(tickets[0], with_job=False))

    add(1)
    ana.get("/tickets/")  # the day's first request writes the session
    for query in ("?status=all", "?status=all&q=203.0.113.80&sort=due"):
        with django_assert_num_queries(QUERIES):
            ana.get(f"/tickets/{query}")
    add(199)
    for query in ("?status=all", "?status=all&q=203.0.113.80&sort=due"):
        with django_assert_num_queries(QUERIES):
            assert "of 2000" in text_of(ana.get(f"/tickets/{query}"))


# -- Parts for htmx -------------------------------------------------------------------------------


def test_the_preview_alone_is_sent_to_htmx_and_the_address_remembers_it(ana: Client) -> None:
    ticket = make.make_ticket()
    headers = {"HX-Request": "true", "HX-Target": "preview"}
    response = ana.get(f"/tickets/?status=all&ticket={ticket.code}", headers=headers)
    page = text_of(response)
    assert page.strip().startswith("<aside")
    assert ticket.code in page
    assert response.headers["HX-Replace-Url"] == f"/tickets/?status=all&ticket={ticket.code}"


def test_the_list_alone_is_sent_to_htmx_with_its_title_and_a_tidy_address(ana: Client) -> None:
    make.make_ticket()
    response = ana.get(
        "/tickets/?status=todo&q=&lesson=&due=&result=&sort=due",
        headers={"HX-Request": "true", "HX-Target": "queue"},
    )
    page = text_of(response)
    assert page.startswith("<title>Mine, open - Queue - SOC Trainer</title>")
    assert "<html" not in page
    assert response.headers["HX-Push-Url"] == "/tickets/?status=todo"


def test_the_preview_says_nothing_of_the_truth(ana: Client) -> None:
    ticket = make.make_ticket(assignment=make.make_assignment(reveal="manual"))
    make.make_grade(
        make.make_submission(ticket, with_job=False),
        told={"": {"expected": "SECRET", "explanation": "SECRET"}},
    )
    page = text_of(ana.get(f"/tickets/?status=all&ticket={ticket.code}"))
    assert "SECRET" not in page
    assert "of 30" not in page


def test_the_preview_names_own_tickets_that_look_alike_with_what_was_said_of_them(
    ana: Client, ivo: Client
) -> None:
    closed = make.make_ticket(assignment=make.make_assignment(reveal="manual"), opened_at=make.NOON)
    make.make_grade(make.make_submission(closed, with_job=False, disposition="benign"))
    make.make_ticket(make.make_user("zoe"), opened_at=make.NOON)
    ticket = make.make_ticket()
    preview = ana.get(f"/tickets/?ticket={ticket.code}").context["preview"]
    assert [(each.ticket, each.closed_as, each.right) for each in preview.similar] == [(closed, "benign", "")]
    assert "same rule" in preview.similar[0].reasons
    assert ivo.get(f"/tickets/?status=all&ticket={ticket.code}").context["preview"].similar == []


# -- Views kept under a name ----------------------------------------------------------------------


def test_a_view_is_kept_under_its_name_and_offered_again(ana: Client) -> None:
    make.make_ticket()
    sent = ana.post(
        "/tickets/views/", {"name": "Bad ones", "query": "status=all&severity=critical&page=3&x=1"}
    )
    assert sent.headers["Location"] == "/tickets/?status=all&severity=critical"
    page = text_of(ana.get("/tickets/"))
    assert 'href="?status=all&amp;severity=critical"' in page
    assert "Bad ones" in page


def test_the_queue_opens_with_the_view_that_was_chosen_until_that_is_taken_back(ana: Client) -> None:
    make.make_submission(make.make_ticket())
    ana.post("/tickets/views/", {"name": "All", "query": "status=all", "is_default": "1"})
    assert len(codes_of(ana.get("/tickets/"))) == 1
    view = SavedView.objects.get()
    ana.post(f"/tickets/views/{view.pk}/default/", {"off": "1"})
    assert codes_of(ana.get("/tickets/")) == []
    ana.post(f"/tickets/views/{view.pk}/default/")
    assert len(codes_of(ana.get("/tickets/"))) == 1
    ana.post(f"/tickets/views/{view.pk}/removal/")
    assert codes_of(ana.get("/tickets/")) == []


def test_only_one_view_is_the_default(ana: Client) -> None:
    for name in ("first", "second"):
        ana.post("/tickets/views/", {"name": name, "query": "status=all", "is_default": "1"})
    assert [view.name for view in SavedView.objects.filter(is_default=True)] == ["second"]


def test_the_same_name_replaces_the_view(ana: Client) -> None:
    for status in ("all", "graded"):
        ana.post("/tickets/views/", {"name": "Mine", "query": f"status={status}"})
    assert [view.query for view in SavedView.objects.all()] == ["status=graded"]


def test_a_view_without_a_name_or_beyond_twenty_is_refused_with_a_sentence(ana: Client) -> None:
    assert "needs a name" in text_of(
        ana.post("/tickets/views/", {"name": " ", "query": "status=all"}, follow=True)
    )
    for number in range(21):
        answer = ana.post("/tickets/views/", {"name": f"view {number}", "query": "status=all"}, follow=True)
    assert "You have 20 views already" in text_of(answer)
    assert SavedView.objects.count() == 20


@pytest.mark.parametrize("what", ["default/", "removal/"])
def test_zoe_does_not_touch_anas_views(zoe: Client, nobody: Client, what: str) -> None:
    view = SavedView.objects.create(user=make.make_user("ana"), name="Of ana", query="status=all")
    assert zoe.post(f"/tickets/views/{view.pk}/{what}").status_code == 404
    assert nobody.post(f"/tickets/views/{view.pk}/{what}").status_code == 302
    assert zoe.get(f"/tickets/views/{view.pk}/{what}").status_code == 405
    view.refresh_from_db()
    assert not view.is_default
    assert "Of ana" not in text_of(zoe.get("/tickets/"))


def test_an_instructor_keeps_views_too(ivo: Client) -> None:
    ivo.post("/tickets/views/", {"name": "Questions", "query": "waits=question", "is_default": "1"})
    assert ivo.get("/tickets/").context["queue"].wanted.waits == "question"


def test_a_stranger_is_sent_to_the_log_in_page(nobody: Client) -> None:
    for response in (nobody.get("/tickets/"), nobody.post("/tickets/views/")):
        assert response.headers["Location"].startswith("/accounts/login/?next=")


def test_an_instructor_who_is_a_trainee_elsewhere_sees_no_result_of_his_own_before_its_reveal() -> None:
    ines = make.make_instructor("ines")
    taught = graded(reveal="manual")
    make.make_cohort("Spring class", instructors=[ines])
    cohort = make.make_cohort("Autumn class")
    own = make.make_ticket(ines, assignment=make.make_assignment(cohort, reveal="manual"))
    make.make_grade(make.make_submission(own, with_job=False))
    response = client_of(ines).get("/tickets/?status=all")
    points = {row.ticket.code: row.points for row in response.context["queue"].rows}
    assert points[own.code] is None
    assert points[taught.code] == 30
