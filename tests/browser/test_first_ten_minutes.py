"""Somebody who knows nothing, from the log-in page to a first graded ticket: whatever is done here, the screen said so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.test_keyboard import Keys
from tests.browser.test_trainee_way import texts_of
from tests.browser.trainee import axe_violations
from tests.conftest import Processes
from tickets.actions.assignments import assign
from tickets.actions.cohorts import enroll_trainee
from tickets.actions.demo import install_shipped_scenarios
from tickets.models import Assignment, Tour
from tickets.tours import STOPS

pytestmark = [pytest.mark.browser]

LAPTOP, PHONE = (1366, 768), (390, 844)


@pytest.fixture
def password(transactional_db: None) -> str:
    """Ivo's class has the guided first ticket; Nia has just been enrolled, and knows her first password and no more."""
    cohort = make.make_cohort("Blue team", instructors=[make.make_instructor()])
    [seed] = [version for version in install_shipped_scenarios() if version.scenario.family == "T001"]
    assign(cohort, "Your first ticket", [seed], reveal=Assignment.Reveal.COACHED, is_guided=True)
    return enroll_trainee(cohort, "nia", first_name="Nia").password


class Newcomer:
    """Does what the guide asks for, in the place that it marks, and understands only the sentences below."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page = page
        self.pictures = pictures
        self.first_record = ""
        self.understands: Mapping[str, Callable[[Locator], None]] = {
            "Open the line “Why it fired”.": self.press_line,
            "Read it, then close the line again.": self.press_line,
            "Open another tab, and look around.": self.look_around,
            "Open the record with which the conversation begins: press its number.": self.open_first_record,
            "Pin a record that shows who began.": self.pin_first_record,
            "Put one address of a record into originator or responder.": self.put_its_source,
            "Fill in the whole row.": self.fill_in_facts,
            "Write step 1.": self.write,
            "Write step 2.": self.write,
            "Choose, and write step 3.": self.choose_and_write,
            "Choose all three, and write step 4.": self.choose_and_write,
            "Choose, and write step 5.": self.choose_and_write,
            "Press “Review and submit”, then “Submit worksheet”.": self.submit,
        }

    def log_in(self, site: str, password: str) -> None:
        self.page.goto(site)
        self.page.get_by_label("Name").fill("nia")
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def follow_the_guide(self) -> list[str]:
        """Stop after stop, until the worksheet is handed in; the names of the faults that were seen on the way."""
        faults: list[str] = []
        for stop in STOPS:
            expect(self.guide.get_by_role("heading")).to_have_text(stop.title)
            faults += self.look(stop.name)
            asked = self.guide.locator(".do b")
            if asked.count():
                self.understands[asked.inner_text()](self.marked)
                if stop is STOPS[-1]:
                    continue
                expect(self.guide.get_by_text("Done.").or_(self.heading_after(stop.title))).to_be_visible()
            if stop.is_prose or not asked.count():
                self.guide.get_by_role("button", name="Next").click()
        return faults

    def look(self, name: str) -> list[str]:
        """What is wrong with the page at this stop: axe's findings, something marked that is not in view or is covered."""
        self.page.screenshot(path=self.pictures / f"guide-{self.width}-{name}.png")
        faults = []
        if self.page.locator("[data-toured]").count() != 1:
            faults.append(f"{name}: not one thing is marked")
        if not self.page.evaluate(IS_SEEN):
            faults.append(f"{name}: what is marked cannot be seen")
        if self.page.evaluate("document.documentElement.scrollWidth") > self.width:
            faults.append(f"{name}: scrolls sideways")
        return [*faults, *(f"{name}: {fault}" for fault in self.axe_violations())]

    def axe_violations(self) -> Sequence[str]:
        """In a window as high as the page: axe calls a row too small that is half under a bar."""
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({"width": size["width"], "height": 4000})
        found = axe_violations(self.page)
        self.page.set_viewport_size(size)
        # It leaves empty styles behind, which htmx would copy and the content policy refuse.
        self.page.evaluate(
            "document.querySelectorAll('[style=\"\"]').forEach(each => each.removeAttribute('style'))"
        )
        return found

    # -- What the guide asks for --

    def press_line(self, marked: Locator) -> None:
        marked.locator("summary").click()

    def look_around(self, marked: Locator) -> None:
        marked.get_by_role("link", name="Flows").click()

    def open_first_record(self, marked: Locator) -> None:
        marked.get_by_role("link", name="Packets").click()
        expect(marked.get_by_role("region", name="Packets")).to_be_visible()
        ends = self.page.locator("#strip .post b").all_inner_texts()
        row = marked.locator("tbody tr", has_text=ends[0]).filter(has_text=ends[1]).first
        self.first_record = str(row.get_attribute("data-place"))
        row.locator("a.expand").click()
        expect(marked.locator("tr.open")).to_be_visible()

    def pin_first_record(self, marked: Locator) -> None:
        marked.get_by_label(f"Pin {self.first_record}", exact=True).check()

    def put_its_source(self, marked: Locator) -> None:
        source, *_ = self.ends_of_first_record()
        opened = marked.locator("tr.open")
        opened.get_by_role("button", name=source).first.click()
        into = self.page.locator(".dropmenu").get_by_role("button", name="Originator")
        if into.is_visible():
            into.click()

    def fill_in_facts(self, marked: Locator) -> None:
        source, source_port, destination, port = self.ends_of_first_record()
        expect(marked.get_by_label("Originator's address")).to_have_value(source)
        expect(marked.get_by_label("Originator's port")).to_have_value(source_port)
        marked.get_by_label("Responder's address").fill(destination)
        marked.get_by_label("Responder's port").fill(port)
        marked.get_by_label("Protocol").select_option("TCP")
        marked.get_by_label("Outcome").select_option(label="Established")
        claimed = self.page.locator("#strip .post.l b").inner_text()
        is_other = claimed != f"{source}:{source_port}"
        marked.get_by_text("Yes" if is_other else "No", exact=True).click()

    def write(self, marked: Locator) -> None:
        source, source_port, destination, port = self.ends_of_first_record()
        texts = texts_of(f"{source}:{source_port}", f"{destination}:{port}", self.first_record)
        field = marked.get_by_role("textbox")
        field.fill(texts[str(field.get_attribute("name"))])
        field.blur()

    def choose_and_write(self, marked: Locator) -> None:
        for words in ("Does not fit", "False positive", "> 80", "Close", "Tune the rule"):
            choice = marked.locator("label", has_text=words)
            if choice.count():
                choice.first.click()
        code = marked.get_by_label("Reason code")
        if code.count():
            code.select_option("FP1")
        self.write(marked)

    def submit(self, marked: Locator) -> None:
        marked.get_by_text("Review and submit").click()
        marked.get_by_role("button", name="Submit worksheet").click()

    # -- The screen --

    @property
    def guide(self) -> Locator:
        return self.page.get_by_role("region", name="Guide")

    @property
    def marked(self) -> Locator:
        return self.page.locator("[data-toured]")

    @property
    def width(self) -> int:
        assert self.page.viewport_size is not None
        return self.page.viewport_size["width"]

    def heading_after(self, title: str) -> Locator:
        return self.guide.get_by_role("heading").filter(has_not_text=title)

    def ends_of_first_record(self) -> tuple[str, str, str, str]:
        """Source and destination as the row says them, to a reader of the screen too where it is too narrow to show them."""
        row = self.page.locator(f'tr[data-place="{self.first_record}"]')
        source, destination = (
            str(row.locator(f"{side} .addr").text_content()) for side in (".c-src", ".c-dst")
        )
        return (*_split(source), *_split(destination))


# The marked thing's nearest corner is in the window, and neither the guide nor a bar lies over it.
IS_SEEN = """() => {
  const box = document.querySelector("[data-toured]").getBoundingClientRect();
  const x = Math.max(box.left, 0) + Math.min(box.width, innerWidth) / 2;
  const top = Math.max(box.top, 0) + 6;
  const lies = document.elementFromPoint(x, top);
  return top < innerHeight && !lies?.closest("guided-tour, .stepbar");
}"""


def _split(end: str) -> tuple[str, str]:
    address, _, port = end.strip().rpartition(":")
    return address, port


@pytest.mark.parametrize(("scheme", "size"), [("light", LAPTOP), ("dark", PHONE)])
def test_a_newcomer_reaches_a_first_graded_ticket_by_doing_what_the_screen_says(
    live_server: LiveServer,
    page: Page,
    password: str,
    background_work: Processes,
    pictures: Path,
    scheme: str,
    size: tuple[int, int],
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    nia = Newcomer(page, pictures)
    nia.log_in(live_server.url, password)
    start = page.get_by_role("button", name="Start the guided first ticket")
    expect(start).to_be_visible()
    assert axe_violations(page) == []
    page.screenshot(path=pictures / f"guide-{size[0]}-home.png")
    start.click()

    faults = nia.follow_the_guide()

    expect(page.get_by_role("heading", name="Your first result, and how to read it")).to_be_visible(
        timeout=20_000
    )
    page.screenshot(path=pictures / f"guide-{size[0]}-result.png")
    faults += axe_violations(page)
    assert faults == []
    grade = page.request.get(page.url.replace("/grade/", "/grade.json")).json()
    assert grade["points"] == grade["max_points"] == 80
    page.get_by_role("button", name="On to the queue").click()
    page.wait_for_url("**/tickets/")
    assert Tour.objects.get().ended_at is not None
    page.goto(live_server.url)
    expect(page.get_by_text("All is handed in")).to_be_visible()
    expect(start).to_have_count(0)


def test_the_guide_is_gone_through_and_left_by_keyboard(
    live_server: LiveServer, page: Page, password: str, pictures: Path
) -> None:
    page.emulate_media(color_scheme="dark")
    nia, keys = Newcomer(page, pictures), Keys(page)
    nia.log_in(live_server.url, password)
    keys.tab_to(".guide button")
    keys.press("Enter")
    page.wait_for_url("**/tickets/*/")
    heading = nia.guide.get_by_role("heading")
    expect(heading).to_have_text("One ticket")

    keys.press("t", "Enter")
    expect(heading).to_have_text("Why did it fire?")
    keys.tab_to("[data-go]", "Shift+Tab")
    keys.press("Enter")
    expect(page.locator("#why > summary")).to_be_focused()
    keys.press("Enter")
    expect(heading).to_have_text("What the rule looks for")
    # The guide went on by itself, and the hands stayed where they were.
    expect(page.locator("#why > summary")).to_be_focused()
    keys.press("Enter")
    expect(heading).to_have_text("What the alert claims")

    keys.press("t")
    for stop in STOPS[4:]:
        keys.press("Enter")
        expect(heading).to_have_text(stop.title)
        if stop is not STOPS[-1]:
            expect(page.locator("#guide-next")).to_be_focused()
        if stop.step:
            expect(page.locator(f"#step-{stop.step}")).to_have_attribute("open", "")
        assert page.evaluate(IS_SEEN), stop.name
    # There is no next stop, and nobody is thrown out of the guide for it.
    expect(nia.guide).to_be_focused()
    keys.tab_to("#guide-back")
    keys.press("Enter")
    expect(heading).to_have_text(STOPS[-2].title)

    page.reload()
    expect(heading).to_have_text(STOPS[-2].title)
    keys.press("5")
    keys.type("Close it.")
    keys.press("Escape", "t")
    keys.tab_to("#guide-acts > :first-child", "Shift+Tab")
    keys.press("Enter")
    expect(nia.guide).to_have_count(0)
    expect(page.locator("#id_next_steps")).to_have_value("Close it.")
    expect(page.get_by_text("Draft saved")).to_be_visible()


def test_without_a_script_the_guide_moves_and_saves_what_was_typed(
    live_server: LiveServer, page: Page, password: str
) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    nia = Newcomer(plain, Path())
    nia.log_in(live_server.url, password)
    plain.get_by_role("button", name="Start the guided first ticket").click()
    for stop in STOPS[:-1]:
        expect(nia.guide.get_by_role("heading")).to_have_text(stop.title)
        if stop.step:
            plain.locator(f"#step-{stop.step} textarea").fill(f"Typed at stop {stop.name}.")
        nia.guide.get_by_role("link", name="Go there").click()
        assert plain.url.endswith(f"#{stop.target}")
        nia.guide.get_by_role("button", name="Next").click()
    for stop in STOPS:
        if stop.step:
            expect(plain.locator(f"#id_{stop.name}")).to_have_value(f"Typed at stop {stop.name}.")
    expect(nia.guide.get_by_role("button", name="Next")).to_have_count(0)
    context.close()


def test_what_was_done_before_is_ticked_off_and_does_not_hurry(
    live_server: LiveServer, page: Page, password: str, pictures: Path
) -> None:
    nia = Newcomer(page, pictures)
    page.clock.install()
    nia.log_in(live_server.url, password)
    page.get_by_role("button", name="Start the guided first ticket").click()
    page.get_by_label("Originator's address").fill("10.0.0.1")
    page.get_by_label("Originator's address").blur()
    heading = nia.guide.get_by_role("heading")
    for stop in STOPS[:7]:
        expect(heading).to_have_text(stop.title)
        nia.guide.get_by_role("button", name="Next").click()
    expect(heading).to_have_text("From record to answer")
    expect(nia.guide.get_by_text("Done.")).to_be_visible()
    moves: list[str] = []
    page.on("request", lambda request: moves.append(request.url) if request.url.endswith("/tour/") else None)
    page.clock.run_for(5000)
    page.locator("h1").click()
    assert moves == []


def test_the_guide_is_taken_again_from_the_help_sheet_and_nothing_typed_is_lost(
    live_server: LiveServer, page: Page, password: str, pictures: Path
) -> None:
    nia = Newcomer(page, pictures)
    nia.log_in(live_server.url, password)
    page.get_by_role("button", name="Start the guided first ticket").click()
    nia.guide.get_by_role("button", name="Leave the guide").click()
    expect(nia.guide).to_have_count(0)
    page.locator("#id_reason").fill("The rule looks for")
    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("button", name="Take the guide on this ticket").click()
    expect(nia.guide.get_by_role("heading")).to_have_text("One ticket")
    expect(page.locator("#id_reason")).to_have_value("The rule looks for")
