"""Pictures of the page for the README: ``python -m tests.web.screenshots [--url URL]``.

Without an address the real service is started on the bundled chronology, with simulated prices and
the served model, which takes a minute or two. Nothing of what is shown is made up for the picture:
without news the page says that it is stale.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.service import ROOT, comes_true, service
from tests.web.chromium import a_browser, context

DOCS = ROOT / "docs"
COLOURS = 256


def main() -> None:
    """Write docs/page-*.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="A service that runs already")
    asked = parser.parse_args()
    with ExitStack() as stack:
        url = asked.url or started(stack)
        browser = stack.enter_context(a_browser())
        for scheme in ("light", "dark"):
            picture(browser, url, scheme)
        story(browser, url)
        phone(browser, url)


def started(stack: ExitStack) -> str:
    """Address of the service on the chronology, settled."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    url = f"sqlite:///{folder / 'page.sqlite3'}"
    told = {"chronology": "true", "prices": "sample", "rate_per_minute": "100000"}
    running = stack.enter_context(service(folder, url, wait=600, **told))
    assert comes_true(lambda: bool(running.get("/v1/sectors").json()["sectors"][0]["level"]), 120)
    return running.url


def picture(browser: Browser, url: str, scheme: str) -> None:
    """The number and the chart."""
    page = _open(context(browser, scheme, 1200).new_page(), url, 1360)
    _save(page, f"page-{scheme}.png")


def story(browser: Browser, url: str) -> None:
    """A story, opened."""
    page = _open(context(browser, "light", 1200).new_page(), url, 900)
    page.locator("#span-stories button").nth(1).click()
    expect(page.locator("#story table")).to_be_visible(timeout=60_000)
    expect(page.locator("#story")).to_contain_text("points of that day", timeout=60_000)
    page.wait_for_timeout(400)
    page.locator("#story").screenshot(path=DOCS / "page-story.png")
    _shrink(DOCS / "page-story.png")


def phone(browser: Browser, url: str) -> None:
    """The page on a phone, dark."""
    page = _open(context(browser, "dark", 360).new_page(), url, 740)
    _save(page, "page-phone.png")


def _open(page: Page, url: str, height: int) -> Page:
    width = page.viewport_size["width"] if page.viewport_size else 1200
    page.set_viewport_size({"width": width, "height": height})
    page.goto(url)
    expect(page.locator("#span-stories button")).to_have_count(6, timeout=60_000)
    page.wait_for_timeout(2_500)
    return page


def _save(page: Page, name: str) -> None:
    page.screenshot(path=DOCS / name)
    _shrink(DOCS / name)


def _shrink(path: Path) -> None:
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    main()
