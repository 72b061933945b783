"""What the page is told without asking: the stream changes it at once, and polling stands in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.chromium import Looked, Seen, context, with_a_past

expect.set_options(timeout=15_000)
POLLED = 3.0
"""Seconds between two polls of a page that has no stream."""
SELDOM = 30.0
"""Seconds between two polls of a page that has one."""
OPEN = "import('{module}').then((found) => found.streaming())"


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Looked]:
    """A service whose worker scores what is posted."""
    with with_a_past(tmp_path_factory.mktemp("told"), worker="true") as looked:
        yield looked


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A reader's browser that keeps nothing."""
    made = context(browser)
    yield made
    made.close()


def opened(reader: BrowserContext, looked: Looked) -> tuple[Page, list[float], Seen]:
    """A page on the number, the moments of its polls, and what it complains of."""
    page, polls, seen = reader.new_page(), [], Seen()
    seen.watch(page)
    page.on(
        "request",
        lambda asked: polls.append(time.monotonic()) if asked.url.endswith("/v1/index") else None,
    )
    page.goto(looked.url)
    expect(page.locator("#readout")).to_contain_text("interval")
    return page, polls, seen


def streaming(page: Page) -> bool:
    """Whether the page's stream is open; its modules are those the page has loaded."""
    module = page.locator("link[href$='/js/stream.js']").get_attribute("href")
    return bool(page.evaluate(OPEN.format(module=module)))


def comes_to_stream(page: Page) -> None:
    for _ in range(100):
        if streaming(page):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the stream does not open")


def post(looked: Looked, words: str) -> None:
    event = {"text": words, "source": "wire", "published_at": datetime.now(UTC).isoformat()}
    answer = looked.service.post([event], looked.key)
    assert answer.status_code < 300, answer.text


def figure_after(page: Page, looked: Looked, words: str) -> tuple[str, float]:
    """The number that follows a grave report, and the seconds from its post until it is shown."""
    figure = page.locator("#value .figure")
    before = looked.service.index()["versions"]["index"]
    started = time.monotonic()
    post(looked, words)
    expect(page.locator("#versions")).not_to_contain_text(re.compile(rf"version {before}$"))
    return figure.inner_text(), time.monotonic() - started


def test_a_posted_event_moves_the_number_sooner_than_a_poll_and_without_one(
    reader: BrowserContext, looked: Looked
) -> None:
    page, polls, seen = opened(reader, looked)
    comes_to_stream(page)
    quiet = len(polls)
    page.wait_for_timeout(1.5 * POLLED * 1000)
    assert len(polls) - quiet <= 1, "it polls although it has the stream"
    shown, took = figure_after(page, looked, "Russia launches missiles at Omsk, dozens dead")
    assert took < POLLED
    assert shown == f"{looked.service.index()['risk_index']:.1f}"
    assert seen.console == []


def test_new_stories_are_told_in_the_list_and_shown_when_asked_for(
    reader: BrowserContext, looked: Looked
) -> None:
    page, _, seen = opened(reader, looked)
    comes_to_stream(page)
    page.locator("nav a", has_text="Stories").click()
    expect(page.locator("#story-list > li")).to_have_count(25)
    expect(page.locator("#story-new")).to_be_hidden()
    post(looked, "Envoys of Moscow and Washington meet in Reykjavik for talks")
    page.click("#story-new")
    expect(page.locator("#story-list > li").first).to_contain_text("Reykjavik")
    expect(page.locator("#story-new")).to_be_hidden()
    assert seen.console == []


def test_where_the_stream_is_cut_and_refused_polling_goes_on(
    reader: BrowserContext, looked: Looked
) -> None:
    # What is answered ends at once, and what asks for it again is refused: a stream cut for good.
    cut = iter([{"status": 200, "content_type": "text/event-stream", "body": ": hello\n\n"}])
    reader.route(
        "**/v1/stream*",
        lambda route: route.fulfill(**next(cut, {"status": 204})),
    )
    page, polls, _ = opened(reader, looked)
    assert not streaming(page)
    page.wait_for_timeout(1.5 * POLLED * 1000)
    assert len(polls) >= 2
    shown, _ = figure_after(page, looked, "Kremlin orders strikes on the port of Odesa, many dead")
    assert shown == f"{looked.service.index()['risk_index']:.1f}"


def test_a_page_that_is_not_looked_at_gives_its_stream_back(
    reader: BrowserContext, looked: Looked
) -> None:
    page, _, _ = opened(reader, looked)
    comes_to_stream(page)
    hide = """hidden => {
      Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    assert not streaming(page)
    page.evaluate(hide, False)
    comes_to_stream(page)
