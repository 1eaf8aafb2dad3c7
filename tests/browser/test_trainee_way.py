"""From the log-in to the grade: the whole product as a trainee meets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from soctrainer.processes import Child
from tests import factories as make
from tests.browser.trainee import Trainee, axe_violations, model_texts
from tests.conftest import Processes
from tests.services import start_site
from tickets.actions.assignments import assign
from tickets.actions.demo import install_shipped_scenarios
from tickets.models import Ticket, User, Variant

pytestmark = [pytest.mark.browser]

FACE_VALUE = {"reversed": "no", "intent": "match", "disposition": "true_positive", "reason_code": "TP2"}
MODEL = {"reversed": "yes", "intent": "mismatch", "disposition": "false_positive", "reason_code": "FP1"}


@pytest.fixture
def ana(transactional_db: None) -> User:
    return make.make_user("ana")


@pytest.fixture
def seed_tickets(ana: User) -> list[Ticket]:
    """Ana's two tickets of the seed family, of two variants that the simulator made."""
    cohort = make.make_cohort("Blue team", trainees=[ana])
    [seed] = [version for version in install_shipped_scenarios() if version.scenario.family == "T001"]
    assign(cohort, "Who started it", [seed, seed])
    return list(Ticket.objects.filter(trainee=ana).order_by("item__position"))


def as_opened(variant: Variant) -> dict[str, str]:
    """Who really opened the seed ticket's conversation: the side that the alert prints second."""
    return {
        "originator_ip": variant.alert_dst_ip,
        "originator_port": str(variant.alert_dst_port),
        "responder_ip": variant.alert_src_ip,
        "responder_port": str(variant.alert_src_port),
    }


def as_printed(variant: Variant) -> dict[str, str]:
    return {
        "originator_ip": variant.alert_src_ip,
        "originator_port": str(variant.alert_src_port),
        "responder_ip": variant.alert_dst_ip,
        "responder_port": str(variant.alert_dst_port),
    }


def handshake_of(variant: Variant) -> list[str]:
    """The places of the SYN and the SYN-ACK, as a trainee finds them in the packet list."""
    ends = {variant.alert_src_ip, variant.alert_dst_ip}
    packets = variant.bundle.records.filter(
        kind="packet", flags__contains="S", src_ip__in=ends, dst_ip__in=ends
    )
    return [f"{packet.file.name}:{packet.number}" for packet in packets.select_related("file")]


def right_texts(variant: Variant) -> dict[str, str]:
    """What a good trainee writes about the seed ticket."""
    return texts_of(str(variant.alert_dst), str(variant.alert_src), handshake_of(variant)[0])


def texts_of(client: str, server: str, syn: str) -> dict[str, str]:
    """The five texts, about a client and a server (address and port) and the place of the SYN."""
    return {
        "reason": f"The rule looks for packets from the Internet to a high port. The alert shows {server} -> {client}.",
        "supporting_evidence": f"{client} connected to {server} over TCP, and it was established ({syn}).",
        "analysis": f"{client.rpartition(':')[0]} sent the SYN ({syn}), so the alert is reversed. The connection was "
        "established. It does not fit the rule.",
        "conclusion": "False positive, because the alert shows an answer as if it were a request.",
        "next_steps": "Close the ticket and tune the rule.",
    }


def shared(variant: Variant) -> dict[str, str]:
    return {"protocol": "tcp", "outcome": "established", "confidence": "3", **model_texts(variant.alert_line)}


def test_ana_works_the_seed_ticket_to_a_full_mark_and_then_takes_one_at_face_value(
    live_server: LiveServer,
    page: Page,
    seed_tickets: list[Ticket],
    background_work: Processes,
    pictures: Path,
) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    ana = Trainee(page, live_server.url)
    first, second = seed_tickets
    ana.log_in("ana")
    page.screenshot(path=pictures / "queue.png")

    ana.open_ticket(first.pk)
    ana.pin(*handshake_of(first.variant))
    ana.answer({**as_opened(first.variant), **shared(first.variant), **right_texts(first.variant), **MODEL})
    ana.wait_until_saved()
    page.screenshot(path=pictures / "desk-worked.png")
    ana.submit()
    ana.wait_for_grade()
    page.screenshot(path=pictures / "result-full.png", full_page=True)
    grade = page.request.get(f"{live_server.url}/tickets/{first.pk}/grade.json").json()
    assert grade["points"] == grade["max_points"] == 80

    ana.open_ticket(second.pk)
    ana.pin(handshake_of(second.variant)[0])
    ana.answer({**as_printed(second.variant), **shared(second.variant), **FACE_VALUE})
    ana.submit()
    ana.wait_for_grade()
    expect(page.get_by_text("M01").first).to_be_visible()
    page.screenshot(path=pictures / "result-low.png", full_page=True)
    grade = page.request.get(f"{live_server.url}/tickets/{second.pk}/grade.json").json()
    assert grade["points"] < grade["max_points"] / 2
    marks = {line["criterion"]: line for line in grade["criteria"]}
    assert marks["reversed"]["misconception"] == "M01"
    assert not marks["reversed"]["records"]  # the pick comes first

    page.goto(f"{live_server.url}/tickets/")
    page.screenshot(path=pictures / "queue-graded.png")


def test_a_ticket_is_worked_without_a_script(
    live_server: LiveServer,
    page: Page,
    seed_tickets: list[Ticket],
    background_work: Processes,
) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    ana = Trainee(plain, live_server.url)
    ticket = seed_tickets[0]
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    ana.pin(*handshake_of(ticket.variant))
    ana.answer({**as_opened(ticket.variant), **shared(ticket.variant), **MODEL})
    ana.submit()
    # Without a script the waiting page asks again by itself, at its own pace.
    expect(plain.get_by_text("Your answers")).to_be_visible(timeout=30_000)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_trainee_is_accessible(
    live_server: LiveServer,
    page: Page,
    seed_tickets: list[Ticket],
    background_work: Processes,
    scheme: str,
    pictures: Path,
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ana = Trainee(page, live_server.url)
    page.goto(f"{live_server.url}/accounts/login/")
    assert axe_violations(page) == []
    ana.log_in("ana")
    assert axe_violations(page) == []
    ticket = seed_tickets[0]
    ana.open_ticket(ticket.pk)
    page.screenshot(path=pictures / f"desk-{scheme}.png")
    assert axe_violations(page) == []
    ana.answer({**as_printed(ticket.variant), **shared(ticket.variant), **FACE_VALUE})
    ana.submit()
    ana.wait_for_grade()
    assert axe_violations(page) == []
    page.screenshot(path=pictures / f"result-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=pictures / f"result-phone-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.goto(f"{live_server.url}/progress/")
    page.screenshot(path=pictures / f"progress-phone-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert axe_violations(page) == []
    ana.open_ticket(seed_tickets[1].pk)
    page.screenshot(path=pictures / f"desk-phone-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert axe_violations(page) == []


@pytest.fixture
def demo_site(tmp_path: Path, free_port: int) -> Iterator[tuple[Child, str]]:
    """`make demo` itself: SQLite, a broker on a socket, workers and relay under the supervisor."""
    site = start_site(tmp_path, free_port)
    yield site, f"http://127.0.0.1:{free_port}"
    site.stop(grace_s=20)


@pytest.mark.slow
def test_the_demo_grades_the_seed_ticket_both_ways(demo_site: tuple[Child, str], page: Page) -> None:
    _, address = demo_site
    ana = Trainee(page, address)
    ana.log_in("ana")
    hrefs = page.locator("tr", has_text="A high port inside").locator("a[href^='/tickets/']")
    paths = [link.get_attribute("href") for link in hrefs.all()]
    points = []
    for path, answers in zip(paths, (MODEL, FACE_VALUE), strict=True):
        page.goto(f"{address}{path}")
        source, destination = page.locator(".strip .post b").all_inner_texts()[:2]
        ends = (destination, source) if answers is MODEL else (source, destination)
        (orig_ip, orig_port), (resp_ip, resp_port) = (end.rsplit(":", 1) for end in ends)
        flow = page.locator("tr", has_text=source).filter(has_text=destination).filter(has_text="SYN")
        pins = [row.locator("[data-pin]") for row in flow.all()]
        for pin in pins:
            pin.check()
        syn = str(pins[0].get_attribute("value"))
        ana.answer(
            {
                "originator_ip": orig_ip,
                "originator_port": orig_port,
                "responder_ip": resp_ip,
                "responder_port": resp_port,
                "protocol": "tcp",
                "outcome": "established",
                "confidence": "3",
                **(texts_of(destination, source, syn) if answers is MODEL else model_texts()),
                **answers,
            }
        )
        ana.submit()
        ana.wait_for_grade()
        grade = page.request.get(f"{address}{path}grade.json").json()
        points.append((grade["points"], grade["max_points"]))
    assert points[0][0] == points[0][1]
    assert points[1][0] < points[1][1] / 2
    expect(page.get_by_text("M01").first).to_be_visible()
