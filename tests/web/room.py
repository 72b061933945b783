"""A service of small models whose worker runs: alerts that are sent, and weeks that drifted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from models.registry import CARD_FILE, CHAMPION, load
from risk_service.core.drift import LEAST_SCORED, REFERENCE_WEEKS, week_of
from risk_service.core.events import Event
from risk_service.desk import Desk, read_gazetteers
from risk_service.pipeline import work_off
from risk_service.promotion import Bench, challenge, exam_of
from risk_service.registering import register_folder
from risk_service.store.engine import make_engine, migrate, writing
from risk_service.store.events import save_events
from risk_service.store.freshness import record_watch
from risk_service.store.keys import make_key
from tests.registry_room import fitted, put
from tests.service import free_port, service
from tests.web.chromium import Looked
from training.examine import examine, read_paper, reader_of
from training.gate import GATE, read_gate

FIRST, SECOND = "fast-one", "fast-turned"
_USUAL = ("agree to reopen consulates in", "expel diplomats over spying in", "discuss films in")
_NEW = ("fire missiles at the port of", "impose sanctions on banks of")
_PLACES = ("Geneva", "Omsk", "Helsinki", "Norfolk", "Odesa", "Seattle", "Perm", "Riga")


def weeks(now: datetime) -> list[Event]:
    """Eight weeks of news for the reference, one of another kind, and this week's as far as it is.

    Every week has texts enough to be compared.
    """
    monday = datetime.combine(week_of(now.date()), datetime.min.time(), UTC)
    told = []
    for week in range(REFERENCE_WEEKS + 1):
        start = monday - timedelta(weeks=REFERENCE_WEEKS + 1 - week)
        acts = _NEW if week == REFERENCE_WEEKS else _USUAL
        for n in range(LEAST_SCORED):
            text = f"American and Russian envoys {acts[n % len(acts)]} {_PLACES[n % 8]} {week} {n}"
            told.append(Event(start + timedelta(hours=5 * n), text, f"Wire {n % 5}"))
    last = Event(now - timedelta(minutes=1), "Moscow and Washington discuss films in Perm", "Wire")
    return [*told, last]


def furnish(root: Path) -> None:
    """Two artifacts with figures that were measured: a champion, and one that turns all round."""
    root.mkdir()
    paper = read_paper()
    for version, confused in ((FIRST, False), (SECOND, True)):
        put(root, version, fitted(confused=confused))
        path = root / version / CARD_FILE
        exam = examine(reader_of(version, root), paper)
        figures = {name: asdict(figure) for name, figure in exam.figures.items()}
        card = {**json.loads(path.read_text("utf-8")), "metrics": figures}
        card["measured_on"] = "the minimal pairs"
        path.write_text(json.dumps(card), "utf-8")
    (root / CHAMPION).write_text(f"{FIRST}\n", "utf-8")


def seed(engine: Engine, root: Path) -> str:
    """News scored and settled, both models examined, the second as challenger; an admin's key."""
    now = datetime.now(UTC)
    told = weeks(now)
    with writing(engine) as conn:
        save_events(conn, told, "test", now)
        record_watch(conn, "test", told[0].published_at, now, timedelta(0))
        key = make_key(conn, "desk", "admin", now)
    work_off(engine, Desk(load(FIRST, root), read_gazetteers(None)), lambda: datetime.now(UTC))
    register_folder(engine, root, now)
    bench = Bench(engine, root, read_gate(GATE))
    for version in (FIRST, SECOND):
        exam_of(bench, version, read_paper(), now)
    challenge(bench, SECOND, now)
    return key


@contextmanager
def with_a_worker(folder: Path) -> Iterator[Looked]:
    """The service, worker and all, that may send to loopback and knows its own address."""
    root, url, port = folder / "models", f"sqlite:///{folder / 'room.sqlite3'}", free_port()
    furnish(root)
    engine = make_engine(url)
    migrate(engine)
    key = seed(engine, root)
    engine.dispose()
    told = {"models_dir": str(root), "alert_private": "true", "rate_per_minute": "100000"}
    told |= {"port": str(port), "public_url": f"http://127.0.0.1:{port}"}
    with service(folder, url, wait=120, **told) as running:
        yield Looked(running, key)
