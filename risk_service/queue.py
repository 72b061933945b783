"""Which of the waiting events are assessed next: the earliest, but live ones before an archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from risk_service.core.dyads import Gazetteer
from risk_service.core.novelty import WINDOW, Report, common_names, event_words, free_to_go
from risk_service.store.events import waiting_events
from risk_service.store.waiting import Waiting, live_waiting, waiting_between

LOOKED_AT = 2_000
"""Of so many waiting events at most it is asked whether a live one could belong to them."""


def next_waiting(
    conn: Connection,
    gazetteers: Sequence[Gazetteer],
    live_since: datetime,
    archives: Sequence[str],
    limit: int,
) -> list[Waiting]:
    """The next batch of (id, event, origin), at most ``limit``, in order of publication.

    Usually the earliest published. Where more wait than one batch, events published since
    ``live_since`` that are not of an ``archives`` origin come first, lest what was posted now
    waits behind a year that is imported. A live event that could join a story of one that still
    waits is left where it is: the order of placing never changes a story, and so no index.
    """
    batch = waiting_events(conn, limit)
    if len(batch) < limit:
        return batch
    live = live_waiting(conn, live_since, archives, limit)
    return (_free(conn, gazetteers, live) if live else []) or batch


def _free(
    conn: Connection, gazetteers: Sequence[Gazetteer], live: Sequence[Waiting]
) -> list[Waiting]:
    moments = [event.published_at for _, event, _ in live]
    near = waiting_between(conn, min(moments) - WINDOW, max(moments), LOOKED_AT + 1)
    if len(near) > LOOKED_AT:
        return []
    free = [id_ for id_, _, _ in live]
    readings = [_reports(gazetteer, live, near) for gazetteer in gazetteers]
    while True:
        allowed = set(free).intersection(*(_of(free, *reports) for reports in readings))
        left = [id_ for id_ in free if id_ in allowed]
        # What one dyad holds back may be what another one's reports wait for: look again.
        if left == free:
            return [one for one in live if one[0] in allowed]
        free = left


def _of(ids: Sequence[int], live: Sequence[Report], near: Sequence[Report]) -> set[int]:
    wanted = set(ids)
    return free_to_go([report for report in live if report.id in wanted], near)


def _reports(gazetteer: Gazetteer, *groups: Sequence[Waiting]) -> list[list[Report]]:
    common = common_names(gazetteer)
    return [
        [Report(id_, event.published_at, event_words(event, common)) for id_, event, _ in group]
        for group in groups
    ]
