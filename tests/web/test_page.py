"""The page in Debian's Chromium against the real service: every task, as a reader does it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.chromium import DAYS, Looked, Seen, context

expect.set_options(timeout=15_000)
SEEN = Seen()
SEEN_TEXT = """one => {
  const copy = one.cloneNode(true);
  copy.querySelectorAll(".sr").forEach((hidden) => hidden.remove());
  return copy.textContent;
}"""
"""The text of an element as eyes see it, without what is told to screen readers alone."""
VIEWS = ("index", "stories", "try", "alerts", "models", "method")


@pytest.fixture(scope="module")
def page(browser: Browser, looked: Looked) -> Iterator[Page]:
    """One page that is walked through, from one task to the next."""
    reader = context(browser)
    page = reader.new_page()
    page.set_default_timeout(15_000)
    SEEN.watch(page)
    page.goto(looked.url)
    drawn(page)
    yield page
    reader.close()


def drawn(page: Page) -> None:
    expect(page.locator("#readout")).to_contain_text("interval")


def go(page: Page, name: str) -> None:
    page.locator("nav a", has_text=name).click()


def legend(page: Page, words: str) -> Locator:
    return page.locator("#legend > span", has_text=words)


def api(looked: Looked, path: str) -> dict[str, object]:
    answer = httpx.get(looked.url + path, timeout=20)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_number_is_the_services_with_interval_turn_drivers_and_freshness(
    page: Page, looked: Looked
) -> None:
    told = looked.service.index()
    expect(page.locator("#value .figure")).to_have_text(f"{told['risk_index']:.1f}")
    expect(page.locator("#value")).to_contain_text("in seven days")
    low, high = (f"{told['interval'][name]:.1f}" for name in ("low", "high"))
    expect(page.locator("#facts")).to_contain_text(f"{low} to {high}, at 90 %")
    expect(page.locator("#facts")).to_contain_text(re.compile("just now|minutes? ago"))
    expect(page.locator("#drivers li")).to_have_count(5)
    first = page.locator("#drivers .text button").first
    assert first.evaluate(SEEN_TEXT) == told["drivers"][0]["text"]
    assert page.locator("#drivers mark").count() > 0
    expect(page.locator("#simulated", has_text="random walk")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Risk index")


def test_the_chart_has_measures_spans_overlays_and_a_table_that_says_the_same(
    page: Page, looked: Looked
) -> None:
    newest = api(looked, "/v1/index/history")["rows"][-1]  # type: ignore[index]
    expect(page.locator("#readout")).to_contain_text(f"{newest['risk_index']:.1f}")
    page.locator("#spans button", has_text="3 months").click()
    page.locator("#chart-table summary").click()
    cells = page.locator("#chart-table tbody tr").first
    expect(cells).to_contain_text(f"{newest['low']:.1f}")
    page.locator("#measures button", has_text="Themes").click()
    expect(legend(page, "Arms control")).to_be_visible()
    expect(legend(page, "mean of the year before")).to_be_hidden()
    page.locator("#measures button", has_text="Escalation, thaw").click()
    expect(page.locator("#readout")).to_contain_text("thaw")
    page.check("#overlay-energy")
    expect(legend(page, "energy, left scale")).to_be_visible()
    page.uncheck("#overlay-energy")
    page.locator("#measures button", has_text="Risk index").click()
    page.locator("#spans button", has_text="Week").click()
    expect(page.locator("#readout")).to_contain_text("UTC")
    expect(page.locator("#chart-table tbody th").first).to_contain_text(":00")
    page.locator("#spans button", has_text="All").click()
    expect(page.locator("#readout")).not_to_contain_text("UTC")


def test_the_as_of_handle_redraws_the_past_as_it_was_known(page: Page, looked: Looked) -> None:
    rows = api(looked, "/v1/index/history")["rows"]
    day = rows[DAYS // 2]["day"]  # type: ignore[index]
    page.fill("#asof-day", day)
    then = api(looked, f"/v1/index/history?as_of={day}T00:00:00Z")["rows"][-1]  # type: ignore[index]
    expect(page.locator("#asof-told")).to_contain_text(f"{then['risk_index']:.1f}")
    expect(legend(page, "as known now")).to_be_visible()
    page.click("#asof-now")
    expect(page.locator("#asof-told")).to_be_empty()


def test_a_mark_in_the_chart_opens_its_story_with_score_words_and_market(page: Page) -> None:
    # The list below the chart holds the same stories as its marks, for those who cannot point.
    page.locator("#span-stories button").first.wait_for()
    box = page.locator("#chart").bounding_box()
    assert box is not None
    for x in range(int(box["width"]) - 80, 40, -4):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] - 62)
        if re.match("[▲▼]", page.locator("#readout").inner_text()):
            break
    page.mouse.down()
    page.mouse.up()
    story = page.locator("#story")
    expect(story).to_contain_text("points of that day’s")
    expect(story.locator(".probabilities div")).to_have_count(3)
    assert story.locator(".story-text mark").count() > 0
    expect(story).to_contain_text("Simulated closes")
    expect(story.locator("table")).to_contain_text("Energy")
    assert "#story/" in page.url
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("#story/"))


def test_stories_are_searched_filtered_and_paged_with_their_contributions(
    page: Page, looked: Looked
) -> None:
    go(page, "Stories")
    rows = page.locator("#story-list > li")
    expect(rows).to_have_count(25)
    expect(rows.first.locator(".points")).to_contain_text(re.compile(r"[+−]?\d"))
    page.click("#story-more")
    expect(rows).to_have_count(50)
    page.select_option("[name=direction]", "thaw")
    page.fill("[name=q]", "Geneva")
    found = api(looked, "/v1/events?dyad=USA-RUS&direction=thaw&q=Geneva&limit=25")
    expect(rows).to_have_count(found["count"])  # type: ignore[arg-type]
    expect(rows.first).to_contain_text("Thaw")


def test_a_label_is_corrected_with_a_key_and_the_score_stays(page: Page, looked: Looked) -> None:
    page.locator("#story-list button").first.click()
    page.locator("#story summary").click()
    page.locator("#story input[value=neutral]").check()
    page.fill("#story [name=why]", "They only talked.")
    number = int(page.url.rpartition("/")[2])
    before = api(looked, f"/v1/events/{number}")["event"]
    page.get_by_role("button", name="Keep my label").click()
    page.fill("#key-input", looked.key)
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#story .done")).to_contain_text("Kept as training data")
    expect(page.locator("#story")).to_contain_text("They only talked.")
    (label,) = api(looked, "/v1/labels")["labels"]  # type: ignore[misc]
    assert (label["event_id"], label["direction"]) == (number, "neutral")
    assert (label["who"], label["why"]) == ("tester", "They only talked.")
    assert api(looked, f"/v1/events/{number}")["event"] == before
    page.keyboard.press("Escape")


def test_the_key_is_kept_in_session_storage_alone(page: Page, looked: Looked) -> None:
    assert page.evaluate("sessionStorage.getItem('risk-key')") == looked.key
    assert looked.key not in page.evaluate("JSON.stringify(localStorage) + document.cookie")


def test_a_text_is_scored_sentence_by_sentence(page: Page) -> None:
    go(page, "Try it")
    page.fill("#try-text", "Russia launches a missile attack on Kyiv. Envoys agree on a ceasefire.")
    page.get_by_role("button", name="Score it").click()
    sentences = page.locator(".sentence")
    expect(sentences).to_have_count(2)
    expect(sentences.first).to_contain_text("Escalation")
    assert sentences.first.locator("mark").count() > 0
    expect(page.locator("#try-out")).to_contain_text("The text as a whole")


def test_a_rule_is_tried_kept_muted_and_deleted(page: Page) -> None:
    go(page, "Alerts")
    page.fill("[name=threshold]", "10")
    page.select_option("[name=kind]", "level")
    page.get_by_role("button", name="Try it against history").click()
    expect(page.locator("#alerts-out")).to_contain_text("it would have told")
    page.fill("[name=name]", "Far from fifty")
    page.get_by_role("button", name="Keep it").click()
    rule = page.locator("#alerts-out li", has_text="Far from fifty")
    expect(rule).to_contain_text("threshold 10.00")
    rule.get_by_role("button", name="Mute until").click()
    expect(rule).to_contain_text("muted until")
    page.once("dialog", lambda dialog: dialog.accept())
    rule.get_by_role("button", name="Delete").click()
    expect(page.locator("#alerts-out")).to_contain_text("None yet.")


def test_models_show_card_figures_and_drift(page: Page, looked: Looked) -> None:
    go(page, "Models")
    expect(page.locator("#models-out")).to_contain_text(looked.service.index()["versions"]["model"])
    expect(page.locator("#models-out")).to_contain_text("Macro-F1")
    expect(page.locator("#models-out")).to_contain_text("Is it still the same kind of news?")


def test_the_method_is_the_running_codes(page: Page, looked: Looked) -> None:
    go(page, "Method")
    told = api(looked, "/v1/methodology")
    expect(page.locator(".formula")).to_have_count(len(told["formulas"]))  # type: ignore[arg-type]
    expect(page.locator("#method-out")).to_contain_text("50 + 50 × net escalation")


def test_no_error_stands_in_the_console(page: Page) -> None:
    assert SEEN.console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, looked: Looked, scheme: str) -> None:
    reader = context(browser, scheme)
    page = reader.new_page()
    page.goto(looked.url)
    drawn(page)
    page.locator("#span-stories button").first.wait_for()
    for view in VIEWS:
        page.evaluate("name => { location.hash = name }", view)
        page.locator(f"#view-{view}").wait_for()
        page.wait_for_timeout(250)
        # Scripts of axe are put in by the debugger, which no policy of ours holds back.
        found = Axe().run(page).response["violations"]
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        assert grave == [], f"{view}: {[(one['id'], one['nodes'][0]['html']) for one in grave]}"
    reader.close()
