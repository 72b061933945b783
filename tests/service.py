"""The real program for the tests: its commands, and the service on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
QUIET = {"feeds": "none", "prices": "none", "chronology": "false"}
"""Settings with which the program asks nobody and starts at once."""


def comes_true(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something holds before the time is over; it is looked at again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        return int(ours.getsockname()[1])


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """The environment of this process without settings of the service, and the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RISK_")}
    told = {f"RISK_{name.upper()}": value for name, value in (QUIET | settings).items()}
    return {**kept, "COLUMNS": "80", "RISK_DATABASE_URL": database_url, **told}


def command(
    database_url: str, *arguments: str, stdin: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run one command of ``risk-service`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "risk_service", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(database_url, **settings),
        cwd=ROOT,
    )


@dataclass(frozen=True)
class Service:
    """A running service; ``log`` is where its standard error goes."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, timeout=10)

    def index(self) -> dict[str, Any]:
        answer = self.get("/v1/index")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, events: object, key: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(self.url + "/v1/events", json=events, headers=headers, timeout=10)

    def stop(self) -> int:
        """Ask it to end, and give its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


@contextmanager
def service(
    folder: Path, database_url: str, *, wait: float = 60, **settings: str
) -> Iterator[Service]:
    """``risk-service serve`` on a free port, answering; killed at the end if it still runs."""
    port = int(settings.pop("port", 0)) or free_port()
    log = folder / f"service-{time.monotonic_ns()}.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "risk_service", "serve"],
            stdout=stderr,
            stderr=stderr,
            env=environment(database_url, port=str(port), **settings),
            cwd=ROOT,
        )
    started = Service(process, f"http://127.0.0.1:{port}", log)
    try:
        if not comes_true(lambda: _answers(started), wait):
            raise AssertionError(f"the service does not answer:\n{log.read_text()}")
        yield started
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(15)


def _answers(started: Service) -> bool:
    assert started.process.poll() is None, started.log.read_text()
    try:
        return started.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
