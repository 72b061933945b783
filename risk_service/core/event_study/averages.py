"""Averages over events, with their tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.bootstrap import Bootstrapped
from risk_service.core.event_study.measured import Measured
from risk_service.core.event_study.ranks import rank_sums
from risk_service.core.event_study.result import TESTS, Average, Significance
from risk_service.core.event_study.significance import (
    adjusted_bmp,
    bmp,
    dependence_of,
    mean_correlation,
    patell,
    rank_test,
)
from risk_service.core.event_study.study import Study

Floats = npt.NDArray[np.float64]


def dependence(measured: Measured, columns: Sequence[int]) -> float:
    """``significance.dependence_of`` the CARs of the assets in ``columns``."""
    return dependence_of(
        measured.correlations[:, columns][:, :, columns],
        measured.shared[columns][:, columns],
        measured.used[:, columns],
    )


def of_days(whole: float, days: npt.ArrayLike, length: int) -> Floats:
    """Dependence of sums over fewer days than the event window's ``length``.

    Each day of the window is held against the same normal days, so that the correlation of two
    sums is in proportion to their days.
    """
    return 1 + (whole - 1) * np.asarray(days, dtype=np.float64) / length


def average(
    name: str, measured: Measured, columns: Sequence[int], drawn: Bootstrapped, row: int,
    depends: float, study: Study,
) -> Average:  # fmt: skip
    """Average over the events of the assets in ``columns``, with ``row`` of the bootstrap."""
    used = measured.used[:, columns]
    ar = measured.ar[:, columns][used]
    correlation = mean_correlation(measured.correlations[:, columns][:, :, columns], used)
    scaled = ar / measured.ar_error[:, columns][used]
    single = float(of_days(depends, 1, len(study.days)))
    daily = [adjusted_bmp(scaled[:, day], correlation, single)[1] for day in range(ar.shape[1])]
    aar = ar.mean(axis=0) if len(ar) else np.full(ar.shape[1], np.nan)
    return Average(
        asset=name,
        events=int(used.any(axis=1).sum()),
        cars=int(used.sum()),
        days=study.days,
        aar=aar,
        aar_p_value=np.array(daily),
        caar=np.cumsum(aar),
        low=drawn.low[row],
        high=drawn.high[row],
        correlation=correlation,
        crowding=float(measured.crowding[:, columns][used].mean()) if len(ar) else np.nan,
        dependence=depends if len(ar) else np.nan,
        significances=_tests(measured, columns, correlation, drawn, row, depends, study),
    )


def _tests(
    measured: Measured, columns: Sequence[int], correlation: float, drawn: Bootstrapped, row: int,
    depends: float, study: Study,
) -> tuple[Significance, ...]:  # fmt: skip
    used = measured.used[:, columns]
    scar = (measured.car[:, columns] / measured.car_error[:, columns])[used]
    degrees = measured.observations[:, columns][used] - len(study.controls) - 1
    sums, counts = rank_sums(measured, columns, correlation)
    found = (
        patell(scar, degrees, depends),
        bmp(scar, depends),
        adjusted_bmp(scar, correlation, depends),
        rank_test(sums, counts, len(study.days), depends),
        (float(drawn.statistic[row, -1]), float(drawn.p_value[row, -1])),
    )
    return tuple(Significance(test, *one) for test, one in zip(TESTS, found, strict=True))
