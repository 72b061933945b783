"""Debian's Chromium for the tests of the page, and a running service with a past to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from models.registry import load, versions
from risk_service.core.events import Event
from risk_service.desk import Desk, read_gazetteers
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.feeds.sector_file import load_sectors
from risk_service.pipeline import work_off
from risk_service.store.engine import make_engine, migrate, writing
from risk_service.store.events import save_events
from risk_service.store.freshness import record_watch
from risk_service.store.keys import make_key
from risk_service.store.prices import save_closes
from tests.service import Service, service

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DAYS = 200
FAST = next(version for version in versions() if version.startswith("fast-"))
_ACTS = (
    ("Moscow and Washington agree to reopen the consulate in {}", "wire"),
    ("Russia launches a massive missile attack on {}, killing dozens", "Second Wire"),
    ("Russia expels American diplomats over spying in {}", "wire"),
    ("American and Russian envoys discuss grain exports in {}", "Third Wire"),
)
_PLACES = (
    "Geneva", "Omsk", "Helsinki", "Norfolk", "Odesa", "Kyiv", "Seattle", "Perm", "Riga", "Boston",
)  # fmt: skip


def launch(play: Playwright) -> Browser:
    """Chromium without a window."""
    return play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Chromium, closed at the end."""
    with sync_playwright() as play:
        browser = launch(play)
        yield browser
        browser.close()


def reports(now: datetime) -> list[Event]:
    """A report a day that we made up, the oldest first, the last of a minute ago."""
    told = []
    for n in range(DAYS):
        text, source = _ACTS[n % 4 if n % 3 else n % 2]
        place = f"{_PLACES[n % 10]} {_PLACES[n // 10 % 10]} {n}"
        at = now - timedelta(days=DAYS - 1 - n, minutes=1)
        told.append(Event(at, text.format(place), source))
    return told


@dataclass
class Seen:
    """What a page complained of: errors in its console, faults of scripts, broken policies."""

    console: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on(
            "console",
            lambda told: self.console.append(told.text) if told.type == "error" else None,
        )


@dataclass(frozen=True)
class Looked:
    """A service with a past, a key that may write to it, and where its page is."""

    service: Service
    key: str

    @property
    def url(self) -> str:
        return self.service.url


def seed(url: str) -> str:
    """A database with ``DAYS`` days of reports, settled, and simulated closes; gives a key."""
    now = datetime.now(UTC)
    engine = make_engine(url)
    migrate(engine)
    told = reports(now)
    sectors = load_sectors(None)
    names = list(sectors.instruments)
    first, last = now.date() - timedelta(days=2 * DAYS + 300), now.date()
    closes = SamplePrices(sectors.instruments).closes(names, first, last, now).closes
    with writing(engine) as conn:
        save_events(conn, told, "test", now)
        record_watch(conn, "test", told[0].published_at, now, timedelta(0))
        save_closes(conn, closes)
        key = make_key(conn, "tester", "write", now)
    work_off(engine, Desk(load(FAST), read_gazetteers(None)), lambda: datetime.now(UTC))
    engine.dispose()
    return key


@contextmanager
def with_a_past(folder: Path, **settings: str) -> Iterator[Looked]:
    """A service of the fast model with ``DAYS`` settled days and simulated prices."""
    url = f"sqlite:///{folder / 'page.sqlite3'}"
    key = seed(url)
    told = {"model": FAST, "prices": "sample", "worker": "false", "rate_per_minute": "100000"}
    with service(folder, url, wait=180, **(told | settings)) as running:
        yield Looked(running, key)


def context(browser: Browser, scheme: str = "light", width: int = 1240) -> BrowserContext:
    """A reader's browser: a scheme of colours and a width in pixels."""
    return browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
