"""Readers of every kind: by keyboard alone, on a phone, on paper, without a connection or a key."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.chromium import Looked, Seen, context, with_a_past

expect.set_options(timeout=15_000)


def press_until(page: Page, wanted: str, key: str = "Tab", most: int = 60) -> None:
    """Press a key until what has the focus fits a selector."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached by {key}")


def test_by_keyboard_alone(browser: Browser, looked: Looked) -> None:
    reader, seen = context(browser), Seen()
    page = reader.new_page()
    seen.watch(page)
    page.goto(looked.url)
    expect(page.locator("#readout")).to_contain_text("interval")
    press_until(page, ".skip")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    press_until(page, "#drivers button")
    page.keyboard.press("Enter")
    expect(page.locator("#story")).to_contain_text("What it added to the index")
    page.keyboard.press("Escape")
    expect(page.locator("#drivers button").first).to_be_focused()
    press_until(page, "#spans button[data-value='92']")
    page.keyboard.press("Space")
    expect(page.locator("#spans button[data-value='92']")).to_have_attribute("aria-pressed", "true")
    press_until(page, "#chart")
    told = page.locator("#span-title").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#span-title")).not_to_have_text(told)
    press_until(page, "#asof-handle")
    page.keyboard.press("PageDown")
    expect(page.locator("#asof-told")).to_contain_text("As it was known")
    press_until(page, "nav a[href='#try']", "Shift+Tab")
    page.keyboard.press("Enter")
    press_until(page, "#try-text")
    page.keyboard.type("Moscow expels twelve American diplomats")
    press_until(page, "#try-form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".sentence")).to_contain_text("escalation")
    assert seen.console == []
    reader.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, looked: Looked) -> None:
    reader = context(browser, width=360)
    page = reader.new_page()
    page.goto(looked.url)
    page.locator("#span-stories button").first.wait_for()
    for view in ("index", "stories", "try", "alerts", "models", "method"):
        page.evaluate("name => { location.hash = name }", view)
        page.locator(f"#view-{view}").wait_for()
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view
    page.locator("nav a", has_text="Stories").click()
    page.locator("#story-list button").first.click()
    expect(page.locator("#story")).to_contain_text("What markets did next")
    reader.close()


def test_the_theme_follows_the_system_and_a_switch(browser: Browser, looked: Looked) -> None:
    reader = context(browser, "dark")
    page = reader.new_page()
    page.goto(looked.url)
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.select_option("#theme", "light")
    light = page.evaluate(ground)
    assert light != dark
    page.reload()
    assert page.evaluate(ground) == light
    page.emulate_media(media="print")
    expect(page.locator("nav")).to_be_hidden()
    reader.close()


def test_a_lost_connection_is_told_and_the_last_number_stays(
    browser: Browser, tmp_path: Path, looked: Looked
) -> None:
    reader = context(browser)
    page = reader.new_page()
    page.goto(looked.url)
    figure = page.locator("#value .figure")
    expect(figure).not_to_have_text("–")
    before = figure.inner_text()
    reader.set_offline(True)
    expect(page.locator("#notice-lost")).to_be_visible()
    expect(page.locator("#state")).to_have_text("No connection")
    assert figure.inner_text() == before
    reader.set_offline(False)
    expect(page.locator("#notice-lost")).to_be_hidden()
    expect(page.locator("#state")).not_to_have_text("No connection")
    reader.close()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("stale", "Stale. No news has been read since 14 Jun 2026"),
        ("empty", "Empty. No event has come yet"),
    ],
)
def test_states_are_told_honestly(browser: Browser, looked: Looked, state: str, words: str) -> None:
    told = looked.service.index()
    reasons = ["no news has been read since 2026-06-14T23:59Z; the index stands as of then"]
    told |= {"state": state, "freshness": {**told["freshness"], "stale": True, "reasons": reasons}}
    reader = context(browser)
    page = reader.new_page()
    page.route("**/v1/index", lambda route: route.fulfill(json=told))
    page.goto(looked.url)
    expect(page.locator(f"#notice-{state}")).to_be_visible()
    expect(page.locator(f"#notice-{state}")).to_contain_text(words)
    expect(page.locator("#state")).to_have_text(state.capitalize())
    reader.close()


def test_where_reads_need_a_key_the_page_is_open_and_asks_for_it(
    browser: Browser, tmp_path: Path
) -> None:
    with with_a_past(tmp_path, host="0.0.0.0") as closed:
        reader = context(browser)
        page = reader.new_page()
        page.goto(closed.url)
        page.fill("#key-input", "risk_guess")
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("#key .error")).to_contain_text("not known")
        page.fill("#key-input", closed.key)
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("#value .figure")).not_to_have_text("–")
        expect(page.locator("#readout")).to_contain_text("interval")
        reader.close()
