"""Two replicas that post, judge and send, killed at random moments and replaced.

``python -m tests.alert_killing DATABASE RECEIVER KILLS SEED MOST`` furnishes the database with
quiet days, a rule that tells each grave story, and two webhooks to RECEIVER (``/a``, ``/b``). Then
two processes live side by side, each a whole worker (lease, path, rules, outbox) with somebody who
posts grave stories beside it; one of them, drawn by lot, is killed with SIGKILL again and again,
after a random time, at most twice what a post, its judgement and its sending take here and at most
MOST seconds. When that is over a last one, which posts nothing, works until nothing waits.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

import risk_service.leading
from risk_service.alerting import Alerting, Markets
from risk_service.core.events import Event
from risk_service.desks import as_desks
from risk_service.notify.schedule import Schedule
from risk_service.sending import Carrier, Sender
from risk_service.store.alert_tables import deliveries
from risk_service.store.engine import make_engine, migrate, reading, writing
from risk_service.store.events import anything_waiting, save_events
from risk_service.store.freshness import record_watch
from risk_service.wiring import set_up_log
from risk_service.worker import Worker
from tests.alerting.house import GRAVE, NOW, Room
from tests.api.house import desk_of_tests, sectors_of_tests
from tests.notify.outbox_room import channel

REPLICAS = 2
POST_EVERY = 0.15
HOLD = timedelta(seconds=1)
"""Above what a delivery may take here, as in the service."""
SCHEDULE = Schedule((timedelta(0),) + (timedelta(seconds=0.1),) * 500)
DESKS = as_desks(desk_of_tests())
MARKETS = Markets(sectors_of_tests(), simulated=True)
"""Read once, and had by every process that is forked."""
_SYLLABLES = ("ar", "bel", "cor", "dan", "el", "fen", "gor", "hal", "ist", "jan", "kol", "lem")

risk_service.leading.LASTS = timedelta(seconds=0.5)
risk_service.leading.RENEW_EVERY = 0.1
risk_service.leading.TRY_EVERY = 0.05


def shifted(started: float) -> Callable[[], datetime]:
    """A clock that runs as fast as any, and stood at the day of the tests when it was started."""
    return lambda: NOW + timedelta(seconds=time.time() - started)


def furnish(url: str, receiver: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    room = Room(engine)
    to = [channel(engine, f"{receiver}/{name}") for name in "ab"]
    room.rule(GRAVE, 2.5, to)
    room.work()
    room.judge()
    engine.dispose()


def worker_of(engine: Engine, clock: Callable[[], datetime]) -> Worker:
    judge = Alerting(engine, DESKS, MARKETS)
    sender = Sender(engine, clock, Carrier(private=True, seconds=0.5), SCHEDULE, HOLD)
    return Worker(engine, DESKS, (), clock, [sender], judge)


def post(engine: Engine, clock: Callable[[], datetime], lot: random.Random) -> None:
    """One grave story that is like no other."""
    words = " ".join("".join(lot.choices(_SYLLABLES, k=3)) for _ in range(9))
    now = clock()
    story = Event(now, f"Washington and Moscow strike at {words}", "Wire")
    with writing(engine) as conn:
        save_events(conn, [story], "test", now)
        record_watch(conn, "test", now, now, timedelta(days=1))


def live(url: str, started: float, seed: int) -> None:
    """A replica that posts, judges and sends until it is killed."""
    engine, clock, lot = make_engine(url), shifted(started), random.Random(seed)
    worker = worker_of(engine, clock)
    threading.Thread(target=worker.run, args=(threading.Event(),), daemon=True).start()
    while True:
        post(engine, clock, lot)
        time.sleep(POST_EVERY)


def finish(url: str, started: float) -> None:
    """Work until nothing waits."""
    engine, clock, stopping = make_engine(url), shifted(started), threading.Event()
    worker = worker_of(engine, clock)
    thread = threading.Thread(target=worker.run, args=(stopping,))
    thread.start()
    quiet = 0
    while quiet < 4:
        time.sleep(0.2)
        quiet = 0 if anything_waits(engine) else quiet + 1
    stopping.set()
    thread.join()


def one_round(url: str, started: float) -> None:
    """Post, judge and send until a first delivery has arrived."""
    engine, clock, stopping = make_engine(url), shifted(started), threading.Event()
    thread = threading.Thread(target=worker_of(engine, clock).run, args=(stopping,))
    thread.start()
    post(engine, clock, random.Random(0))
    query = select(deliveries.c.id).where(deliveries.c.state == "sent")
    arrived = False
    while not arrived:
        time.sleep(0.02)
        with reading(engine) as conn:
            arrived = conn.execute(query).first() is not None
    stopping.set()
    thread.join()


def anything_waits(engine: Engine) -> bool:
    with reading(engine) as conn:
        query = select(deliveries.c.id).where(deliveries.c.state == "waiting").limit(1)
        return anything_waiting(conn) or conn.execute(query).first() is not None


def child(do: Callable[[], None]) -> int:
    """Do something in a process of its own; its id."""
    pid = os.fork()
    if pid == 0:
        try:
            do()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    return pid


def ended_well(pid: int) -> None:
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise SystemExit(f"a process ended with {status}")


def main(url: str, receiver: str, kills: int, seed: int, most_seconds: float) -> None:
    set_up_log("error")
    started, lot = time.time(), random.Random(seed)
    ended_well(child(lambda: furnish(url, receiver)))
    begun = time.monotonic()
    ended_well(child(lambda: one_round(url, started)))
    # What one round takes on this machine: kills fall on every part of it.
    pace = time.monotonic() - begun

    def replica() -> int:
        own = lot.randrange(1 << 30)
        return child(lambda: live(url, started, own))

    living = [replica() for _ in range(REPLICAS)]
    for _ in range(kills):
        time.sleep(lot.uniform(0, min(2 * pace, most_seconds)))
        place = lot.randrange(REPLICAS)
        os.kill(living[place], signal.SIGKILL)
        _, status = os.waitpid(living[place], 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit(f"a replica ended by itself with {status}")
        living[place] = replica()
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    ended_well(child(lambda: finish(url, started)))
    sys.stdout.write(json.dumps({"kills": kills + REPLICAS, "seconds": time.time() - started}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
