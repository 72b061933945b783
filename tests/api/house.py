"""A whole service for the tests: real database, snapshots and app, and a clock that stands."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import httpx
import numpy as np
import uvicorn
from sqlalchemy import Engine

from models.card import Card
from models.classifier import Contribution, Scores
from risk_service.api.app import create_app
from risk_service.api.callers import host_names
from risk_service.api.deps import Parts
from risk_service.api.doors import Rules
from risk_service.broadcast import Broadcast
from risk_service.core.closes import Close
from risk_service.core.events import Event
from risk_service.core.method import METHOD
from risk_service.core.sectors import Sectors, read_sectors
from risk_service.desk import Desk, read_gazetteers
from risk_service.desks import as_desks
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.pipeline import work_off
from risk_service.snapshot import Snapshots
from risk_service.store.engine import writing
from risk_service.store.events import Saved, save_events
from risk_service.store.freshness import record_watch
from risk_service.store.keys import make_key
from risk_service.store.prices import save_closes

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
WATCHED_FROM = datetime(2025, 1, 1, tzinfo=UTC)
METHOD_OF_TESTS = replace(
    METHOD,
    version="test",
    starts=date(2025, 1, 1),
    base_from=date(2025, 1, 1),
    base_to=date(2025, 1, 31),
)


class Clock:
    """Says the same moment until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


WORDS = {"agree": -1.5, "expel": 1.5, "strike": 2.0}


class WordReader:
    """A classifier of three words that anybody can check by eye."""

    version = "words-1"
    card = Card(
        name="words", version="words-1", created="2025-01-01", intended_use="tests",
        limits=("knows three words",), label_guide="none", data_sha256="0", counts={}, metrics={},
        parameters={}, libraries={}, python="3", seed=0, sha256="0",
    )  # fmt: skip

    def score(self, texts: Sequence[str]) -> Scores:
        lean = np.array([self._lean(text) for text in texts])
        thaw, escalation = np.exp(-lean), np.exp(lean)
        total = thaw + escalation + 2
        shares = [thaw / total, escalation / total, 2 / total]
        probabilities = np.stack(shares, axis=1) if texts else np.zeros((0, 3))
        return Scores(probabilities, 1 + np.minimum(np.abs(lean), 2))

    def explain(self, texts: Sequence[str], top: int = 6) -> list[list[Contribution]]:
        return [
            [Contribution(w, x) for w, x in WORDS.items() if w in text.lower()][:top]
            for text in texts
        ]

    def _lean(self, text: str) -> float:
        return sum(x for word, x in WORDS.items() if word in text.lower())


class Client:
    """Asks an ASGI application without a socket."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.ask("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.ask("POST", path, **kwargs)

    def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        return asyncio.run(self._ask(method, path, **kwargs))

    async def _ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        transport = httpx.ASGITransport(
            self._app, raise_app_exceptions=False, client=("192.0.2.1", 50_000)
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **kwargs)


def sectors_of_tests() -> Sectors:
    return read_sectors(files("risk_service").joinpath("sectors.toml").read_text("utf-8"))


def desk_of_tests() -> Desk:
    return Desk(WordReader(), read_gazetteers(None), METHOD_OF_TESTS)  # type: ignore[arg-type]


@dataclass
class House:
    """The parts of one service; ``client`` asks it without a socket."""

    engine: Engine
    clock: Clock = field(default_factory=Clock)
    desk: Desk = field(default_factory=desk_of_tests)
    open_reads: bool = True
    rate_per_minute: int = 100_000
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    asked: Engine | None = None
    broadcast: Broadcast | None = None
    private_channels: bool = False

    def __post_init__(self) -> None:
        self.snapshots = Snapshots(self.engine, self.desk, self.clock)
        parts = Parts(
            self.asked or self.engine,
            as_desks(self.desk),
            self.snapshots,
            self.clock,
            sectors_of_tests(),
            simulated_prices=True,
            broadcast=self.broadcast,
            private_channels=self.private_channels,
        )
        hosts = host_names(self.allowed_hosts)
        rules = Rules(self.open_reads, hosts, self.rate_per_minute)
        self.app = create_app(parts, rules, keys=self.engine, cors_origins=self.cors_origins)
        self.client = Client(self.app)

    def key(self, scope: str) -> dict[str, str]:
        """The header of a new key."""
        with writing(self.engine) as conn:
            return {"X-API-Key": make_key(conn, scope, scope, self.clock())}

    def keep(self, events: Sequence[Event]) -> list[Saved]:
        """Keep events and work them off, as the worker does; watched from the first day on."""
        last = max(event.published_at for event in events)
        with writing(self.engine) as conn:
            saved = save_events(conn, events, "test", self.clock())
            record_watch(conn, "test", WATCHED_FROM, last, timedelta(0))
        self.work()
        return saved

    def work(self) -> None:
        work_off(self.engine, self.desk, self.clock)
        self.snapshots.refresh()

    def keep_prices(self, start: date, end: date) -> list[Close]:
        """Simulated closes of every member and control."""
        instruments = sectors_of_tests().instruments
        reading = SamplePrices(instruments).closes(list(instruments), start, end, self.clock())
        with writing(self.engine) as conn:
            save_closes(conn, reading.closes)
        return reading.closes

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query)

    def post(self, path: str, body: Any, **query: Any) -> httpx.Response:
        """A post with a key that may write."""
        return self.client.post(path, json=body, params=query, headers=self.key("write"))


_PLACES = (
    "Arctic shipping", "consular staff", "grain exports", "satellite data", "visa rules",
    "cable repairs", "prison terms", "border posts", "flight permits", "fishing quotas",
)  # fmt: skip


def news(days: int = 60, until: datetime = NOW) -> list[Event]:
    """Two reports a day that we made up, one of the dyad and one of the theatre, none twice."""
    events = []
    for n in range(days):
        at = until - timedelta(days=n, hours=3)
        place = f"{_PLACES[n % 10]} {n}"
        word = ("agree on", "expel envoys over", "strike at", "discuss")[n % 4]
        events.append(Event(at, f"Washington and Moscow {word} {place}", "Test Wire"))
        text = f"Kyiv says Russian forces strike near {place}"
        events.append(Event(at + timedelta(hours=1), text, "Other Wire", external_id=f"o{n}"))
    return events


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """A real server on a free port, in a thread."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)
