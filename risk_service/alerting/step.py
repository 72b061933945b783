"""The step: what rules say of the index as it stands now, kept together with what is to be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from risk_service.alerting.book import Book, Watch, open_book
from risk_service.alerting.clock import Facts, judge_clocked
from risk_service.alerting.group import Group, Start, Verdict, group_of, judge
from risk_service.alerting.market import Markets, judge_waiting, reactions
from risk_service.alerting.payload import STORIES, Scene, payload_of
from risk_service.alerting.series import Live, Settled, live_of, sector_of, settled_of
from risk_service.alerting.unusual import PastScores
from risk_service.alerting.write import Judged, id_of, write
from risk_service.core.jumps.conditions import Clocked, ConfirmedJump, GraveStory
from risk_service.core.jumps.series import SECTOR
from risk_service.desk import Desk
from risk_service.desks import Desks
from risk_service.live import live_answer
from risk_service.scoring import words_of_row
from risk_service.store.engine import reading, writing
from risk_service.store.events import story_heads
from risk_service.store.index import last_day
from risk_service.store.upsert import Row


class Alerting:
    """Judges every rule; one is held by whoever does the work. Two at once do no harm."""

    def __init__(
        self, engine: Engine, desks: Desks, markets: Markets, public_url: str = ""
    ) -> None:
        self._engine, self._desks, self._markets = engine, desks, markets
        self._public_url = public_url
        self._book: Book | None = None
        self._groups: list[Group] = []
        self._past = PastScores()

    def __call__(self, now: datetime) -> Judged:
        """Read, judge, and write what moved in one transaction. Run again it changes nothing."""
        with reading(self._engine) as conn:
            self._open(conn)
            if self._book is None or not self._book.watches:
                return Judged()
            seen = Seen(conn, self._desks.index, self._markets, now)
            verdicts = self._verdicts(seen)
            payloads = self._payloads(seen, verdicts)
        if not verdicts:
            return Judged()
        with writing(self._engine) as conn:
            return write(conn, verdicts, payloads, now)

    def _open(self, conn: Connection) -> None:
        book = open_book(conn, self._book)
        if book is not self._book:
            self._book, self._groups = book, _groups(book.watches)

    def _verdicts(self, seen: Seen) -> list[Verdict]:
        assert self._book is not None
        found: dict[tuple[str, str], Verdict] = {}
        for group in self._groups:
            settled, live = seen.settled(group), seen.live_for(group)
            _add(found, judge(group, settled, live, seen.now))
        waiting = [watch for watch in self._book.watches if isinstance(watch.rule, ConfirmedJump)]
        # One that has moved by itself waits for the next look.
        still = [watch for watch in waiting if _key(watch) not in found]
        _add(found, judge_waiting(seen.conn, self._markets, still, seen.now))
        clocked = [watch for watch in self._book.watches if isinstance(watch.rule, Clocked)]
        if clocked:
            _add(found, judge_clocked(clocked, seen.facts()))
        return list(found.values())

    def _payloads(self, seen: Seen, verdicts: Iterable[Verdict]) -> dict[str, Row]:
        found = {}
        for verdict in verdicts:
            for start in verdict.acts:
                if start is not None:
                    id_ = id_of(verdict, start)
                    scene = self._scene(seen, verdict.watch, start)
                    watch = verdict.watch
                    found[id_] = payload_of(watch.row, watch.direction, id_, start, scene)
        return found

    def _scene(self, seen: Seen, watch: Watch, start: Start) -> Scene:
        dyad = watch.row["dyad"]
        stories = seen.stories(watch, start)
        share = self._past.share(seen.conn, watch, start)
        return Scene(seen.answer(dyad), stories, seen.sectors(), share, self._public_url)


@dataclass(slots=True)
class Seen:
    """What one look at the database shows, each part read when it is first asked for."""

    conn: Connection
    desk: Desk
    markets: Markets
    now: datetime
    _answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lives: dict[str, Live | None] = field(default_factory=dict)
    _last: dict[str, date | None] = field(default_factory=dict)
    _settled: dict[tuple[str, str, date | None], Settled | None] = field(default_factory=dict)
    _reactions: list[Row] | None = None

    def answer(self, dyad: str) -> dict[str, Any]:
        """The live answer, as a poll would get it."""
        if dyad not in self._answers:
            self._answers[dyad] = live_answer(self.conn, self.desk, dyad, self.now)
        return self._answers[dyad]

    def live_for(self, group: Group) -> Live | None:
        """The live index; None for sectors, whose days are told by closes."""
        row = group.watches[0].row
        dyad = row["dyad"]
        if row["series"].startswith(SECTOR):
            return None
        if dyad not in self._lives:
            self._lives[dyad] = live_of(self.conn, dyad, self.answer(dyad))
        return self._lives[dyad]

    def settled(self, group: Group) -> Settled | None:
        """The days that the group does not know yet; None where there are none."""
        row, after = group.watches[0].row, group.until
        dyad, series = row["dyad"], row["series"]
        key = (dyad, series, after)
        if key not in self._settled:
            self._settled[key] = self._read(dyad, series, after)
        return self._settled[key]

    def _read(self, dyad: str, series: str, after: date | None) -> Settled | None:
        if series.startswith(SECTOR):
            sectors, simulated = self.markets.sectors, self.markets.simulated
            return sector_of(self.conn, sectors, series, after, self.now, simulated=simulated)
        if dyad not in self._last:
            self._last[dyad] = last_day(self.conn, dyad)
        last = self._last[dyad]
        if last is None or (after is not None and last <= after):
            return None
        return settled_of(self.conn, dyad, series, after)

    def facts(self) -> Facts:
        """What the clock's rules ask about."""
        model = self.desk.classifier.version
        return Facts(self.conn, self.desk, model, self.markets.simulated, self.now)

    def sectors(self) -> list[Row]:
        """The sectors' reaction so far."""
        if self._reactions is None:
            self._reactions = reactions(self.conn, self.markets, self.now)
        return self._reactions

    def stories(self, watch: Watch, start: Start) -> list[Row]:
        """The stories that moved the index most that way; of a grave story itself."""
        drivers: list[Row] = self.answer(watch.row["dyad"])["drivers"]
        if watch.direction == "neither":
            return []
        if isinstance(watch.rule, GraveStory):
            return self._grave(int(start.key), drivers)
        sign = 1 if watch.direction == "escalation" else -1
        theme = watch.row["series"].partition("theme:")[2]
        moved = [
            one
            for one in drivers
            if sign * one["change"] > 0 and (not theme or one["theme"] == theme)
        ]
        return sorted(moved, key=lambda one: -abs(one["change"]))[:STORIES]

    def _grave(self, story: int, drivers: list[Row]) -> list[Row]:
        for one in drivers:
            if one["story_id"] == story:
                return [one]
        heads: Mapping[int, Row] = story_heads(self.conn, [story], self.desk.classifier.version)
        return [
            {
                **head,
                "story_id": story,
                "text": head["text"] or f"coded event {head['event_code']}",
                "contribution": None,
                "words": words_of_row(self.desk.classifier, head),
            }
            for head in heads.values()
        ]


def _groups(watches: Iterable[Watch]) -> list[Group]:
    """Watches of the index, by dyad, series and the day until which they were judged."""
    sorted_out: dict[tuple[str, str, date | None], list[Watch]] = {}
    for watch in watches:
        if watch.inner is not None:
            key = (watch.row["dyad"], watch.row["series"], watch.judged_until)
            sorted_out.setdefault(key, []).append(watch)
    return [group_of(group) for group in sorted_out.values()]


def _add(found: dict[tuple[str, str], Verdict], verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        found[_key(verdict.watch)] = verdict


def _key(watch: Watch) -> tuple[str, str]:
    return watch.row["id"], watch.direction
