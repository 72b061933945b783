"""Findings as Markdown: every figure of docs/episodes.md, and the sentences that hold figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import isfinite

import numpy as np
import pandas as pd

from risk_service.studies import Studied
from risk_service.study_tables import reasons_of
from training.episode_studies import HORIZONS, CarPath, Episode, EpisodeFound, corrected

ALPHA = 0.05
NAMES = {
    "energy": "energy basket", "defense": "defence basket", "BRENT_SPOT": "Brent, spot",
    "RHM.DE": "Rheinmetall", "BA.L": "BAE Systems", "XOM": "Exxon Mobil",
    "LMT": "Lockheed Martin", "GD": "General Dynamics",
}  # fmt: skip
SPREAD = (0.1, 0.5, 0.9)
INDEX_DAYS = (-1, 0, 1, 3, 7)


def episode_block(found: EpisodeFound, q_values: Mapping[str, float]) -> str:
    """The tables of one episode; ``q_values`` by asset, of days 0 to 2."""
    parts = [
        f"![{found.episode.title}](episodes/{found.episode.name}.svg)",
        _opening(found),
        _table(_asset_head(), (_asset_row(path, q_values[path.asset]) for path in found.paths)),
        _verdict(found, q_values),
        _pooled(found),
        "Cumulated from day 0 on, with 95 % interval and p-value by day:",
        _days_table(found),
        "The index, made of the chronology alone, on the days around it:",
        _index_table(found),
    ]
    return "\n\n".join(filter(None, parts))


def summary_block(found: Sequence[EpisodeFound], q_values: Mapping[tuple[str, str], float]) -> str:
    """How many of all windows of the episodes stand after correction."""
    tests = sum(len(one.paths) for one in found)
    stand = [key for key, q in q_values.items() if q <= ALPHA]
    chance = sum(path.p_value[HORIZONS[1]] <= ALPHA for one in found for path in one.paths)
    named = "; ".join(f"{NAMES[asset]}, {title}" for title, asset in stand) or "none"
    return (
        f"Of {tests} windows (days 0 to {HORIZONS[1]}) of the four episodes {chance} have p ≤ 0.05,"
        f" and {len(stand)} q ≤ 0.05: {named}."
    )


def chronology_block(studies: Mapping[str, Studied]) -> str:
    """CAARs over days −1 to 2 of each filter, direction and sector, corrected for all of them."""
    rows = [
        (name, group.direction, average, group.placebos[average.asset])
        for name, studied in studies.items()
        for group in studied.groups
        if group.result is not None
        for average in group.result.averages
    ]
    p_values = [average.significance("kolari_pynnonen").p_value for _, _, average, _ in rows]
    q_values = corrected(p_values)
    head = (
        "happenings", "direction", "sector", "events", "CAAR", "95 % interval", "p", "q",
        "placebo, middle 95 %", "placebo p", "crowding",
    )  # fmt: skip
    lines = (
        (
            name, direction, NAMES[average.asset], f"{average.events}", percent(average.caar[-1]),
            span(average.low[-1], average.high[-1]), p_text(p), p_text(q),
            span(found.low[-1], found.high[-1]), p_text(found.share), number(average.crowding),
        )
        for (name, direction, average, found), p, q in zip(rows, p_values, q_values, strict=True)
    )  # fmt: skip
    stand = int((q_values <= ALPHA).sum())
    small = int((np.array(p_values) <= ALPHA).sum())
    told = (
        f"Of these {len(rows)} tests {small} have p ≤ 0.05 and {stand} q ≤ 0.05. The widest placebo"
        f" band reaches {_widest(studies)} from zero."
    )
    return "\n\n".join([_table(head, lines), told, _left_out(studies)])


def surprise_block(groups: Mapping[str, pd.DataFrame], episodes: Sequence[Episode]) -> str:
    """Spread of ``surprise`` by direction, and that of the episodes' own days."""
    rows = [
        (
            direction, f"{len(known)}", *(f"{known.quantile(q):.2f}" for q in SPREAD),
            f"{(known >= 1).sum()}", f"{known.idxmax():%-d %B %Y}",
        )
        for direction, happenings in groups.items()
        if len(known := happenings.set_index("published_at")["surprise"].dropna())
    ]  # fmt: skip
    head = ("direction", "happenings", *(f"{q:.0%}" for q in SPREAD), "1 and more", "most, on")
    own = ((one.title, _surprise_of(groups[one.direction], one)) for one in episodes)
    return "\n\n".join([_table(head, rows), _table(("episode", "surprise"), own)])


def _surprise_of(happenings: pd.DataFrame, episode: Episode) -> str:
    same = happenings["published_at"].dt.date == episode.at.date()
    return number(float(happenings.loc[same, "surprise"].max()))


def _widest(studies: Mapping[str, Studied]) -> str:
    edges = [
        abs(edge)
        for studied in studies.values()
        for group in studied.groups
        for found in group.placebos.values()
        for edge in (found.low[-1], found.high[-1])
    ]
    return f"{100 * max(edges):.2f} %"


def _left_out(studies: Mapping[str, Studied]) -> str:
    rows = [
        (
            name, group.direction, f"{len(group.events)}", f"{group.result.used}",
            "; ".join(
                f"{row['count']} {row['reason']}" + ("" if row["whole_event"] else " (by sector)")
                for row in reasons_of(group.result)
            ) or "none",
        )
        for name, studied in studies.items()
        for group in studied.groups
        if group.result is not None
    ]  # fmt: skip
    return _table(("happenings", "direction", "given", "used", "left out, and why"), rows)


def _opening(found: EpisodeFound) -> str:
    days = {path.asset: path.days[0] for path in found.paths}
    first = min(days.values())
    lacking = ", ".join(f"{NAMES.get(name, name)} ({why})" for name, why in found.missing.items())
    return (
        f"Knowable {found.episode.at:%Y-%m-%d %H:%M}Z, so day 0 is {first:%A}, "
        f"{first:%-d %B %Y}." + (f" Not studied: {lacking}." if lacking else "")
    )


def _asset_head() -> tuple[str, ...]:
    windows = ("day 0" if last == 0 else f"days 0 to {last}" for last in HORIZONS)
    return ("", *(name for window in windows for name in (window, "p")), f"q, 0 to {HORIZONS[1]}")


def _asset_row(path: CarPath, q_value: float) -> list[str]:
    cells = [NAMES[path.asset]]
    for last in HORIZONS:
        cells += [percent(path.car[last]), p_text(path.p_value[last])]
    return [*cells, p_text(q_value)]


def _verdict(found: EpisodeFound, q_values: Mapping[str, float]) -> str:
    last = HORIZONS[1]
    stands = [path for path in found.paths if q_values[path.asset] <= ALPHA]
    rest = [NAMES[path.asset] for path in found.paths if q_values[path.asset] > ALPHA]
    told = [f"{NAMES[path.asset]} {percent(path.car[last])}" for path in stands]
    yes = f"Beyond chance over days 0 to {last}, after correction: {', '.join(told) or 'nothing'}."
    return yes + (f" Not to be told from chance: {', '.join(rest)}." if rest else "")


def _pooled(found: EpisodeFound) -> str:
    told = [
        f"{NAMES[name].removesuffix(' basket')} p = {p_text(p)} ({count} members, mean correlation "
        f"{number(correlation)})"
        for name, (count, p, correlation) in found.pooled.items()
    ]
    return (
        f"Members of each sector as witnesses of one date, days 0 to {HORIZONS[1]}, by Kolari and "
        f"Pynnonen: {'; '.join(told)}."
    )


def _days_table(found: EpisodeFound) -> str:
    baskets = [path for path in found.paths if path.asset in found.pooled]
    head = ["day", *(n for path in baskets for n in (NAMES[path.asset], "95 % interval", "p"))]
    rows = []
    for k in range(len(baskets[0].days) if baskets else 0):
        cells = [f"{k}"]
        for path in baskets:
            cells += [percent(path.car[k]), span(path.low[k], path.high[k])]
            cells += [p_text(path.p_value[k])]
        rows.append(cells)
    return _table(head, rows)


def _index_table(found: EpisodeFound) -> str:
    days = found.index.set_index("day")
    at = found.episode.at.date()
    wanted = [at + timedelta(days=n) for n in INDEX_DAYS]
    rows = [(f"{day:%-d %B %Y}", *_index_cells(days, day)) for day in wanted if day in days.index]
    return _table(("day", "index", "90 % interval", "since the day before"), rows)


def _index_cells(days: pd.DataFrame, day: date) -> Iterator[str]:
    row = days.loc[day]
    before = days["risk_index"].get(day - timedelta(days=1), np.nan)
    yield f"{row['risk_index']:.1f}"
    yield f"{row['low']:.1f} to {row['high']:.1f}"
    change = row["risk_index"] - before
    yield _signed(change, 1) if isfinite(change) else "unknown"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def percent(value: float) -> str:
    """A log return in per cent, with sign.

    >>> percent(-0.0123)
    '−1.23 %'
    """
    return f"{_signed(100 * value, 2)} %" if isfinite(value) else "unknown"


def span(low: float, high: float) -> str:
    """An interval of log returns in per cent."""
    known = isfinite(low) and isfinite(high)
    return f"{_signed(100 * low, 2)} to {_signed(100 * high, 2)}" if known else "unknown"


def p_text(value: float) -> str:
    """A p-value to three digits.

    >>> p_text(0.00004), p_text(0.0312)
    ('< 0.001', '0.031')
    """
    if not isfinite(value):
        return "unknown"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def number(value: float) -> str:
    """A share or correlation."""
    return f"{value:.2f}" if isfinite(value) else "unknown"


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")
