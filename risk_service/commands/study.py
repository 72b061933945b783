"""``event-study``: what closes did around events, as one HTML file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, get_args

import pandas as pd
import typer
from sqlalchemy import Engine

from risk_service.commands.terminal import PLAIN, err, open_all, out
from risk_service.config import Settings
from risk_service.core.event_study import Overlap, Study
from risk_service.core.happenings import DIRECTIONS, Direction, Origin, Wanted
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound
from risk_service.feeds.moments import read_moment
from risk_service.feeds.sector_file import load_sectors
from risk_service.store.engine import reading
from risk_service.studies import (
    Question,
    Studied,
    check_question,
    read_happenings,
    read_study_closes,
    study_groups,
)
from risk_service.study_answer import CROWDED, CROWDING, filter_of
from risk_service.study_dates import read_dates
from risk_service.study_report import html_report, p_value, percent
from risk_service.study_tables import significance_table
from risk_service.wiring import clock, open_database, settle_in

_Output = Annotated[Path, typer.Argument(help="HTML file to write.", dir_okay=False)]
_Dates = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="CSV with the columns at (a day, or a moment with zone), and direction and text where "
        "known; these dates are studied in place of stored events.",
    ),
]
_Direction = Annotated[str, typer.Option(help="thaw or escalation; else both, each apart.")]
_Severity = Annotated[float, typer.Option(min=1, max=3, help="From 1, words, to 3, force.")]
_Surprise = Annotated[
    float | None,
    typer.Option(min=0, help="Least distance from the news before it, to its own side."),
]
_Year = Annotated[int, typer.Option(help="Of publication, in place of --since and --until.")]
_Theme = Annotated[str, typer.Option(help="Such as sanctions_trade or military.")]
_Directness = Annotated[str, typer.Option(help="dyad or theatre.")]
_Origin = Annotated[str, typer.Option(help="all, chronology, or live: all else.")]
_Since = Annotated[str, typer.Option(help="First day of publication.")]
_Until = Annotated[str, typer.Option(help="Last day of publication.")]
_Assets = Annotated[str, typer.Option(help="Sectors or tickers, comma between; else all sectors.")]
_Controls = Annotated[str, typer.Option(help="Comma between; none: the constant-mean model.")]
_First = Annotated[int, typer.Option(help="First day of the event window.")]
_Last = Annotated[int, typer.Option(help="Last day of the event window.")]
_Estimation = Annotated[int, typer.Option(help="Days of the estimation window.")]
_Least = Annotated[int, typer.Option(help="Fewest known returns in it.")]
_Gap = Annotated[int, typer.Option(help="Days between the windows.")]
_Overlap = Annotated[str, typer.Option(help="merge or drop events whose windows share a day.")]
_Level = Annotated[float, typer.Option(help="Of the intervals.")]
_Seed = Annotated[int, typer.Option(help="Of bootstrap and placebo.")]
_Clean = Annotated[
    bool, typer.Option(help="Leave other events' windows out of the estimation windows.")
]
_AsOf = Annotated[str, typer.Option(help="A moment with zone: study what was known then.")]
_Events = tuple[Engine, dict[str, pd.DataFrame], dict[str, Any]]
"""Where the closes are, the events of each group, and how both were asked for."""


def event_study(
    output: _Output, dates: _Dates = None, dyad: str = DEFAULT_DYAD, direction: _Direction = "",
    min_severity: _Severity = 1.0, theme: _Theme = "", directness: _Directness = "",
    origin: _Origin = "all", since: _Since = "", until: _Until = "", assets: _Assets = "",
    controls: _Controls = "", first: _First = -1, last: _Last = 5, estimation: _Estimation = 250,
    least: _Least = 120, gap: _Gap = 10, overlap: _Overlap = "merge", level: _Level = 0.95,
    seed: _Seed = 0, as_of: _AsOf = "", min_surprise: _Surprise = None, year: _Year = 0,
    clean: _Clean = True,
) -> None:  # fmt: skip
    """Study what closes did around events, thaw and escalation apart, and write a report."""
    settings = Settings()
    sectors, now = load_sectors(settings.sectors_file), clock()
    factors = () if controls == "none" else _listed(controls) or (sectors.market,)
    study = Study(
        first=first, last=last, estimation=estimation, least=least, gap=gap, controls=factors,
        overlap=_one_of("overlap", overlap, Overlap), level=level, seed=seed, clean=clean,
    )  # fmt: skip
    named = _listed(assets) or tuple(sectors.members)
    question = Question(named, study, as_of=_moment(as_of) if as_of else None)
    check_question(question, sectors)
    first_day, day_after = _span(since, until, year)
    wanted = Wanted(
        (_one_of("direction", direction, Direction),) if direction else DIRECTIONS,
        min_severity if min_severity > 1 else None, theme or None, directness or None,
        first_day, day_after, _one_of("origin", origin, Origin), min_surprise,
    )  # fmt: skip
    engine, groups, asked = (
        _stored(dyad, wanted, question) if dates is None else _given(settings, dates)
    )
    simulated = settings.prices == "sample"
    with reading(engine) as conn:
        closes = read_study_closes(conn, sectors, question, groups, now, simulated=simulated)
    studied = study_groups(groups, closes, sectors, question)
    output.write_text(html_report(studied, question, asked, now, simulated=simulated), "utf-8")
    _tell(studied, output, simulated)
    if not clean:
        _tell_crowding(studied)
    if significance_table(studied, simulated).empty:
        raise typer.Exit(1)


def _given(settings: Settings, dates: Path) -> _Events:
    # No text is read: the classifier may sleep.
    return open_database(settings), read_dates(dates), {"dates": dates.name}


def _stored(dyad: str, wanted: Wanted, question: Question) -> _Events:
    settings, house = open_all()
    if dyad not in house.desk.dyads:
        raise NotFound(f"dyad: {dyad!r} is not among {', '.join(house.desk.dyads)}")
    settle_in(house, settings)
    model = house.desk.classifier.version
    with reading(house.engine) as conn:
        groups = read_happenings(conn, dyad, wanted, model, question.as_of)
    return house.engine, groups, {"dyad": dyad, "model": model, **filter_of(wanted)}


def _tell(studied: Studied, output: Path, simulated: bool) -> None:
    table = significance_table(studied, simulated)
    for _, row in table[table["test"].isin(["kolari_pynnonen", "placebo"])].iterrows():
        out.print(
            f"{row.direction} {row.asset}: CAAR {percent(row.caar)} of {row.events} events,"
            f" p {p_value(row.p_value)} ({row.test})",
            **PLAIN,
        )
    for name, why in studied.missing.items():
        err.print(f"not studied: {name}: {why}", **PLAIN)
    out.print(f"written: {output}{' (simulated prices)' if simulated else ''}", **PLAIN)


def _tell_crowding(studied: Studied) -> None:
    """Windows that pass over other events' days are not crowded; others may be."""
    crowding = significance_table(studied, False)["crowding"]
    if (crowding >= CROWDED).any():
        err.print(f"crowding {crowding.max():.2f}. {CROWDING}.", **PLAIN)


def _span(since: str, until: str, year: int) -> tuple[datetime | None, datetime | None]:
    if year and (since or until):
        raise ValueError("year: stands beside since or until; give one of the two")
    since, until = (f"{year}-01-01", f"{year}-12-31") if year else (since, until)
    start = _midnight(since) if since else None
    return start, _midnight(until) + timedelta(days=1) if until else None


def _one_of(name: str, value: str, choice: Any) -> Any:
    if value not in get_args(choice):
        raise ValueError(f"{name}: {value!r} is not one of {', '.join(get_args(choice))}")
    return value


def _moment(value: str) -> datetime:
    found = read_moment(value)
    return found if isinstance(found, datetime) else _midnight(value)


def _midnight(value: str) -> datetime:
    return datetime.combine(date.fromisoformat(value), time(), UTC)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))
