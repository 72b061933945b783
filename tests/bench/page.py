"""How fast the page is: ``python -m tests.bench.page [--url URL]``.

First paint, how soon the history since 1991 stands in the chart, and how long a frame takes while
100,000 points and 20,000 stories are moved and zoomed. Without an address the real service is
started on the bundled chronology with the fast model.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.service import service
from tests.web.chromium import FAST, a_browser, context

LOADS, POINTS, STORIES, FRAMES = 15, 100_000, 20_000, 120
QUIET = 1_500
"""Milliseconds that a page is left alone."""
START = datetime(2010, 1, 1, tzinfo=UTC)
LOAD = """() => {
  const every = (kind) => performance.getEntriesByType(kind);
  const of = (kind, wanted) => every(kind).find((one) => wanted.test(one.name));
  const asked = of("resource", /history\\?/);
  const shown = of("mark", /history-shown/), drawn = of("mark", /history-drawn/);
  return {paint: of("paint", /contentful/).startTime, request: asked.responseEnd - asked.startTime,
          chart: shown.startTime - asked.startTime, drawn: drawn.startTime - asked.startTime,
          all: drawn.startTime};
}"""
MOVE = """async (frames) => {
  const box = document.querySelector("#chart"), took = [];
  const key = (name) => box.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
  let before = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n++) {
    key(["+", "ArrowLeft", "ArrowRight", "-", "-", "+"][n % 6]);
    const now = await new Promise(requestAnimationFrame);
    took.push(now - before);
    before = now;
  }
  return took;
}"""


def main() -> None:
    """Measure, and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="A service that runs already")
    asked = parser.parse_args()
    with ExitStack() as stack:
        url = asked.url or started(stack)
        browser = stack.enter_context(a_browser())
        loads(browser, url)
        frames(browser, url)


def started(stack: ExitStack) -> str:
    """Address of the service on the chronology."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    told = {"chronology": "true", "model": FAST, "rate_per_minute": "100000"}
    database = f"sqlite:///{folder / 'page.sqlite3'}"
    return stack.enter_context(service(folder, database, wait=600, **told)).url


def loads(browser: Browser, url: str) -> None:
    """First paint and history: in browsers that keep nothing yet, and in one that comes back."""
    told_of("first visit", [_load(context(browser), url) for _ in range(LOADS)])
    reader = context(browser)
    _load(reader, url, leave=False)
    told_of("later visit", [_load(reader, url, leave=False) for _ in range(LOADS)])
    reader.close()


def _load(reader: BrowserContext, url: str, *, leave: bool = True) -> dict[str, float]:
    page = reader.new_page()
    page.goto(url)
    # Whoever looks on meanwhile takes time from the page.
    page.wait_for_timeout(QUIET)
    expect(page.locator("#readout")).to_contain_text("interval", timeout=30_000)
    took: dict[str, float] = page.evaluate(LOAD)
    page.close()
    if leave:
        reader.close()
    return took


def told_of(visit: str, took: list[dict[str, float]]) -> None:
    """One line a figure of some visits."""
    said = {
        "paint": "first paint", "request": "history, asked to received",
        "chart": "history, asked to in the chart", "drawn": "history, asked to drawn",
        "all": "opened to history drawn",
    }  # fmt: skip
    for name, words in said.items():
        told(f"{visit}: {words}", [one[name] for one in took])


def frames(browser: Browser, url: str) -> None:
    """Moving and zooming through a history and stories that are made up."""
    reader = context(browser)
    page = reader.new_page()
    page.route(
        "**/v1/index/history?*",
        lambda route: route.fulfill(body=history(), content_type="text/csv"),
    )
    page.route("**/v1/events?*", lambda route: stories(route))
    page.goto(url)
    expect(page.locator("#readout")).to_contain_text("interval", timeout=60_000)
    page.wait_for_timeout(12_000)
    seen = page.evaluate("document.querySelectorAll('#span-stories li').length")
    told(
        f"frame of {POINTS:,} points and {STORIES:,} stories ({seen} listed)",
        page.evaluate(MOVE, FRAMES),
    )
    zoomed(page)
    reader.close()


def zoomed(page: Page) -> None:
    """The same, close up."""
    page.click("#spans button[data-value='366']")
    page.wait_for_timeout(500)
    told("the same, a year of points in sight", page.evaluate(MOVE, FRAMES))


def history() -> str:
    """So many hours on end, as the history tells days."""
    steps = np.random.default_rng(7).normal(0, 1, POINTS).cumsum()
    values = 50 + 30 * np.sin(steps / 40)
    lines = [
        f'"{START + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}",{v:.4f},{v - 15:.4f},{v + 15:.4f}'
        for n, v in enumerate(values)
    ]
    return "\n".join(['"day","risk_index","low","high"', *lines, ""])


def stories(route: Route) -> None:
    """A page with all the stories at once."""
    events = [_story(n) for n in range(STORIES)]
    route.fulfill(json={"count": STORIES, "events": events, "next": None})


def _story(n: int) -> dict[str, Any]:
    at = START + timedelta(hours=n * POINTS // STORIES, minutes=5)
    return {
        "id": n + 1, "published_at": at.isoformat(), "text": f"Story {n}",
        "source": "made up", "url": None,
        "relevance": {"weight": 1.0, "theme": "military", "story_id": n + 1},
        "score": {"direction": ("escalation", "thaw")[n % 2], "severity": 2 + n % 10 / 10,
                  "words": []},
    }  # fmt: skip


def told(words: str, took: list[float]) -> None:
    """One line: median and the slowest twentieth, in milliseconds."""
    p50, p95 = np.percentile(took, [50, 95])
    print(f"{words}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, of {len(took)}")


if __name__ == "__main__":
    main()
