"""Averages over events, with their tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.bootstrap import Bootstrapped
from risk_service.core.event_study.measured import Measured
from risk_service.core.event_study.result import TESTS, Average, Significance
from risk_service.core.event_study.significance import (
    adjusted_bmp,
    bmp,
    mean_correlation,
    patell,
    rank_test,
)
from risk_service.core.event_study.study import Study

Floats = npt.NDArray[np.float64]


def average(
    name: str, measured: Measured, columns: Sequence[int], drawn: Bootstrapped, row: int,
    study: Study,
) -> Average:  # fmt: skip
    """Average over the events of the assets in ``columns``, with ``row`` of the bootstrap."""
    used = measured.used[:, columns]
    ar = measured.ar[:, columns][used]
    correlation = mean_correlation(measured.correlations[:, columns][:, :, columns], used)
    scaled = ar / measured.ar_error[:, columns][used]
    daily = [adjusted_bmp(scaled[:, day], correlation)[1] for day in range(ar.shape[1])]
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
        significances=_tests(measured, columns, correlation, drawn, row, study),
    )


def _tests(
    measured: Measured, columns: Sequence[int], correlation: float, drawn: Bootstrapped, row: int,
    study: Study,
) -> tuple[Significance, ...]:  # fmt: skip
    used = measured.used[:, columns]
    scar = (measured.car[:, columns] / measured.car_error[:, columns])[used]
    degrees = measured.observations[:, columns][used] - len(study.controls) - 1
    sums, counts = measured.rank_sums[columns], measured.rank_counts[columns]
    found = (
        patell(scar, degrees),
        bmp(scar),
        adjusted_bmp(scar, correlation),
        rank_test(sums.sum(axis=0), counts.sum(axis=0), len(study.days)),
        (float(drawn.statistic[row, -1]), float(drawn.p_value[row, -1])),
    )
    return tuple(Significance(test, *one) for test, one in zip(TESTS, found, strict=True))
