from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk_service.core.event_study import Asset, Study
from risk_service.core.event_study.correlation import residual_correlations
from risk_service.core.event_study.estimation import Spans
from risk_service.core.event_study.measured import measure

DAYS = pd.bdate_range("2025-01-01", periods=40)


def asset_on(days: pd.DatetimeIndex, name: str = "A", seed: int = 0) -> Asset:
    closes_at = (days + pd.Timedelta(hours=21)).tz_localize("UTC")
    returns = np.random.default_rng(seed).normal(0, 0.01, len(days))
    return Asset(name, days, closes_at, closes_at, returns, pd.DataFrame(index=days))


def spans_from(first_rows: np.ndarray) -> list[Spans]:
    """Windows of days in a row, one column an asset."""
    days = np.arange(-60, 120)
    return [Spans(days, own + 60, np.zeros_like(own)) for own in first_rows.T]


def by_hand(residuals: np.ndarray, first_rows: np.ndarray, assets: list[Asset]) -> np.ndarray:
    """Dictionaries by date, for one event after the other."""
    events, count, length = residuals.shape
    found = np.full((events, count, count), np.nan)
    for event in range(events):
        dated = []
        for j, asset in enumerate(assets):
            rows = first_rows[event, j] + np.arange(length)
            dated.append(
                {
                    asset.days[row]: value
                    for row, value in zip(rows, residuals[event, j], strict=True)
                    if 0 <= row < len(asset.days) and np.isfinite(value)
                }
            )
        for i in range(count):
            for j in range(count):
                common = sorted(set(dated[i]) & set(dated[j]))
                x, y = ([dated[k][day] for day in common] for k in (i, j))
                if common:
                    found[event, i, j] = np.dot(x, y) / np.sqrt(np.dot(x, x) * np.dot(y, y))
    return found


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("holidays", [(), (12, 25)])
@pytest.mark.parametrize("unknown", [False, True])
def test_days_are_matched_by_date(shift: int, holidays: tuple[int, ...], unknown: bool) -> None:
    """One market may be a day ahead of the other, or have other holidays, or both."""
    assets = [asset_on(DAYS), asset_on(DAYS.delete(list(holidays))), asset_on(DAYS)]
    first_rows = np.array([[8, 8 + shift, 8], [20, 20 + shift, 20 + shift], [-3, -3, -3 + shift]])
    residuals = np.random.default_rng(1).normal(0, 1, (3, 3, 15))
    residuals[2, :, :4] = np.nan
    if unknown:
        residuals[0, 1, 5:8] = np.nan
        residuals[1, 2] = np.nan
    ours = residual_correlations(residuals, spans_from(first_rows), assets)
    assert ours == pytest.approx(by_hand(residuals, first_rows, assets), nan_ok=True, abs=1e-12)


def test_assets_that_never_meet_have_no_correlation() -> None:
    assets = [asset_on(DAYS[:20]), asset_on(DAYS[20:])]
    found = residual_correlations(np.ones((1, 2, 10)), spans_from(np.array([[5, 5]])), assets)
    assert found[0] == pytest.approx(np.array([[1, np.nan], [np.nan, 1]]), nan_ok=True)
    none = spans_from(np.empty((0, 2), int))
    assert residual_correlations(np.empty((0, 2, 9)), none, assets).shape == (0, 2, 2)


def test_what_is_not_used_is_unknown_everywhere() -> None:
    study = Study(0, 1, estimation=20, least=15, gap=0, controls=(), draws=99)
    assets = [asset_on(DAYS, "A"), asset_on(DAYS, "B", seed=1)]
    rows = np.array([[30, 30], [32, -1], [39, 5]])
    measured = measure(assets, rows, study)
    assert measured.used.tolist() == [[True, True], [True, False], [False, False]]
    for figure in (measured.alpha, measured.sigma, measured.car, measured.car_error):
        assert (np.isfinite(figure) == measured.used).all()
    assert (np.isfinite(measured.ar).all(axis=2) == measured.used).all()
    assert np.isnan(measured.correlations[1, 0, 1])
    assert measured.correlations[0, 0, 1] == measured.correlations[0, 1, 0] != 0
