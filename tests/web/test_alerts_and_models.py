"""Alerts, channels and models in Chromium: the real worker, a real receiver, real artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from standardwebhooks import Webhook

from tests.service import comes_true
from tests.web.chromium import CHROMIUM, Looked, Seen, context
from tests.web.desk import api, grave, post_grave_story, rules, section, told, told_row
from tests.web.room import FIRST, SECOND, with_a_worker
from tests.web.test_readers import press_until
from tests.wire import Reply, Wire

# One task after another, each in the room as the one before has left it.
expect.set_options(timeout=15_000)
SEEN = Seen()
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
RULE = "Any grave story"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    if not CHROMIUM.exists():
        pytest.skip(f"the page is tested with {CHROMIUM}, which is not there")
    with with_a_worker(tmp_path_factory.mktemp("room")) as room:
        yield room


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """The receiver: it takes a test and an alert, then says once that it is gone."""
    with Wire() as wire:
        wire.route("/hook", Reply(status=204), Reply(status=204), Reply(status=410), Reply())
        yield wire


@pytest.fixture(scope="module")
def page(browser: Browser, room: Looked) -> Iterator[Page]:
    reader = context(browser)
    page = reader.new_page()
    page.set_default_timeout(15_000)
    SEEN.watch(page)
    page.goto(f"{room.url}/#alerts")
    yield page
    reader.close()


def test_a_channel_is_made_and_its_secret_shown_once(page: Page, room: Looked, wire: Wire) -> None:
    page.locator("#channels > summary").click()
    page.fill("#key-input", room.key)
    page.get_by_role("button", name="Use it").click()
    page.get_by_label("Name of the channel").fill("desk")
    page.get_by_label("Address").fill(f"{wire.url}/hook")
    page.get_by_role("button", name="Make it").click()
    line = page.locator("#channels-line")
    expect(line).to_contain_text(SECRET)
    secret = SECRET.search(line.inner_text())
    assert secret is not None
    (channel,) = api(room, "/v1/alerts/channels")["channels"]
    assert (channel["name"], channel["config"]["url"]) == ("desk", f"{wire.url}/hook")
    page.get_by_role("button", name="Send a test: desk").click()
    expect(line).to_have_text("The test has arrived.")
    (asked,) = wire.asked_for("/hook")
    assert Webhook(secret[0]).verify(asked.body, asked.headers)["type"] == "alert.test"
    row = page.locator("#channels tbody tr")
    expect(row).to_contain_text("desk")
    assert row.locator("td").all_inner_texts()[:3] == ["desk", "test", "sent"]


def test_a_rule_is_kept_with_its_channels_which_are_changed_later(page: Page, room: Looked) -> None:
    form = page.locator("#rule-form")
    form.get_by_label("What it watches").select_option("grave_story")
    form.get_by_label("Direction").select_option("escalation")
    page.get_by_role("button", name="Try it against history").click()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("cannot be tried")
    page.get_by_role("textbox", name="Name", exact=True).fill(RULE)
    page.select_option("[name=severity]", "critical")
    page.get_by_text("Send it to channels").click()
    page.get_by_role("checkbox", name="desk (webhook)").check()
    page.get_by_role("button", name="Keep it").click()
    row = section(page, "Rules kept").locator("li", has_text=RULE)
    expect(row).to_contain_text("threshold 2.50")
    channel = api(room, "/v1/alerts/channels")["channels"][0]["id"]
    (rule,) = rules(room)
    assert (rule["severity"], rule["channels"]) == ("critical", [channel])
    row.get_by_text("Sent to 1 channel").click()
    box = row.get_by_role("checkbox", name="desk (webhook)")
    box.uncheck()
    line = page.locator("#rules-line")
    expect(line).to_have_text(f"“{RULE}” is sent to 0 channels from now on.")
    assert rules(room)[0]["channels"] == []
    box.check()
    expect(line).to_have_text(f"“{RULE}” is sent to 1 channel from now on.")
    assert rules(room)[0]["channels"] == [channel]


def test_the_link_in_an_alert_opens_it_where_it_is_acknowledged_and_commented_on(
    page: Page, room: Looked, wire: Wire
) -> None:
    post_grave_story(room, "Perm")
    assert comes_true(lambda: bool(told(wire, "firing")), 60)
    data = told(wire, "firing")[0]["data"]
    assert data["links"]["page"] == f"{room.url}/#alerts/{data['alert']['id']}"
    page.goto(data["links"]["page"])
    dialog = page.locator("#alert")
    expect(dialog.locator(".story-text")).to_have_text(data["headline"])
    expect(dialog).to_contain_text("fire missiles at the port of Perm")
    dialog.get_by_role("button", name="I have seen it").click()
    expect(dialog).to_contain_text("seen by desk")
    dialog.get_by_label("Comment").fill("The harbour says it is a drill.")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_contain_text("desk, ")
    expect(dialog.get_by_role("listitem").last).to_contain_text("The harbour says it is a drill.")
    expect(dialog.get_by_role("status")).to_have_text("Your comment is kept.")
    alert = api(room, f"/v1/alerts/{data['alert']['id']}")
    assert alert["acknowledged_by"] == "desk"
    assert [one["text"] for one in alert["comments"]] == ["The harbour says it is a drill."]
    assert grave(page) == []
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{room.url}/#alerts")
    expect(told_row(page)).to_contain_text("seen by desk")


def test_what_is_dead_is_listed_and_sent_again(page: Page, room: Looked, wire: Wire) -> None:
    # The receiver answered 410 Gone to the acknowledgement.
    dead = "/v1/alerts/deliveries?state=dead"
    assert comes_true(lambda: api(room, dead)["count"] == 1)
    channels = page.locator("#channels")
    channels.get_by_role("button", name="Look again").click()
    expect(channels).to_contain_text("off: the receiver answered 410 Gone")
    channels.get_by_role("button", name="Switch on: desk").click()
    expect(channels.get_by_role("button", name="Switch off: desk")).to_be_focused()
    channels.get_by_label("State").select_option("dead")
    rows = channels.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("acknowledged")
    came = len(told(wire, "acknowledged"))
    rows.get_by_role("button", name="Send acknowledged again").click()
    expect(page.locator("#channels-line")).to_have_text("It is sent again.")
    expect(channels).to_contain_text("None.")
    assert comes_true(lambda: len(told(wire, "acknowledged")) == came + 1)
    assert comes_true(lambda: api(room, dead)["count"] == 0)


def test_a_rule_is_muted_until_a_moment_and_unmuted(page: Page, room: Looked) -> None:
    until = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=3)
    row = section(page, "Rules kept").locator("li", has_text=RULE)
    row.get_by_label("Mute Any grave story until, UTC").fill(f"{until:%Y-%m-%dT%H:%M}")
    row.get_by_role("button", name="Mute until").click()
    expect(row).to_contain_text(f"muted until {until.day} {until:%b %Y, %H:%M} UTC")
    expect(row.get_by_role("button", name="Unmute")).to_be_focused()
    assert datetime.fromisoformat(rules(room)[0]["muted_until"]) == until
    row.get_by_role("button", name="Unmute").click()
    expect(row.get_by_role("button", name="Mute until")).to_be_focused()
    assert rules(room)[0]["muted_until"] is None


def test_the_link_to_a_rule_leads_to_its_row(page: Page, room: Looked, wire: Wire) -> None:
    link = told(wire, "firing")[0]["data"]["links"]["rule_page"]
    assert link == f"{room.url}/#alerts/{rules(room)[0]['id']}"
    page.goto(link)
    expect(section(page, "Rules kept").locator("li", has_text=RULE)).to_be_focused()
    page.goto(f"{room.url}/#alerts/rule_{'0' * 24}")
    expect(page.locator("#rules-line")).to_have_text("This rule is judged no more.")


def test_cards_tell_the_measured_figures(page: Page, room: Looked) -> None:
    page.locator("nav a", has_text="Models").click()
    out = page.locator("#models-out")
    for version, alias in ((FIRST, "champion"), (SECOND, "challenger")):
        metrics = api(room, f"/v1/models/{version}")["card"]["metrics"]
        row = out.get_by_role("row").filter(has=page.get_by_role("rowheader", name=version))
        expect(row).to_contain_text(alias)
        expect(row).to_contain_text(f"{metrics['macro_f1']['value']:.3f}")
        page.get_by_role("button", name=f"Card of {version}").click()
        brier = page.locator("#story").get_by_role("row", name="Brier")
        figures = (f"{metrics['brier'][name]:.3f}" for name in ("value", "low", "high"))
        expect(brier).to_contain_text("{}{} to {}".format(*figures))
        page.keyboard.press("Escape")


def test_champion_and_challenger_are_compared_on_the_same_rows_and_on_live_events(
    page: Page, room: Looked
) -> None:
    compare = f"/v1/models/compare?a={FIRST}&b={SECOND}"
    assert comes_true(lambda: bool(api(room, compare)["shadow"]), 30)
    page.get_by_role("button", name="Compare").click()
    out, found = page.get_by_role("region", name="Comparison"), api(room, compare)
    exam, shadow = found["exam"], found["shadow"]
    expect(out).to_contain_text(f"On the same {exam['rows']} rows.")
    difference = exam["macro_f1_difference"]
    assert difference["value"] != 0
    for value in difference.values():
        expect(out).to_contain_text(f"{value:.3f}".replace("-", "−"))
    for name, label in (("macro_f1", "Macro-F1"), ("ece", "Calibration error")):
        row = out.get_by_role("row", name=label)
        both = [f"{exam['figures'][name][side]['value']:.3f}" for side in "ab"]
        assert row.locator("td").all_inner_texts() == both
    out.get_by_text("Where they differ").click()
    expect(out.get_by_role("listitem")).to_have_count(len(exam["differing"]))
    assert shadow["opposite"] > 0
    expect(out).to_contain_text(f"On {shadow['events']} live events")
    expect(out).to_contain_text(f"another direction of {shadow['changed']}")
    last = shadow["days"][-1]
    expect(out).to_contain_text(f"{last['a']:.1f} with the first, {last['b']:.1f} with the second")


def test_drift_shows_psi_and_ks_of_each_week(page: Page, room: Looked) -> None:
    assert comes_true(lambda: api(room, "/v1/models/drift")["count"] > 0)
    page.goto(f"{room.url}/#index")
    page.reload()
    page.goto(f"{room.url}/#models")
    rows = api(room, "/v1/models/drift")["rows"]
    table = page.get_by_role("region", name="Drift by week")
    expect(table.locator("tbody tr")).to_have_count(len(rows))
    heads = table.locator("thead th").all_inner_texts()
    assert rows[-2]["psi"] > rows[-2]["psi_expected"] and rows[-2]["ks"] > rows[-2]["ks_critical"]
    for shown, row in zip(table.locator("tbody tr").all(), reversed(rows), strict=True):
        cells = dict(zip(heads, shown.locator("th, td").all_inner_texts(), strict=True))
        for head, name in (
            ("PSI", "psi"), ("by chance", "psi_expected"), ("KS", "ks"), ("1 in 20", "ks_critical"),
        ):  # fmt: skip
            assert cells[head] == ("–" if row[name] is None else f"{row[name]:.3f}"), row["week"]
        assert cells["Scored"] == str(row["scored"])


def test_no_error_stands_in_the_console() -> None:
    assert SEEN.console == []


def test_by_keyboard_alone(browser: Browser, room: Looked) -> None:
    reader, seen = context(browser), Seen()
    page = reader.new_page()
    seen.watch(page)
    page.add_init_script(f"sessionStorage.setItem('risk-key', '{room.key}')")
    page.goto(f"{room.url}/#alerts")
    expect(told_row(page)).to_contain_text("grave story")
    press_until(page, "#told button.plain")
    page.keyboard.press("Enter")
    expect(page.locator("#alert")).to_contain_text("fire missiles")
    press_until(page, "#alert-form input")
    page.keyboard.type("Read without a mouse.")
    page.keyboard.press("Enter")
    expect(page.locator("#alert-known")).to_contain_text("Read without a mouse.")
    page.keyboard.press("Escape")
    press_until(page, "#view-alerts [id^=mute-]")
    page.keyboard.press("Space")
    expect(page.locator("[id^=mute-]")).to_have_text("Unmute")
    expect(page.locator("[id^=mute-]")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("[id^=mute-]")).to_have_text("Mute until")
    press_until(page, "#channels > summary")
    page.keyboard.press("Enter")
    press_until(page, "#channels li button")
    expect(page.locator("#channels li button").first).to_be_focused()
    assert seen.console == []
    reader.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1240), ("dark", 360)])
def test_axe_finds_no_serious_fault_and_nothing_is_wider_than_a_phone(
    browser: Browser, room: Looked, scheme: str, width: int
) -> None:
    reader = context(browser, scheme, width)
    page = reader.new_page()
    page.add_init_script(f"sessionStorage.setItem('risk-key', '{room.key}')")
    page.goto(f"{room.url}/#alerts")
    page.locator("#channels > summary").click()
    expect(page.locator("#channels tbody tr").first).to_be_visible()
    section(page, "Rules kept").get_by_text("Sent to 1 channel").click()
    expect(page.get_by_role("checkbox", name="desk (webhook)")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert grave(page) == []
    told_row(page).locator("button.plain").click()
    expect(page.locator("#alert tbody tr").first).to_be_visible()
    body = page.locator("#alert .dialog-body")
    assert body.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{room.url}/#alerts")
    page.evaluate("location.hash = 'models'")
    expect(page.get_by_role("region", name="Drift by week")).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("region", name="Comparison")).to_contain_text("On the same")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert grave(page) == []
    reader.close()
