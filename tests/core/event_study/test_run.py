"""What a study accepts, accounts for and refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from risk_service.core.event_study import (
    DROPPED_COLUMNS,
    PAIR_COLUMNS,
    TESTS,
    Study,
    StudyResult,
    run_study,
    ticker_asset,
)
from risk_service.core.event_study.significance import adjusted_bmp, bmp, patell, rank_test
from tests.core.event_study.test_papers import made_up, moments_within

STUDY = Study(-1, 2, estimation=80, least=60, gap=3, draws=99)
TICKERS = ("ONE", "TWO", "FAR")


def study_of(moments: list[datetime], study: Study = STUDY) -> StudyResult:
    closes = made_up()
    return run_study(moments, [ticker_asset(closes, name, ("SPY",)) for name in TICKERS], study)


def test_every_event_and_asset_is_used_or_dropped_once() -> None:
    result = study_of(moments_within(date(2021, 12, 1), 1000, 150, seed=8))
    whole = set(result.dropped.loc[result.dropped["asset"] == "", "event"])
    single = set(map(tuple, result.dropped.loc[result.dropped["asset"] != "", ["event", "asset"]]
                     .to_numpy().tolist()))  # fmt: skip
    used = set(zip(result.pairs["event"], result.pairs["asset"], strict=True))
    every = {(event, name) for event in range(150) if event not in whole for name in TICKERS}
    assert used | single == every
    assert len(used) + len(single) == len(every)
    assert result.used == len({event for event, _ in used})
    assert len(result.pairs) == len(result.ar) == len(used)
    assert tuple(result.pairs.columns) == (*PAIR_COLUMNS, "beta SPY")
    assert tuple(result.dropped.columns) == DROPPED_COLUMNS
    assert result.pairs["car"].to_numpy() == pytest.approx(result.ar.sum(axis=1))
    assert (result.pairs["knowable_at"] < result.pairs["closes_at"]).all()
    assert (result.pairs["closes_at"] <= result.pairs["over_at"]).all()


def test_the_order_of_events_and_assets_does_not_matter() -> None:
    moments = moments_within(date(2022, 3, 1), 860, 50, seed=9)
    closes = made_up()
    assets = [ticker_asset(closes, name, ("SPY",)) for name in TICKERS]
    one = run_study(moments, assets, STUDY)
    other = run_study(moments[::-1], assets[::-1], STUDY)
    for name in (*TICKERS, "all"):
        assert one.average(name).caar == pytest.approx(other.average(name).caar)
        for test in TESTS:
            ours, theirs = (r.average(name).significance(test).statistic for r in (one, other))
            assert ours == pytest.approx(theirs, rel=1e-9), (name, test)


def test_no_event_gives_an_empty_answer() -> None:
    for moments in ([], [datetime(2030, 1, 1, tzinfo=UTC)]):
        result = study_of(moments)
        assert result.used == 0 == len(result.pairs)
        assert len(result.dropped) == len(moments)
        for average in (*result.averages, result.pooled):
            assert average.events == average.cars == 0
            assert np.isnan([average.aar, average.caar, average.low, average.high]).all()
            assert np.isnan([one.p_value for one in average.significances]).all()


def test_one_event_has_a_p_value_of_its_own_and_few_tests() -> None:
    result = study_of([datetime(2023, 5, 3, tzinfo=UTC)])
    one = result.average("ONE")
    assert one.cars == 1
    assert np.isfinite(result.pairs["p_value"]).all()
    known = {s.test for s in one.significances if np.isfinite(s.p_value)}
    assert known == {"patell", "rank"}
    assert {s.test for s in result.pooled.significances if np.isfinite(s.p_value)} == set(TESTS) - {
        "bootstrap"
    }


def test_a_planted_effect_is_found_where_it_was_planted() -> None:
    closes = made_up()
    clean = ticker_asset(closes, "ONE", ("SPY",))
    moments = moments_within(date(2022, 6, 1), 500, 25, seed=10)
    rows = run_study(moments, [clean], STUDY).pairs["trading_day"]
    returns = clean.returns.copy()
    returns[clean.days.get_indexer(rows)] += 0.05
    planted = run_study(moments, [replace(clean, returns=returns)], STUDY).average("ONE")
    before = run_study(moments, [clean], STUDY).average("ONE")
    moved = planted.aar - before.aar
    # Earlier events lie in later estimation windows: what is normal then holds some of the effect.
    assert moved == pytest.approx([0, 0.05, 0, 0], abs=0.05 * planted.crowding)
    assert planted.low[-1] > 0.02
    assert planted.high[0] > 0 > planted.low[0]
    assert all(one.p_value < 0.02 for one in planted.significances)
    assert planted.aar_p_value[1] < 1e-6


def test_what_a_study_refuses() -> None:
    asset = ticker_asset(made_up(), "ONE", ("SPY",))
    now = [datetime(2023, 5, 3, tzinfo=UTC)]
    with pytest.raises(ValueError, match="no time zone"):
        run_study([datetime(2023, 5, 3)], [asset], STUDY)  # noqa: DTZ001
    for assets in ([], [asset, asset]):
        with pytest.raises(ValueError, match="assets"):
            run_study(now, assets, STUDY)
    with pytest.raises(ValueError, match=r"controls: ONE lacks \['VIX'\]"):
        run_study(now, [asset], replace(STUDY, controls=("SPY", "VIX")))
    result = run_study(now, [asset], STUDY)
    with pytest.raises(ValueError, match="asset: 'TWO'"):
        result.average("TWO")
    with pytest.raises(ValueError, match="test: 'sign'"):
        result.pooled.significance("sign")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first", 1), ("last", -1), ("estimation", 19), ("least", 4), ("least", 81), ("gap", -1),
        ("controls", ("SPY", "SPY")), ("overlap", "keep"), ("draws", 98), ("level", 1.0),
    ],
)  # fmt: skip
def test_parameters_out_of_bounds_are_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(STUDY, **{field: value})  # type: ignore[arg-type]


def test_the_number_of_controls_names_the_model() -> None:
    models = [replace(STUDY, controls=c).model for c in ((), ("SPY",), ("SPY", "SMB"))]
    assert models == ["constant mean", "market", "multi-factor"]


def test_statistics_without_enough_cars_are_unknown() -> None:
    assert np.isnan(patell(np.array([]), np.array([], dtype=np.int64))).all()
    for scar in ([], [1.0], [2.0, 2.0]):
        assert np.isnan(bmp(np.array(scar))).all()
    scar = np.array([1.0, 2.0, 0.5])
    for correlation in (-0.6, 1.0, np.nan):
        assert np.isnan(adjusted_bmp(scar, correlation)).all()
    assert np.isfinite(adjusted_bmp(scar, -0.4)).all()


def test_days_on_which_nothing_is_known_do_not_steady_the_ranks() -> None:
    sums = np.array([0.3, -0.2, 0.1, -0.4, 0.5])
    counts = np.array([4, 4, 2, 4, 4])
    plain = rank_test(sums, counts, 2)
    u = sums / np.sqrt(counts)
    assert plain[0] == pytest.approx((u[3] + u[4]) / np.sqrt(2 * np.mean(u**2)))
    with_gap = rank_test(np.insert(sums, 1, 0.0), np.insert(counts, 1, 0), 2)
    assert with_gap == plain
    assert np.isnan(rank_test(np.zeros(5), np.zeros(5, dtype=np.int64), 2)).all()
    assert np.isnan(rank_test(np.zeros(5), counts, 2)).all()
