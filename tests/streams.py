"""A service that streams, and readers of it over real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from risk_service.broadcast import Broadcast
from risk_service.desks import as_desks
from risk_service.store.engine import writing
from risk_service.store.stream import Entry, append
from risk_service.telling import Teller
from tests.api.house import NOW, House, serving
from tests.service import comes_true

RULE: dict[str, Any] = {
    "id": "rule_1", "name": "A jump", "dyad": "USA-RUS", "series": "risk", "rule": {},
    "threshold": 3.0, "severity": "warning", "channels": [], "enabled": True, "version": 1,
    "created_at": NOW, "created_by": "test", "updated_at": NOW,
}  # fmt: skip
ALERT: dict[str, Any] = {
    "id": "alert_" + "a" * 32, "rule_id": "rule_1", "dyad": "USA-RUS", "direction": "escalation",
    "state": "firing", "severity": "warning", "started_at": NOW,
    "payload": {"data": {"headline": "Risk 55 to 71"}},
}  # fmt: skip


@dataclass
class Streaming(House):
    """A house whose app streams; ``most`` and ``held`` are those of its broadcast."""

    most: int = 10
    held: int = 2_000

    def __post_init__(self) -> None:
        self.broadcast = self.told = Broadcast(self.engine, self.most, self.held)
        super().__post_init__()
        self.teller = Teller(self.engine, as_desks(self.desk), self.snapshots, self.clock)

    def tell(self, *entries: Entry) -> None:
        """Append to the log in a transaction of its own."""
        with writing(self.engine) as conn:
            append(conn, entries, self.clock())

    def dropped(self, why: str) -> float:
        return float(self._metric(f'risk_streams_dropped_total{{why="{why}"}}'))

    def streams_open(self) -> float:
        return float(self._metric("risk_streams_open"))

    def _metric(self, name: str) -> str:
        lines = self.get("/metrics").text.splitlines()
        return next(line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} "))


@contextmanager
def streaming(house: Streaming) -> Iterator[str]:
    """Serve a house over a socket, its log followed and its index told."""
    stopping = threading.Event()
    house.told.look()
    threads = [
        threading.Thread(target=one.follow, args=(stopping,), daemon=True)
        for one in (house.told, house.teller)
    ]
    for thread in threads:
        thread.start()
    try:
        with serving(house.app) as url:
            yield url
            house.told.close()
    finally:
        stopping.set()
        for thread in threads:
            thread.join(5)


@dataclass(frozen=True)
class Got:
    """One event as it was received."""

    id: int
    kind: str
    data: dict[str, Any]


@dataclass
class Reader:
    """Reads a stream in a thread until it ends or is closed; parses by the HTML standard."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.got: list[Got] = []
        self.comments: list[str] = []
        self.status: int | None = None
        self.response_headers: dict[str, str] = {}
        self.ended = threading.Event()
        self._leaving = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            with httpx.stream("GET", self.url, headers=dict(self.headers), timeout=30) as answer:
                self.status, self.response_headers = answer.status_code, dict(answer.headers)
                self._parse(answer.iter_lines())
        except httpx.TransportError:
            pass
        finally:
            self.ended.set()

    def _parse(self, lines: Iterator[str]) -> None:
        fields: dict[str, str] = {}
        for line in lines:
            if self._leaving.is_set():
                return
            if line.startswith(":"):
                self.comments.append(line[1:].strip())
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                data = json.loads(fields["data"])
                self.got.append(Got(int(fields["id"]), fields["event"], data))
                fields = {}
            else:
                fields = {}

    def leave(self) -> None:
        """Close at the next line."""
        self._leaving.set()

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.got]

    def of(self, kind: str) -> list[Got]:
        return [one for one in self.got if one.kind == kind]

    def waits_for(self, count: int, kind: str | None = None) -> list[Got]:
        """The events of a kind, once there are at least so many."""

        def found() -> list[Got]:
            return self.got if kind is None else self.of(kind)

        assert comes_true(lambda: len(found()) >= count), (self.status, found(), self.comments)
        return found()

    def waits_until(self, holds: Callable[[Got], bool]) -> Got:
        """The first event of which something holds, once there is one."""
        assert comes_true(lambda: any(holds(one) for one in self.got)), self.got
        return next(one for one in self.got if holds(one))


@contextmanager
def reading_stream(
    url: str, query: str = "", last_event_id: int | str | None = None, **headers: str
) -> Iterator[Reader]:
    """A reader of ``/v1/stream``, opened by the time the block begins."""
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    reader = Reader(f"{url}/v1/stream{query}", headers)
    assert comes_true(lambda: bool(reader.comments) or reader.ended.is_set())
    try:
        yield reader
    finally:
        reader.leave()


def story(number: int, dyad: str = "USA-RUS", text: str = "") -> Entry:
    """An entry that stands for a story, numbered."""
    return Entry("story", dyad, f"made-{number}", {"number": number, "text": text})
