"""The stream of the service as it runs: a process with its worker, followed over a socket."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.registry import versions
from risk_service.store.engine import make_engine, writing
from risk_service.store.keys import make_key
from tests.service import service
from tests.streams import reading_stream

FAST = next(version for version in versions() if version.startswith("fast-"))
STRIKE = "Russia launches massive missile attack on Kyiv, killing dozens in wave {}"


def test_what_is_posted_is_told_and_a_signal_ends_open_streams_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'risk.sqlite3'}"
    with service(tmp_path, url, model=FAST) as running:
        with writing(make_engine(url)) as conn:
            key = make_key(conn, "test", "write", datetime.now(UTC))
        with reading_stream(running.url) as reader:
            empty = reader.waits_for(1, "index")[0]
            assert empty.data["state"] == "empty"
            waits = []
            for n in range(3):
                at = datetime.now(UTC) - timedelta(minutes=1)
                posted = {"published_at": at.isoformat(), "text": STRIKE.format(n), "source": "W"}
                before = len(reader.of("index"))
                assert running.post(posted, key).json()["created"] == 1
                start = time.monotonic()
                reader.waits_for(before + 1, "index")
                waits.append(time.monotonic() - start)
            # A busy machine may be late once; a service that looks every few seconds is always.
            assert min(waits) < 1.5
            assert reader.of("index")[-1].data["risk_index"] > 50
            assert reader.of("story")[0].data["text"] == STRIKE.format(0)
            assert "risk_streams_open 1.0" in running.get("/metrics").text
            assert running.stop() == 0
            assert reader.ended.wait(1)
        log = running.log.read_text()
        # What uvicorn says after five seconds of waiting for answers that do not end.
        assert "timeout graceful shutdown exceeded" not in log
        assert "Traceback" not in log
