"""What the routes are given: the ready parts, the kinds of value they take, how fresh all is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path as FilePath
from typing import Annotated, Any, cast

from fastapi import Depends, Query, Request
from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from sqlalchemy import Connection, Engine

from risk_service.api.formats import Format, chosen_format
from risk_service.api.held import HeldTables
from risk_service.api.metrics import Metrics
from risk_service.api.problems import NOT_FOUND, UNAVAILABLE, Problem, invalid
from risk_service.api.queries import backwards
from risk_service.broadcast import Broadcast
from risk_service.core.dyads import Gazetteer
from risk_service.core.events import CLOCK_SKEW, EARLIEST_YEAR, LATEST_YEAR
from risk_service.core.sectors import Sectors
from risk_service.desk import DEFAULT_DYAD, Desk
from risk_service.desks import Desks
from risk_service.live import STALE_AFTER
from risk_service.snapshot import Snapshot, Snapshots
from risk_service.store.freshness import watched_until
from risk_service.store.index import index_version
from risk_service.store.upsert import Row
from training.gate import PromotionGate, read_gate

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parts:
    """The ready parts of the service.

    Parameters
    ----------
    engine
        What the routes ask: best with connections of its own and bounded reads, so that slow
        answers hold up neither keys nor the making of what polls get.
    simulated_prices
        Which kind of closes the sectors are made of.
    models_dir, gate
        Folder of artifacts, if not the bundled one, and what a model must do to be promoted, if
        not what the bundled gate asks.
    broadcast
        What streams are told from; without it they are answered with 404.
    private_channels
        Whether alerts may be sent into private networks.
    """

    engine: Engine
    desks: Desks
    snapshots: Snapshots
    clock: Callable[[], datetime]
    sectors: Sectors
    simulated_prices: bool
    models_dir: FilePath | None = None
    gate: PromotionGate = field(default_factory=read_gate)
    broadcast: Broadcast | None = None
    private_channels: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    held: HeldTables = field(default_factory=HeldTables)

    @property
    def desk(self) -> Desk:
        """The desk that the index is made with."""
        return self.desks.index

    @property
    def champion(self) -> Desk:
        """The desk that is asked about texts."""
        return self.desks.champion

    def of_this_moment(self) -> Parts:
        """The parts with desks that stay as they are, for one request."""
        return replace(self, desks=Desks(self.desks.pair))

    def gazetteer(self, dyad: str) -> Gazetteer:
        """The gazetteer of a dyad; the problem 404 for one that is not followed."""
        for gazetteer in self.desk.gazetteers:
            if gazetteer.name == dyad:
                return gazetteer
        raise Problem(NOT_FOUND, f"dyad: {dyad!r} is not one of {', '.join(self.desk.dyads)}")


def _parts(request: Request) -> Parts:
    return cast(Parts, request.app.state.parts).of_this_moment()


def _followed(
    request: Request,
    dyad: Annotated[
        str, Query(description="Dyad whose index is meant", examples=["USA-RUS"])
    ] = DEFAULT_DYAD,
) -> str:
    return _parts(request).gazetteer(dyad).name


def _in_years(value: Any) -> Any:
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise ValueError(f"year {value.year} is not within {EARLIEST_YEAR}–{LATEST_YEAR}")
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _written_day(value: Any) -> Any:
    # pydantic would take numbers for days and moments: nobody means 1970 by them.
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("is not a day such as 2025-02-28")
    return value


def _written_moment(value: Any) -> Any:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("is not a moment with time zone such as 2025-02-28T12:00:00Z")
    return value


def _plain(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("holds a control character")
    return value


def _chosen(
    request: Request,
    form: Annotated[
        Format | None, Query(alias="format", description="Else by the Accept header, else JSON")
    ] = None,
) -> Format:
    return chosen_format(form, request.headers.get("accept", ""))


PartsDep = Annotated[Parts, Depends(_parts)]
DyadDep = Annotated[str, Depends(_followed)]
FormatDep = Annotated[Format, Depends(_chosen)]
Day = Annotated[date, BeforeValidator(_written_day), AfterValidator(_in_years)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment), AfterValidator(_in_years)]
Plain = Annotated[str, AfterValidator(_plain)]
AsOf = Annotated[
    Moment | None,
    Query(
        description="Answer with what was known at this moment", examples=["2025-03-01T00:00:00Z"]
    ),
]


def _days(
    since: Annotated[
        Day | None, Query(alias="from", description="First day", examples=["2025-02-01"])
    ] = None,
    until: Annotated[
        Day | None, Query(alias="to", description="Last day", examples=["2025-02-28"])
    ] = None,
) -> tuple[date | None, date | None]:
    if since is not None and until is not None and until < since:
        raise backwards(since, until)
    return since, until


DaysDep = Annotated[tuple[date | None, date | None], Depends(_days)]
"""First and last day asked for, both included; None where not asked."""


def held_answer(parts: Parts, dyad: str) -> Snapshot:
    """The live answer at hand; Problem (503) before the first is made."""
    held = parts.snapshots.held(dyad)
    if held is None:
        detail = "The first answer is being computed."
        raise Problem(UNAVAILABLE, detail, headers={"Retry-After": "1"})
    return held


def check_as_of(as_of: datetime | None, now: datetime) -> None:
    """Raise Problem (422) for a moment that has not come: what is known then cannot be told."""
    if as_of is not None and as_of > now + CLOCK_SKEW:
        raise invalid("as_of", f"{as_of.isoformat()} lies in the future")


def midnight(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime.combine(day, time(), UTC)


def standing(conn: Connection, parts: Parts, dyad: str, now: datetime) -> Row:
    """``freshness`` and ``versions``, which every answer carries."""
    watched = watched_until(conn, dyad, now)
    return {
        "freshness": {
            "computed_at": now,
            "watched_until": watched,
            "stale": watched is None or now - watched > STALE_AFTER,
        },
        "versions": {
            "model": parts.desk.classifier.version,
            "method": parts.desk.method.version,
            "index": index_version(conn, dyad),
        },
    }
