"""A trainee at the keyboard and the mouse: what the browser tests do, in the words of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Page, expect

from tickets.methodology import STEPS

PASSWORD = "demo"
ENDPOINTS = ("originator_ip", "originator_port", "responder_ip", "responder_port")


class Trainee:
    """One person in one browser page."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site

    def log_in(self, name: str, to: str = "/tickets/") -> None:
        self.page.context.clear_cookies()
        self.page.goto(f"{self.site}{to}")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(f"**{to}")

    def open_ticket(self, ticket_id: object) -> None:
        self.page.goto(f"{self.site}/tickets/{ticket_id}/")

    def pin(self, *places: str) -> None:
        for place in places:
            self.page.get_by_label(f"Pin {place}", exact=True).check()

    def answer(self, answers: Mapping[str, Any]) -> None:
        """Fill in every field that `answers` names, step by step, as a person goes through them."""
        for name in ENDPOINTS:
            if name in answers:
                self.page.locator(f"[name={name}]").fill(str(answers[name]))
        for name in ("protocol", "outcome"):
            if name in answers:
                self.page.locator(f"[name={name}]").select_option(str(answers[name]))
        self._choose("reversed", answers)
        for step in STEPS:
            self._answer_step(step.number, step.name, answers)

    def _answer_step(self, number: int, name: str, answers: Mapping[str, Any]) -> None:
        step = self.page.locator(f"#step-{number}")
        if step.get_attribute("open") is None:
            step.locator("summary").first.click()
        if name == "analysis":
            self._choose("intent", answers)
        if name == "conclusion":
            self._choose("disposition", answers)
            self._choose("confidence", answers)
            if "reason_code" in answers:
                self.page.get_by_label("Reason code").select_option(str(answers["reason_code"]))
        if name == "next_steps":
            for action in answers.get("actions", ()):
                step.locator(f"[name=actions][value={action}]").check()
        if name in answers:
            step.locator("textarea").fill(str(answers[name]))

    def _choose(self, name: str, answers: Mapping[str, Any]) -> None:
        if name in answers:
            # The label is the button; the radio itself lies beneath it.
            self.page.locator(f"label:has([name={name}][value='{answers[name]}'])").click()

    def wait_until_saved(self) -> None:
        expect(self.page.get_by_text("Draft saved")).to_be_visible(timeout=8000)

    def submit(self) -> None:
        self.page.get_by_text("Review and submit").click()
        self.page.get_by_role("button", name="Submit worksheet").click()

    def wait_for_grade(self) -> None:
        """The page that waits turns into the result by itself."""
        expect(self.page.get_by_text("Your answers")).to_be_visible(timeout=60_000)


def model_texts(about: str = "") -> dict[str, str]:
    return {step.name: f"{step.title}: what I found. {about}".strip() for step in STEPS}


def axe_violations(page: Page, within: str | None = None, *, preload: bool = True) -> Sequence[str]:
    """WCAG 2.2 AA as axe-core sees it, of the page or of one part of it; a line for each violation.

    `preload` False where a style sheet imports another one, as Django's do: axe would put a copy of it into the
    page, which the content policy refuses. It costs the rule about the screen's orientation.
    """
    from axe_playwright_python.sync_playwright import Axe

    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    rules = {"runOnly": {"type": "tag", "values": levels}, "preload": preload, "resultTypes": ["violations"]}
    # Once a document: reading axe's half megabyte takes as long as looking at a page with it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    violations = page.evaluate(
        "([within, rules]) => axe.run(within ?? document, rules).then(found => found.violations)",
        [within, rules],
    )
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in violations
        for node in violation["nodes"]
    ]
