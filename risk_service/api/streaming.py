"""Server-sent events to one reader: what it missed, what comes, and a sign of life between.

The format is that of the HTML standard, section 9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from fastapi.sse import EventSourceResponse, format_sse_event
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Receive, Scope, Send

from risk_service.api.problems import UNAVAILABLE, Problem, problem_response
from risk_service.api.stream_gauges import StreamGauges
from risk_service.broadcast import Broadcast, Full, Gone
from risk_service.store.stream import Told, as_sent

RETRY = 2_000
"""Milliseconds after which a browser that lost its stream opens it anew."""
AFTER_FULL = "10"
AT_ONCE = 50
"""Entries written at once: what a reader who takes nothing leaves in the socket stays small."""
_past = ThreadPoolExecutor(1, "stream-past")
"""What readers missed is read for one of them at a time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dyad and kinds a reader wants, and the last id it has (None: it begins)."""

    dyad: str
    kinds: frozenset[str]
    after: int | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two signs of life, and after which a reader who takes nothing is let go."""

    beat: float = 15.0
    stuck: float = 30.0


class EventStream(EventSourceResponse):
    """One stream, from its opening to its end.

    ``present`` tells the present state as (kind, data); it is called in a thread.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        wanted: Wanted,
        present: Callable[[], Sequence[tuple[str, Mapping[str, Any]]]],
        gauges: StreamGauges,
        pace: Pace,
    ) -> None:
        super().__init__((), headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"})
        self._broadcast, self._wanted, self._present = broadcast, wanted, present
        self._gauges, self._pace = gauges, pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the stream, or with 503 where too many are open."""
        news, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(news.set)

        try:
            last = self._broadcast.join(wake)
        except Full:
            detail = "As many streams are open as this replica keeps."
            problem = Problem(UNAVAILABLE, detail, headers={"Retry-After": AFTER_FULL})
            await problem_response(problem, scope["path"])(scope, receive, send)
            return
        self._gauges.open.inc()
        try:
            self.body_iterator = self._told(last, news)
            await super().__call__(scope, receive, send)
        finally:
            self._broadcast.leave(wake)
            self._gauges.open.dec()

    async def stream_response(self, send: Send) -> None:
        """Send what is told, as long as it is taken."""

        async def send_taken(message: Message) -> None:
            await asyncio.wait_for(send(message), self._pace.stuck)

        try:
            await super().stream_response(send_taken)
        except TimeoutError:
            self._let_go("stuck")

    async def _told(self, last: int, news: asyncio.Event) -> AsyncIterator[bytes]:
        yield format_sse_event(comment="the stream of the risk index", retry=RETRY)
        try:
            if self._wanted.after is not None and self._wanted.after > last:
                # It may come from a replica that has looked at the log a moment later than we.
                await self._in_thread(self._broadcast.look)
                last = self._broadcast.last
            async for chunk in self._opening(last):
                yield chunk
        except SQLAlchemyError as error:
            log.warning("a stream could not be opened", error=str(error))
            return
        # What was missed may have taken long to read: what has come since is in memory.
        try:
            async for chunk in self._coming(last, news):
                yield chunk
        except Gone:
            self._let_go("behind")
            yield format_sse_event(comment="read too slowly; come back with Last-Event-ID")

    async def _opening(self, last: int) -> AsyncIterator[bytes]:
        """What was missed; the present state where that cannot be told, or nothing was asked."""
        after = self._wanted.after
        if after is not None:
            try:
                async for chunk in self._missed(after, last):
                    yield chunk
                return
            except Gone:
                reason = "what came after this id is not kept any more; the present state follows"
                data = {"last_event_id": after, "now": last, "reason": reason}
                yield format_sse_event(event="reset", data_str=as_sent(data), id=str(last))
        for kind, data in await self._in_thread(self._present):
            yield format_sse_event(event=kind, data_str=as_sent(data), id=str(last))

    async def _missed(self, after: int, last: int) -> AsyncIterator[bytes]:
        while after != last:
            page = await self._in_thread(partial(self._broadcast.past, after, last))
            if not page:
                raise Gone
            for chunk in self._chunks(page):
                yield chunk
            after = page[-1].id

    async def _coming(self, after: int, news: asyncio.Event) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        beat_at = clock() + self._pace.beat
        while not self._broadcast.closed:
            news.clear()
            fresh = self._broadcast.after(after)
            for chunk in self._chunks(fresh):
                yield chunk
                beat_at = clock() + self._pace.beat
            if fresh:
                after = fresh[-1].id
            elif clock() >= beat_at:
                yield format_sse_event(comment="still here")
                beat_at = clock() + self._pace.beat
            else:
                await _woken(news, beat_at - clock())

    def _chunks(self, page: Sequence[Told]) -> list[bytes]:
        wanted = self._wanted
        written = [
            format_sse_event(event=one.kind, data_str=one.data, id=str(one.id))
            for one in page
            if one.kind in wanted.kinds and one.dyad == wanted.dyad
        ]
        return [b"".join(written[n : n + AT_ONCE]) for n in range(0, len(written), AT_ONCE)]

    def _let_go(self, why: str) -> None:
        self._gauges.dropped.labels(why).inc()
        log.info("a reader of the stream was let go", why=why)

    @staticmethod
    async def _in_thread(do: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(_past, do)


async def _woken(news: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(news.wait(), max(0.0, seconds))
    except TimeoutError:
        return
