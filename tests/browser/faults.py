"""What is wrong with a page as it stands, whatever page it is."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.trainee import axe_violations

SIZES = ((1366, 768), (390, 844))
# As wide as a page must fit without being scrolled sideways (WCAG 1.4.10, reflow).
NARROWEST = (320, 640)
THEMES = ("light", "dark")
# A control of the bar that sticks out of the window.
CUT = """() => [...document.querySelectorAll(".appbar :is(a, button)")].filter(each => {
  const box = each.getBoundingClientRect();
  return each.checkVisibility() && box.width && (box.left < 0 || box.right > innerWidth);
}).map(each => each.textContent.trim())"""


def faults_of(page: Page, sizes: tuple[tuple[int, int], ...] = SIZES) -> list[str]:
    """What is wrong with the page as it stands, in both themes at every size."""
    faults = []
    for width, height in (*sizes, NARROWEST):
        page.set_viewport_size({"width": width, "height": height})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{width}: scrolls sideways, {wide} wide")
        faults += [f"{width}: the bar cuts {cut}" for cut in page.evaluate(CUT)]
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            violations = axe_violations(page, preload="/admin/" not in page.url)
            faults += [f"{width}, {theme}: {fault}" for fault in violations]
    if (count := page.locator("h1").count()) != 1:
        faults.append(f"{count} first headings")
    if not page.locator("html").get_attribute("lang"):
        faults.append("no language")
    return faults


def only_refusals(complaints: list[str], status: int, times: int) -> None:
    """A browser says of each refused page that it was refused; that much is meant here, and no more."""
    assert len(complaints) == times, complaints
    assert all(f"status of {status}" in complaint for complaint in complaints), complaints
    complaints.clear()
