"""Single fits against statsmodels, and what makes a fit impossible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import t

from risk_service.core.event_study import Asset, Study, StudyResult, run_study

DAYS = pd.bdate_range("2024-01-01", periods=200)
CLOSES = (DAYS + pd.Timedelta(hours=21)).tz_localize("UTC")


def an_asset(
    returns: Sequence[float] | np.ndarray | None = None, controls: pd.DataFrame | None = None
) -> Asset:
    rng = np.random.default_rng(5)
    columns = rng.normal(0, 0.01, (len(DAYS), 3)) @ [[1, 0.5, 0.2], [0, 1, 0.4], [0, 0, 1]]
    given = pd.DataFrame(columns, index=DAYS, columns=["M", "SMB", "HML"])
    made = 0.001 + columns @ [1.1, -0.4, 0.3] + rng.normal(0, 0.01, len(DAYS))
    values = made if returns is None else np.asarray(returns, float)
    return Asset("A", DAYS, CLOSES, CLOSES, values, given if controls is None else controls)


def study_of(asset: Asset, row: int, controls: Sequence[str] = (), **other: int) -> StudyResult:
    given = {"first": -1, "last": 2, "estimation": 100, "least": 60, "gap": 4, "draws": 99} | other
    study = Study(controls=tuple(controls), **given)
    return run_study([CLOSES[row] - pd.Timedelta(hours=1)], [asset], study)


def reason_of(result: StudyResult) -> str:
    assert result.used == 0
    assert np.isnan(result.pooled.caar).all()
    return str(result.dropped["reason"].item())


@pytest.mark.parametrize("controls", [(), ("M",), ("M", "SMB", "HML")])
@pytest.mark.parametrize("unknown", [(), (70, 71, 90)])
def test_a_fit_is_that_of_statsmodels(controls: tuple[str, ...], unknown: tuple[int, ...]) -> None:
    asset = an_asset()
    asset.returns[list(unknown)] = np.nan
    pair = study_of(asset, 150, controls).pairs.iloc[0]
    window, event = slice(45, 145), slice(149, 153)
    x = np.column_stack([np.ones(len(DAYS)), asset.controls[list(controls)]])
    fit = sm.OLS(asset.returns[window], x[window], missing="drop").fit()
    assert pair["alpha"] == pytest.approx(fit.params[0], abs=1e-12)
    assert [pair[f"beta {n}"] for n in controls] == pytest.approx(list(fit.params[1:]), abs=1e-12)
    assert pair["sigma"] == pytest.approx(np.sqrt(fit.mse_resid), abs=1e-12)
    assert pair["observations"] == fit.nobs == 100 - len(unknown)
    forecast = fit.get_prediction(x[event])
    ar = asset.returns[event] - forecast.predicted_mean
    assert pair["car"] == pytest.approx(ar.sum(), abs=1e-12)
    # Four days at once: the model's error in the summed forecast, and four new residuals.
    total = x[event].sum(axis=0)
    error = np.sqrt(total @ fit.cov_params() @ total + 4 * fit.mse_resid)
    assert pair["car_error"] == pytest.approx(error, abs=1e-12)
    assert pair["p_value"] == pytest.approx(2 * t.sf(abs(ar.sum() / error), fit.df_resid))


def test_one_day_has_the_error_of_a_forecast() -> None:
    asset = an_asset()
    pair = study_of(asset, 150, ("M", "SMB"), first=0, last=0).pairs.iloc[0]
    x = sm.add_constant(asset.controls[["M", "SMB"]].to_numpy())
    fit = sm.OLS(asset.returns[46:146], x[46:146]).fit()
    assert pair["car_error"] == pytest.approx(float(fit.get_prediction(x[150:151]).se_obs[0]))


def test_too_few_known_returns() -> None:
    asset = an_asset()
    asset.returns[60:101] = np.nan
    assert reason_of(study_of(asset, 150)) == "too few known returns in its estimation window"
    assert study_of(asset, 150, least=59).used == 1
    assert reason_of(study_of(an_asset(), 60)) == "too few known returns in its estimation window"


def test_the_first_return_is_unknown_and_the_window_may_begin_before_it() -> None:
    asset = an_asset()
    asset.returns[0] = np.nan
    assert study_of(asset, 90).pairs["observations"].item() == 84


def test_an_unknown_return_in_the_event_window() -> None:
    for row in (149, 150, 152):
        asset = an_asset()
        asset.returns[row] = np.nan
        assert reason_of(study_of(asset, 150)) == "a return in its event window is unknown"
    asset = an_asset()
    asset.controls.iloc[151, 0] = np.nan
    assert study_of(asset, 150, ("SMB",)).used == 1
    assert reason_of(study_of(asset, 150, ("M",))) == "a return in its event window is unknown"


def test_a_window_that_is_not_over() -> None:
    assert study_of(an_asset(), 197).used == 1
    assert reason_of(study_of(an_asset(), 198)) == "its event window is not over"


def test_a_window_before_the_first_day() -> None:
    assert reason_of(study_of(an_asset(), 0)) == (
        "its event window begins before the asset's first day"
    )


def test_returns_without_variation() -> None:
    flat = "no variation is left to explain in its estimation window"
    assert reason_of(study_of(an_asset(np.full(len(DAYS), 0.003)), 150)) == flat
    on_the_line = an_asset()
    line = an_asset(0.001 + 2 * on_the_line.controls["M"].to_numpy())
    assert reason_of(study_of(line, 150, ("M",))) == flat


def test_controls_that_cannot_be_told_apart() -> None:
    alike = "the controls cannot be told apart in its estimation window"
    controls = an_asset().controls.assign(twice=lambda c: 2 * c["M"] - 0.01, still=0.003)
    asset = an_asset(controls=controls)
    assert reason_of(study_of(asset, 150, ("M", "twice"))) == alike
    assert reason_of(study_of(asset, 150, ("still",))) == alike
    assert study_of(asset, 150, ("twice",)).used == 1


@pytest.mark.parametrize("differs", ["controls", "closes_at"])
def test_assets_of_the_same_days_are_not_confused(differs: str) -> None:
    """Each has its own answer beside another one with other controls, or another day 0."""
    one = an_asset()
    early = one.closes_at - pd.Timedelta(hours=6)
    other = replace(
        one, name="B", **{"controls": {"controls": one.controls[::-1].set_axis(one.days)},
                          "closes_at": {"closes_at": early}}[differs],
    )  # fmt: skip
    study = Study(-1, 2, estimation=100, least=60, gap=4, controls=("M",), draws=99)
    moments = [CLOSES[row] - pd.Timedelta(hours=1) for row in (130, 150, 170)]
    both = run_study(moments, [one, other], study).pairs.set_index("asset")
    for asset in (one, other):
        alone = run_study(moments, [asset], study).pairs.set_index("asset")
        pd.testing.assert_frame_equal(both.loc[[asset.name]], alone)
    assert not np.allclose(both.loc["A", "car"], both.loc["B", "car"])


def test_a_very_small_control_is_as_good_as_a_large_one() -> None:
    asset = an_asset()
    small = an_asset(controls=asset.controls * [1e-6, 1.0, 1e5])
    names = ("M", "SMB", "HML")
    ours, theirs = (study_of(one, 150, names).pairs.iloc[0] for one in (asset, small))
    assert ours["car"] == pytest.approx(theirs["car"], abs=1e-12)
    assert ours["car_error"] == pytest.approx(theirs["car_error"], abs=1e-12)
    assert ours["beta M"] == pytest.approx(theirs["beta M"] * 1e-6)
