"""A study as plain data, alike for the API and the report."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.event_study import Average, Study
from risk_service.core.happenings import Wanted
from risk_service.core.placebo import Placebo
from risk_service.studies import GroupStudy, Question, Studied
from risk_service.study_tables import cars_table, reasons_of

Row = dict[str, Any]

DIGITS = 8
CROWDED = 0.1
CROWDING = (
    "Share of the days before the events that lies in event windows of other events. Clean "
    "estimation windows pass these days over and reach further back. With clean=false and a share "
    "above 0.1 CAAR is too near to zero by about this share and tests reject too seldom"
)
_CARS = (
    "event_id", "knowable_at", "text", "asset", "trading_day", "closes_at", "over_at", "car",
    "car_error", "p_value", "surprise", "reconstructed",
)  # fmt: skip


def study_answer(studied: Studied, question: Question, *, simulated: bool) -> Row:
    """``as_of``, ``parameters``, ``prices``, ``missing`` and ``studies``; unknown is None."""
    cars = cars_table(studied, simulated)
    return {
        "as_of": question.as_of,
        "parameters": parameters_of(question),
        "prices": prices_of(studied.closes, simulated),
        "missing": dict(studied.missing),
        "studies": [_group(group, cars) for group in studied.groups],
    }


def parameters_of(question: Question) -> Row:
    """Every parameter of the study."""
    study: Study = question.study
    return {
        "assets": list(question.assets),
        "model": study.model,
        "controls": list(study.controls),
        "first": study.first,
        "last": study.last,
        "estimation": study.estimation,
        "least": study.least,
        "gap": study.gap,
        "overlap": study.overlap,
        "level": study.level,
        "seed": study.seed,
        "clean": study.clean,
        "bootstrap_draws": study.draws,
        "placebo_draws": question.placebos,
    }


def filter_of(wanted: Wanted) -> Row:
    """Which happenings were asked for."""
    return {
        "min_severity": wanted.min_severity,
        "min_surprise": wanted.min_surprise,
        "theme": wanted.theme,
        "directness": wanted.directness,
        "origin": wanted.origin,
        "from": wanted.since,
        "to": wanted.until,
    }


def prices_of(closes: pd.DataFrame, simulated: bool) -> Row:
    """Whose closes, of what kind and how fresh."""
    days, empty = closes["trading_day"], closes.empty
    return {
        "simulated": simulated,
        "providers": sorted(closes["provider"].unique()),
        "first_trading_day": None if empty else days.min().date(),
        "last_trading_day": None if empty else days.max().date(),
        "fetched_at": None if empty else closes["fetched_at"].max().to_pydatetime(),
    }


def _group(group: GroupStudy, cars: pd.DataFrame) -> Row:
    result = group.result
    own = cars[cars["direction"] == group.direction]
    return {
        "direction": group.direction,
        "given": len(group.events),
        "used": 0 if result is None else result.used,
        "dropped": [] if result is None else reasons_of(result),
        "averages": []
        if result is None
        else [_average(one, group.placebos[one.asset]) for one in result.averages],
        "cars": _plain_rows(own[list(_CARS)]),
    }


def _average(average: Average, found: Placebo) -> Row:
    return {
        "asset": average.asset,
        "events": average.events,
        "days": list(average.days),
        "aar": _numbers(average.aar),
        "aar_p_value": _numbers(average.aar_p_value),
        "caar": _numbers(average.caar),
        "low": _numbers(average.low),
        "high": _numbers(average.high),
        "correlation": _number(average.correlation),
        "crowding": _number(average.crowding),
        "dependence": _number(average.dependence),
        "significances": [
            {
                "test": one.test,
                "statistic": _number(one.statistic),
                "p_value": _number(one.p_value),
            }
            for one in average.significances
        ],
        "placebo": {
            "draws": found.draws,
            "dates": found.events,
            "apart": found.apart,
            "mean": _numbers(found.mean),
            "low": _numbers(found.low),
            "high": _numbers(found.high),
            "p_value": _number(found.share),
        },
    }


def _plain_rows(frame: pd.DataFrame) -> list[Row]:
    columns = {str(name): _plain(frame[name]) for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(column: pd.Series[Any]) -> list[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return [moment.to_pydatetime() for moment in column]
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return [day.date() for day in column]
    if column.name == "event_id":
        return [None if pd.isna(one) else int(one) for one in column]
    if pd.api.types.is_float_dtype(column.dtype):
        return _numbers(column.to_numpy(dtype=np.float64))
    return [None if pd.isna(one) else one for one in column.astype(object)]


def _numbers(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [_number(one) for one in values.tolist()]


def _number(value: float) -> float | None:
    return round(value, DIGITS) if np.isfinite(value) else None
