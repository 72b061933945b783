from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from risk_service.core.jumps import DEFAULTS, Known, Rule, calendar, firings, known_then, scores
from tests.series import check_causal

START = datetime(2024, 1, 1, tzinfo=UTC)
LOW = {"jump_1d": 2.0, "jump_7d": 1.5, "level": 10.0, "drift": 5.0}


def wandering(days: int = 400, seed: int = 4) -> pd.DataFrame:
    """Vintages of days that wander about 50, some missing, some revised later."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_t(3, days) * 4
    value = [50.0]
    for step in steps[1:]:
        value.append(float(np.clip(50 + 0.95 * (value[-1] - 50) + step, 0, 100)))
    day = pd.date_range(START, periods=days)
    table = pd.DataFrame({"day": day, "vintage": 1, "known_at": day, "risk_index": value})
    table["known_at"] += pd.Timedelta(days=1)
    revised = table.sample(60, random_state=1).assign(vintage=2)
    revised["risk_index"] += rng.normal(0, 5, 60)
    revised["known_at"] += pd.to_timedelta(rng.integers(1, 30, 60), unit="D")
    return pd.concat(
        [table.drop(index=range(200, 210)), revised[~revised.index.isin(range(200, 210))]]
    )


@pytest.mark.parametrize("name", DEFAULTS)
def test_later_days_and_later_vintages_change_no_firing(name: str) -> None:
    rule = DEFAULTS[name]

    def judged(vintages: pd.DataFrame) -> pd.DataFrame:
        days = calendar(vintages).tz_localize(None)
        known = known_then(vintages.assign(day=vintages["day"].dt.tz_localize(None)))
        found = firings(rule, known, days, LOW[name])
        signed = pd.DataFrame({"signed": scores(rule, known)[:, 0]}, days)
        told = pd.get_dummies(found.set_index("day"), columns=["direction"], dtype=float)
        told = told.groupby(level=0).sum().reindex(columns=COLUMNS)
        told.index = told.index.as_unit(days.unit)
        table = signed.join(told).tz_localize("UTC")
        return table.set_axis(table.index + pd.Timedelta(days=1))

    whole = wandering()
    check_causal(judged, whole, "known_at", datetime(2024, 12, 1, 12, tzinfo=UTC))
    assert judged(whole)["direction_thaw"].sum() > 0


COLUMNS = [
    "value_from", "value_to", "score", "threshold", "past_share",
    "direction_escalation", "direction_thaw",
]  # fmt: skip


def leap(rule: Rule, by: float, threshold: float) -> pd.DataFrame:
    index = 50 + np.tile([-0.5, 0.5], 60)
    index[100:] += by
    days = pd.date_range("2025-01-01", periods=len(index))
    return firings(rule, Known.of_paths(index[:, None]), days, threshold)


@pytest.mark.parametrize(("by", "direction"), [(30.0, "escalation"), (-30.0, "thaw")])
@pytest.mark.parametrize("name", DEFAULTS)
def test_every_kind_sees_a_leap_and_says_which_way(name: str, by: float, direction: str) -> None:
    found = leap(DEFAULTS[name], by, LOW[name] + 1)
    assert found["direction"].unique().tolist() == [direction]
    first = found.iloc[0]
    assert pd.Timestamp("2025-04-11") <= first["day"] <= pd.Timestamp("2025-04-14")
    assert first["score"] >= first["threshold"] == LOW[name] + 1
    assert first["past_share"] == 0, "nothing like it came before"
    assert leap(DEFAULTS[name], 0, LOW[name] + 1).empty


def test_a_leap_is_told_in_index_points_and_scales() -> None:
    first = leap(DEFAULTS["jump_1d"], 30, 10).iloc[0]
    assert (first["value_from"], first["value_to"]) == (50.5, 79.5)
    # 100 days of changes of exactly one point: √(π/2) times their mean size.
    assert first["score"] == pytest.approx(29 / (np.pi / 2) ** 0.5)
