"""The stream of server-sent events, read for ever: when it breaks, it goes on where it was.

Parsing follows the HTML standard, section 9.2.6.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from risk_service.client.asking import Asker, Query, wait_before_again
from risk_service.client.errors import ProblemError, Unreachable, problem_of

SILENCE = 45.0
"""Seconds: three signs of life missed, and the connection is taken for dead."""
PAUSE = 2.0
"""Seconds before the stream is opened anew, until the service names others."""
FAILURES = 10
"""Openings in a row that fail before it is given up."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event: index, story, alert, or reset (what was missed is lost; the present follows)."""

    id: int
    kind: str
    data: dict[str, Any]


class Stream:
    """An iterator over what is told; ``last_id`` is where it would go on."""

    def __init__(self, asker: Asker, query: Query, last_id: int | None) -> None:
        self._asker, self._query = asker, query
        self.last_id = last_id
        self._pause, self._failures = PAUSE, 0

    def __iter__(self) -> Iterator[Told]:
        while not self._asker.closed:
            try:
                yield from self._once()
            except (Unreachable, ProblemError) as error:
                self._failures += 1
                wait = _wait(error)
                if wait is None or self._failures >= FAILURES:
                    raise
                time.sleep(max(wait, self._pause))
            else:
                time.sleep(self._pause)

    def _once(self) -> Iterator[Told]:
        headers = {"Accept": "text/event-stream"}
        if self.last_id is not None:
            headers["Last-Event-ID"] = str(self.last_id)
        try:
            with self._asker.opened("/v1/stream", self._query, headers, SILENCE) as answer:
                if not answer.is_success:
                    answer.read()
                    raise problem_of(answer)
                for told in parsed(answer.iter_lines(), self._note_retry):
                    self.last_id, self._failures = told.id, 0
                    yield told
        except httpx.TransportError as error:
            raise Unreachable(f"{self._asker.base_url}: {error}") from error

    def _note_retry(self, milliseconds: int) -> None:
        self._pause = milliseconds / 1000


def parsed(lines: Iterable[str], note_retry: Any = lambda milliseconds: None) -> Iterator[Told]:
    """Events in the lines of a stream.

    >>> list(parsed(["retry: 100", "", ": still here", "", "event: index", "id: 7",
    ...              'data: {"risk_index":', "data: 61.4}", ""]))
    [Told(id=7, kind='index', data={'risk_index': 61.4})]
    """
    kind, id_, data = "", 0, list[str]()
    for line in lines:
        if not line:
            if data:
                yield Told(id_, kind, orjson.loads("\n".join(data)))
            kind, data = "", []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            kind = value
        elif name == "id" and value.isdigit():
            id_ = int(value)
        elif name == "retry" and value.isdigit():
            note_retry(int(value))


def _wait(error: Unreachable | ProblemError) -> float | None:
    """Seconds before the next try; None where there is no use in one."""
    if isinstance(error, Unreachable):
        return 0.0
    again = wait_before_again(error)
    return None if again is False else float(again) if not isinstance(again, bool) else 0.0
