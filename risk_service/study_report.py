"""A study as one HTML file: figure, tables and the exact parameters; it asks no other address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from html import escape
from math import isfinite
from typing import Any

import orjson
import pandas as pd

from risk_service.studies import Question, Studied
from risk_service.study_answer import CROWDING, parameters_of, prices_of
from risk_service.study_chart import draw_study
from risk_service.study_tables import averages_table, cars_table, reasons_of, significance_table

Row = dict[str, Any]
Cell = Callable[[Any], str]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-size: 13px }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #ddd; text-align: right }
th { background: #f4f4f4 } td.text, th.text { text-align: left; max-width: 30rem }
.simulated { background: #b3362b; color: #fff; padding: .6rem 1rem; font-weight: bold }
pre { background: #f4f4f4; padding: .8rem; overflow-x: auto } svg { max-width: 100%; height: auto }
"""
_SIMULATED = (
    '<p class="simulated">Simulated prices: a random walk, no market. '
    "Nothing below is a finding.</p>"
)
_READING = (
    "<p>AAR is the mean abnormal return of a day, CAAR its sum from the first day of the window; "
    "low and high bound a bootstrap interval that draws events. kolari_pynnonen holds where events "
    "raise the variance and returns share dates; bmp not where they share dates, patell in neither "
    "case. <b>placebo</b> is the share of studies of as many random dates of the same years whose "
    "CAAR lies at least as far from zero. With many assets, windows and filters some p-values fall "
    "below 0.05 by chance alone. Nothing here predicts returns.</p>"
    f"<p><b>crowding</b>: {escape(CROWDING)}.</p>"
)


def html_report(
    studied: Studied, question: Question, asked: Row, made_at: datetime, *, simulated: bool
) -> str:
    """The whole page.

    Parameters
    ----------
    asked
        What the events were chosen by, as plain data; it stands with the parameters.
    """
    parameters = {**asked, **parameters_of(question), "as_of": question.as_of}
    prices = prices_of(studied.closes, simulated)
    title = f"Event study, days {question.study.first} to {question.study.last}"
    picture = draw_study(studied, title, simulated=simulated, picture="svg").decode()
    parts = [
        f"<h1>{escape(title)}</h1>",
        _SIMULATED if simulated else "",
        _headline(studied, made_at, prices),
        picture[picture.index("<svg") :],
        _READING,
        "<h2>Results over the whole window</h2>",
        _results(studied, simulated),
        "<h2>Day by day</h2>",
        _days(studied, simulated),
        "<h2>Events used and left out</h2>",
        _left_out(studied),
        "<h2>Every event</h2>",
        _cars(studied, simulated),
        "<h2>Parameters</h2>",
        f"<pre>{escape(_json({'parameters': parameters, 'prices': prices}))}</pre>",
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = "\n".join(filter(None, parts))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _headline(studied: Studied, made_at: datetime, prices: Row) -> str:
    counts = "; ".join(
        f"{group.direction}: {0 if group.result is None else group.result.used} used of "
        f"{len(group.events)}"
        for group in studied.groups
    )
    source = ", ".join(prices["providers"]) or "none"
    missing = "".join(
        f"<p>Not studied: {escape(name)} ({escape(why)})</p>"
        for name, why in studied.missing.items()
    )
    return (
        f"<p>Made {made_at:%Y-%m-%d %H:%M}Z. Events {escape(counts)}. "
        f"Closes from {escape(source)}, {prices['first_trading_day']} to "
        f"{prices['last_trading_day']}.</p>{missing}"
    )


def _results(studied: Studied, simulated: bool) -> str:
    table = significance_table(studied, simulated)
    if table.empty:
        return "<p>None.</p>"
    keys = ["direction", "asset", "events", "crowding", "caar", "low", "high"]
    tests = list(dict.fromkeys(table["test"]))
    rows = [
        [*key, *group.set_index("test")["p_value"].reindex(tests)]
        for key, group in table.groupby(keys, sort=False, dropna=False)
    ]
    heads = [*keys, *(f"p {test}" for test in tests)]
    cells: list[Callable[[Any], str]] = [_text, _text, str, share, *[percent] * 3]
    cells += [*[p_value] * len(tests)]
    return _table(heads, cells, rows)


def _days(studied: Studied, simulated: bool) -> str:
    names = ["direction", "asset", "day", "aar", "aar_p_value", "caar", "low", "high",
             "placebo_low", "placebo_high"]  # fmt: skip
    cells: list[Callable[[Any], str]] = [_text, _text, str, percent, p_value, *[percent] * 5]
    return _table(names, cells, averages_table(studied, simulated)[names].to_numpy().tolist())


def _left_out(studied: Studied) -> str:
    rows = [
        [group.direction, row["reason"], "event" if row["whole_event"] else "asset", row["count"]]
        for group in studied.groups
        if group.result is not None
        for row in reasons_of(group.result)
    ]
    return _table(["direction", "reason", "left out", "count"], [_text, _text, _text, str], rows)


def _cars(studied: Studied, simulated: bool) -> str:
    names = ["direction", "knowable_at", "text", "surprise", "asset", "trading_day", "car",
             "p_value"]  # fmt: skip
    cells = [_text, _minute, _text, _surprise, _text, _day, percent, p_value]
    rows = cars_table(studied, simulated)[names].itertuples(index=False)
    return _table(names, cells, rows)


def _table(heads: Sequence[str], cells: Sequence[Cell], rows: Iterable[Iterable[Any]]) -> str:
    marks = [' class="text"' if cell is _text else "" for cell in cells]
    head = "".join(
        f"<th{mark}>{escape(name)}</th>" for mark, name in zip(marks, heads, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{mark}>{escape(cell(value))}</td>"
            for mark, cell, value in zip(marks, cells, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>" if body else "<p>None.</p>"


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def percent(value: float) -> str:
    """A fraction in percent; unknown where it is NaN."""
    return f"{100 * value:+.2f} %" if isfinite(value) else "unknown"


def share(value: float) -> str:
    """A share of one; unknown where it is NaN."""
    return f"{value:.2f}" if isfinite(value) else "unknown"


def p_value(value: float) -> str:
    """A p-value; unknown where it is NaN."""
    return f"{value:.3f}" if isfinite(value) else "unknown"


def _surprise(value: Any) -> str:
    return "" if value is None or value != value else f"{value:.1f}"


def _minute(value: pd.Timestamp) -> str:
    return f"{value:%Y-%m-%d %H:%M}Z"


def _day(value: pd.Timestamp) -> str:
    return f"{value:%Y-%m-%d}"


def _json(content: Row) -> str:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode()
