"""Polls a second of the real service, beside a bare Starlette app that returns the same bytes.

``make bench``. Both are driven in turn over 32 connections, so that whatever else the machine does
meets both alike; then again with a hundred times the events stored. What counts is the ratio: the
figures alone say more about the machine.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from risk_service.core.events import Event
from risk_service.desk import open_desk
from risk_service.pipeline import work_off
from risk_service.store.engine import make_engine, reading, writing
from risk_service.store.events import count_events, save_events
from risk_service.store.keys import make_key
from tests.service import ROOT, Service, comes_true, free_port, service

CONNECTIONS, SECONDS, ROUNDS, POSTS = 32, 5, 3, 5
TIMES = 100
RELEVANT_EVERY = 50
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_WRONG = re.compile(r"(Non-2xx.*|Socket errors.*)")


@dataclass(frozen=True)
class Measured:
    """Requests a second of each round, and the events stored while they were counted.

    ``told`` is how long it took from the answer to a post until a poll told of it, in seconds.
    """

    events: int
    told: float
    ours: list[float]
    bare: list[float]

    @property
    def ratio(self) -> float:
        """Median over the rounds of ours to bare."""
        return statistics.median(o / b for o, b in zip(self.ours, self.bare, strict=True))


def main() -> None:
    """Measure, store a hundred times the events, measure again, and print one table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'risk.sqlite3'}"
        few = measure(folder, url)
        took = fill(url, few.events * TIMES)
        many = measure(folder, url)
    table = Table("events stored", "service, polls/s", "bare Starlette", "ratio", "post to poll, s")
    for one in (few, many):
        rates = [" ".join(f"{rate:,.0f}" for rate in rates) for rates in (one.ours, one.bare)]
        table.add_row(f"{one.events:,}", *rates, f"{one.ratio:.2f}", f"{one.told:.2f}")
    console = Console(width=100)
    console.print(table)
    console.print(
        f"{'wrk' if shutil.which('wrk') else 'a Python client'}, {CONNECTIONS} connections,"
        f" {SECONDS} s a round; {many.events - few.events:,} events stored and assessed"
        f" in {took:.0f} s"
    )


def measure(folder: Path, url: str) -> Measured:
    """Drive both in turn, on the database as it stands."""
    ours, bare = [], []
    with service(folder, url, chronology="true", log_level="warning") as running:
        body = running.get("/v1/index").content
        with yardstick(folder, body) as address:
            for _ in range(ROUNDS):
                ours.append(drive(running.url + "/v1/index"))
                bare.append(drive(address))
        engine = make_engine(url)
        with reading(engine) as conn:
            events = count_events(conn)
        with writing(engine) as conn:
            key = make_key(conn, "bench", "write", datetime.now(UTC))
        told = statistics.median(_seconds_until_told(running, key) for _ in range(POSTS))
        running.stop()
    return Measured(events, told, ours, bare)


def _seconds_until_told(running: Service, key: str) -> float:
    before = running.index()["versions"]["index"]
    now = datetime.now(UTC)
    text = f"Russian forces strike Kyiv at {now:%H:%M:%S.%f}"
    report = {"published_at": now.isoformat(), "text": text, "source": "Bench"}
    running.post(report, key).raise_for_status()
    start = time.monotonic()
    if not comes_true(lambda: running.index()["versions"]["index"] != before, 30):
        raise RuntimeError("the service did not tell of a posted event within 30 s")
    return time.monotonic() - start


@contextmanager
def yardstick(folder: Path, body: bytes) -> Iterator[str]:
    """The bare application on a free port, answering with ``body``."""
    file, port = folder / "body.json", free_port()
    file.write_bytes(body)
    arguments = [sys.executable, "-m", "tests.bench.bare", str(port), str(file)]
    process = subprocess.Popen(arguments, cwd=ROOT)
    address = f"http://127.0.0.1:{port}/v1/index"
    try:
        if not comes_true(lambda: _answers(address), 30):
            raise RuntimeError("the bare application does not answer")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def drive(address: str) -> float:
    """Requests a second, by wrk where it is installed."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return asyncio.run(_drive(address))
    told = subprocess.run(
        [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", address],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if wrong := _WRONG.search(told):
        raise RuntimeError(f"{address}: {wrong[1]}")
    rate = _RATE.search(told)
    if rate is None:
        raise RuntimeError(f"wrk said no rate: {told}")
    return float(rate[1])


async def _drive(address: str) -> float:
    parts = httpx.URL(address)
    asked = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc.decode()}\r\n\r\n".encode()
    until = time.monotonic() + SECONDS
    clients = (_keep_asking(parts.host, parts.port or 80, asked, until) for _ in range(CONNECTIONS))
    return sum(await asyncio.gather(*clients)) / SECONDS


async def _keep_asking(host: str, port: int, asked: bytes, until: float) -> int:
    """How many answers one connection got before the time was over."""
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.monotonic() < until:
        writer.write(asked)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200 "):
            raise RuntimeError(head.decode())
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


def fill(url: str, count: int) -> float:
    """Store and assess so many events, one in fifty of them relevant; gives the seconds it took."""
    engine, now = make_engine(url), datetime.now(UTC)
    start = time.monotonic()
    for first in range(0, count, 10_000):
        batch = [_report(n, now) for n in range(first, min(first + 10_000, count))]
        with writing(engine) as conn:
            save_events(conn, batch, "bench", now)
    work_off(engine, open_desk(None, None, ""), lambda: now)
    engine.dispose()
    return time.monotonic() - start


def _report(number: int, now: datetime) -> Event:
    """A made-up report of the last hundred days."""
    about = "Kyiv says Russian forces strike depot" if number % RELEVANT_EVERY == 0 else "Rain over"
    at = now - timedelta(seconds=number * 43 % (100 * 86_400))
    return Event(at, f"{about} {number:x}", f"Wire {number % 40}", language="en")


if __name__ == "__main__":
    main()
