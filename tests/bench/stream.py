"""How long what is told takes to reach its readers, and what many readers cost.

``python -m tests.bench.stream [readers] [entries]``: one replica on SQLite, readers over sockets.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from risk_service.store.engine import make_engine, migrate
from tests.api.house import news
from tests.streams import Streaming, story, streaming

BETWEEN = 0.2
"""Seconds between two entries."""


async def read(url: str, count: int, ready: asyncio.Event) -> list[float]:
    """Moments at which each of ``count`` stories came."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(b"GET /v1/stream?kinds=story HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await writer.drain()
    while b"retry:" not in await reader.readline():
        continue
    ready.set()
    came: list[float] = []
    while len(came) < count:
        if b'"number"' in await reader.readline():
            came.append(time.perf_counter())
    writer.close()
    return came


async def follow(url: str, house: Streaming, readers: int, count: int) -> np.ndarray:
    """Seconds from each commit to each reader, one row a reader."""
    ready = [asyncio.Event() for _ in range(readers)]
    tasks = [asyncio.create_task(read(url, count, one)) for one in ready]
    for one in ready:
        await one.wait()
    told: list[float] = []

    def tell() -> None:
        for n in range(count):
            house.tell(story(n, text="x" * 300))
            told.append(time.perf_counter())
            time.sleep(BETWEEN)

    threading.Thread(target=tell).start()
    came = await asyncio.gather(*tasks)
    return np.array(came) - np.array(told)


def main() -> None:
    """Measure, and print what was found."""
    readers = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'one.sqlite3'}")
        migrate(engine)
        house = Streaming(engine, most=readers)
        house.keep(news(5))
        before = resource.getrusage(resource.RUSAGE_SELF)
        with streaming(house) as url:
            waits = asyncio.run(follow(url, house, readers, count))
        after = resource.getrusage(resource.RUSAGE_SELF)
        engine.dispose()
    low, middle, high = np.quantile(waits, [0.05, 0.5, 0.99])
    spent = after.ru_utime - before.ru_utime
    grown = (after.ru_maxrss - before.ru_maxrss) / 1024
    print(f"{readers} readers, {count} entries, from commit to reader in milliseconds:")
    print(f"{1000 * low:.0f} (5 %), {1000 * middle:.0f} (median), {1000 * high:.0f} (99 %)")
    print(f"{spent:.1f} s of CPU, {grown:.0f} MB more")


if __name__ == "__main__":
    main()
