"""What a study may be asked for: by query for our own happenings, by body for a caller's dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from risk_service.api.deps import (
    AsOf,
    Day,
    DyadDep,
    Moment,
    Parts,
    PartsDep,
    Plain,
    check_as_of,
    midnight,
)
from risk_service.api.problems import INVALID, Problem, from_core, invalid
from risk_service.api.queries import backwards
from risk_service.core.dyads import THEMES
from risk_service.core.event_study import Overlap, Study
from risk_service.core.events import EARLIEST_YEAR, LATEST_YEAR
from risk_service.core.happenings import DIRECTIONS, Direction, Origin, Wanted
from risk_service.studies import Question, check_question

Shape = Literal["json", "csv", "svg", "png"]
CsvTable = Literal["averages", "tests", "cars", "dropped"]
_SPELLINGS = {"defence": "defense"}


@dataclass(frozen=True, slots=True)
class Windows:
    """Parameters of a study as they are asked for; None leaves the choice to ``Study``."""

    assets: tuple[str, ...] | None = None
    controls: tuple[str, ...] | None = None
    first: int = -1
    last: int = 5
    estimation: int = 250
    least: int = 120
    gap: int = 10
    overlap: Overlap = "merge"
    level: float = 0.95
    seed: int = 0
    clean: bool = True


def question_of(parts: Parts, windows: Windows, as_of: datetime | None) -> Question:
    """The question, checked: all sectors and the market model where nothing else is asked."""
    check_as_of(as_of, parts.clock())
    named = parts.sectors.members if windows.assets is None else windows.assets
    controls = windows.controls
    try:
        study = Study(
            first=windows.first,
            last=windows.last,
            estimation=windows.estimation,
            least=windows.least,
            gap=windows.gap,
            controls=(parts.sectors.market,) if controls is None else controls,
            overlap=windows.overlap,
            level=windows.level,
            seed=windows.seed,
            clean=windows.clean,
        )
        assets = tuple(_SPELLINGS.get(name, name) for name in named)
        question = Question(assets=assets, study=study, as_of=as_of)
        check_question(question, parts.sectors)
    except ValueError as error:
        field = from_core(error)
        raise Problem(INVALID, str(error), [field]) from None
    return question


def _span(
    year: Annotated[
        int | None,
        Query(ge=EARLIEST_YEAR, le=LATEST_YEAR, description="Of publication; not with from or to"),
    ] = None,
    since: Annotated[
        Moment | Day | None,
        Query(alias="from", description="Published at or after", examples=["2014-01-01"]),
    ] = None,
    until: Annotated[
        Moment | Day | None,
        Query(
            alias="to", description="Published before; a day counts whole", examples=["2025-12-31"]
        ),
    ] = None,
) -> Span:
    if year is not None:
        if since is not None or until is not None:
            raise invalid("year", "stands beside from or to; give one of the two")
        since, until = date(year, 1, 1), date(year, 12, 31)
    if since is not None and until is not None and _start(since) >= _stop(until):
        raise backwards(since, until)
    return None if since is None else _start(since), None if until is None else _stop(until)


Span = tuple[datetime | None, datetime | None]
SpanDep = Annotated[Span, Depends(_span)]


def _wanted(
    dyad: DyadDep,
    span: SpanDep,
    direction: Annotated[
        Direction | None, Query(description="One alone; else both, each apart")
    ] = None,
    min_severity: Annotated[float | None, Query(ge=1, le=3, allow_inf_nan=False)] = None,
    min_surprise: Annotated[
        float | None,
        Query(
            ge=0,
            le=100,
            allow_inf_nan=False,
            description="How far from the news before it, to its own side, in the usual scale",
        ),
    ] = None,
    theme: Annotated[Literal[THEMES] | None, Query()] = None,  # type: ignore[valid-type]
    directness: Annotated[Literal["dyad", "theatre"] | None, Query()] = None,
    origin: Annotated[
        Origin, Query(description="chronology: the bundled one; live: all else")
    ] = "all",
) -> tuple[str, Wanted]:
    directions = DIRECTIONS if direction is None else (direction,)
    return dyad, Wanted(directions, min_severity, theme, directness, *span, origin, min_surprise)


def _question(
    parts: PartsDep,
    assets: Annotated[
        Plain | None,
        Query(max_length=400, description="Sectors or tickers, comma between; else all sectors"),
    ] = None,
    controls: Annotated[
        Plain | None,
        Query(
            max_length=400,
            description="What explains the expected return, comma between: nothing is the "
            "constant-mean model, the market alone the market model",
        ),
    ] = None,
    first: Annotated[int, Query(ge=-250, le=0, description="First day of the event window")] = -1,
    last: Annotated[int, Query(ge=0, le=250, description="Last day of the event window")] = 5,
    estimation: Annotated[int, Query(ge=20, le=2000, description="Days of estimation")] = 250,
    least: Annotated[int, Query(ge=4, le=2000, description="Fewest known returns in it")] = 120,
    gap: Annotated[int, Query(ge=0, le=250, description="Days between the windows")] = 10,
    overlap: Annotated[
        Overlap, Query(description="What becomes of events whose windows share a day")
    ] = "merge",
    level: Annotated[float, Query(gt=0.5, lt=1, description="Of the intervals")] = 0.95,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="Of bootstrap and placebo")] = 0,
    clean: Annotated[
        bool, Query(description="Leave other events' windows out of the estimation windows")
    ] = True,
    as_of: AsOf = None,
) -> Question:
    named = None if assets is None else _listed(assets)
    factors = None if controls is None else _listed(controls)
    windows = Windows(
        named, factors, first, last, estimation, least, gap, overlap, level, seed, clean
    )
    return question_of(parts, windows, as_of)


def _shape(
    request: Request,
    form: Annotated[
        Shape | None, Query(alias="format", description="Else by the Accept header, else JSON")
    ] = None,
    table: Annotated[CsvTable, Query(description="Which table, in CSV")] = "averages",
) -> tuple[Shape, CsvTable]:
    return form or _accepted(request.headers.get("accept", "")), table


WantedDep = Annotated[tuple[str, Wanted], Depends(_wanted)]
QuestionDep = Annotated[Question, Depends(_question)]
ShapeDep = Annotated[tuple[Shape, CsvTable], Depends(_shape)]


def _accepted(accept: str) -> Shape:
    media: dict[str, Shape] = {"text/csv": "csv", "image/svg+xml": "svg", "image/png": "png"}
    wanted = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    return next((media[one] for one in wanted if one in media), "json")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _start(moment: datetime | date) -> datetime:
    return moment if isinstance(moment, datetime) else midnight(moment)


def _stop(moment: datetime | date) -> datetime:
    return moment if isinstance(moment, datetime) else midnight(moment + timedelta(days=1))


def knowable_at(moment: datetime | date) -> datetime:
    """When something of that moment was knowable; of a day, at its last second, UTC."""
    if isinstance(moment, datetime):
        return moment
    return midnight(moment) + timedelta(days=1) - timedelta(seconds=1)


def groups_of(directions: Sequence[str | None], ungrouped: str) -> dict[str, list[int]]:
    """Positions of each direction, in the order of ``DIRECTIONS`` and then those without one."""
    named = [one or ungrouped for one in directions]
    order = [*DIRECTIONS, ungrouped]
    return {
        name: [i for i, one in enumerate(named) if one == name] for name in order if name in named
    }
