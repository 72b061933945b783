"""Event studies of our own happenings, or of a caller's dates: read, then compute, nothing kept.

Thaw and escalation are always studied apart: defence shares tend to fall on the one and rise on the
other, and a mean over both would hide either. Beside each result stands its placebo on random
dates of the same years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Connection

from risk_service.core.event_study import (
    Asset,
    Study,
    StudyResult,
    basket_asset,
    run_study,
    ticker_asset,
)
from risk_service.core.happenings import Wanted, as_known, choose
from risk_service.core.placebo import Placebo, placebo
from risk_service.core.sectors import Sectors
from risk_service.core.surprise import REACH, surprises
from risk_service.feeds.calendars import closes_on, trading_days
from risk_service.store.happenings import scored_happenings
from risk_service.store.price_vintages import closes_known_at

MOST_ASSETS = 12
PLACEBOS = 500
UNGROUPED = "given"
"""Name of the group of a caller's dates that say no direction."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: which assets, by what study, with how many placebo draws, as of when.

    ``assets`` are names of sectors (their baskets) or configured tickers.
    """

    assets: tuple[str, ...]
    study: Study
    placebos: int = PLACEBOS
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GroupStudy:
    """The study of one group of events.

    Parameters
    ----------
    direction
        thaw, escalation, or ``UNGROUPED``.
    events
        One row for each event given, by position in ``result.pairs``: knowable_at and text, and
        for our own happenings the columns of ``core.happenings.as_known`` and surprise.
    result
        None where there is no asset to study.
    placebos
        By asset.
    """

    direction: str
    events: pd.DataFrame
    result: StudyResult | None
    placebos: Mapping[str, Placebo]


@dataclass(frozen=True, slots=True, eq=False)
class Studied:
    """Everything that was found: a study a group, assets that could not be studied with the
    reason, and the closes they were made of.
    """

    groups: tuple[GroupStudy, ...]
    missing: Mapping[str, str]
    closes: pd.DataFrame


def read_happenings(
    conn: Connection, dyad: str, wanted: Wanted, model_version: str, as_of: datetime | None
) -> dict[str, pd.DataFrame]:
    """The wanted happenings of each direction, with ``knowable_at`` and ``surprise``, as known at
    ``as_of``.
    """
    # Without a moment only the served model counts; with one, another may have spoken before it.
    only = model_version if as_of is None else None
    # What was expected stands on the happenings of the year before, its scale on those before it.
    start = None if wanted.since is None else max(wanted.since - 2 * REACH, _EARLIEST)
    scored = scored_happenings(conn, dyad, start, wanted.until, only)
    happenings = as_known(scored, model_version, as_of)
    chosen = choose(happenings.assign(surprise=surprises(happenings)), wanted)
    return {
        direction: happenings.assign(knowable_at=happenings["published_at"])
        for direction, happenings in chosen.items()
    }


def read_study_closes(
    conn: Connection,
    sectors: Sectors,
    question: Question,
    groups: Mapping[str, pd.DataFrame],
    now: datetime,
    *,
    simulated: bool,
) -> pd.DataFrame:
    """Closes of the assets and controls around the events, in the vintage known then."""
    moments = pd.concat([pd.to_datetime(one["knowable_at"], utc=True) for one in groups.values()])
    known = moments.dropna()
    ends = (pd.Timestamp(now),) * 2 if known.empty else (known.min(), known.max())
    first, last = same_years(*ends)
    study = question.study
    before = timedelta(days=int(1.5 * study.reach) + 2 * (study.gap - study.first) + 30)
    after = timedelta(days=2 * study.last + 30)
    return closes_known_at(
        conn,
        sorted(_tickers(sectors, question)),
        max(first - before, _EARLIEST).date(),
        min(last + after, pd.Timestamp(now) + timedelta(days=1)).date(),
        question.as_of,
        simulated=simulated,
    )


def study_groups(
    groups: Mapping[str, pd.DataFrame], closes: pd.DataFrame, sectors: Sectors, question: Question
) -> Studied:
    """Study each group of events on every asset; ValueError names a parameter that cannot be."""
    assets, missing = make_assets(closes, sectors, question)
    studied = [_study_group(name, events, assets, question) for name, events in groups.items()]
    return Studied(tuple(studied), missing, closes)


def make_assets(
    closes: pd.DataFrame, sectors: Sectors, question: Question
) -> tuple[list[Asset], dict[str, str]]:
    """The assets asked for, and those that could not be made of these closes, with the reason."""
    assets: list[Asset] = []
    missing: dict[str, str] = {}
    for name in question.assets:
        try:
            assets.append(_asset(name, closes, sectors, question.study.controls))
        except ValueError as error:
            missing[name] = str(error)
    return assets, missing


def check_question(question: Question, sectors: Sectors) -> None:
    """Raise ValueError, naming the field, for an asset or control that is not configured."""
    tickers = sectors.instruments
    for name in question.assets:
        if name not in sectors.members and name not in tickers:
            known = [*sectors.members, *tickers]
            raise ValueError(f"assets: {name!r} is not one of {', '.join(known)}")
    for name in question.study.controls:
        if name not in tickers:
            raise ValueError(f"controls: {name!r} is not one of {', '.join(tickers)}")
    if not question.assets or len(set(question.assets)) < len(question.assets):
        raise ValueError("assets: there is none, or one is named twice")
    if len(question.assets) > MOST_ASSETS:
        raise ValueError(f"assets: more than {MOST_ASSETS}")


_EARLIEST = pd.Timestamp("1990-01-01T00:00:00Z")


def same_years(first: pd.Timestamp, last: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Begin of the first moment's year and end of the last one's, UTC: where placebo dates lie.

    >>> [f"{one:%F %T}" for one in same_years(*[pd.Timestamp("2022-02-24 03:00Z")] * 2)]
    ['2022-01-01 00:00:00', '2022-12-31 23:59:59']
    """
    ends = pd.Timestamp(f"{last.year}-12-31 23:59:59Z")
    return pd.Timestamp(f"{first.year}-01-01 00:00:00Z"), ends


def _study_group(
    direction: str, events: pd.DataFrame, assets: Sequence[Asset], question: Question
) -> GroupStudy:
    if not assets:
        return GroupStudy(direction, events, None, {})
    result = run_study(events["knowable_at"], assets, question.study)
    placebos = {asset.name: _placebo(asset, result, question.placebos) for asset in assets}
    return GroupStudy(direction, events, result, placebos)


def _placebo(asset: Asset, result: StudyResult, draws: int) -> Placebo:
    """Random dates of the years of the asset's own events."""
    own = result.pairs[result.pairs["asset"] == asset.name]
    average = result.average(asset.name)
    closes_at = asset.closes_at if own.empty else own["closes_at"]
    span = same_years(closes_at.min(), closes_at.max())
    return placebo(asset, result.study, span, len(own), float(average.caar[-1]), draws)


def _asset(name: str, closes: pd.DataFrame, sectors: Sectors, controls: Sequence[str]) -> Asset:
    if name in sectors.members:
        return basket_asset(closes, name, sectors.holdings(name), controls)
    own = closes.loc[closes["ticker"] == name, "trading_day"]
    if own.empty:
        raise ValueError(f"{name}: has no closes")
    market = sectors.instruments[name].calendar
    days = trading_days(market, own.min().date(), own.max().date())
    calendar = pd.Series(closes_on(market, days), index=pd.DatetimeIndex(pd.to_datetime(days)))
    return ticker_asset(closes, name, controls, calendar=calendar)


def _tickers(sectors: Sectors, question: Question) -> set[str]:
    wanted = set(question.study.controls)
    for name in question.assets:
        wanted.update(sectors.tickers(name) if name in sectors.members else [name])
    return wanted
