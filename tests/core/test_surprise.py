from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from risk_service.core.surprise import LEAST, MOST, REACH, surprises
from tests.series import check_causal

START = datetime(2020, 1, 1, 23, 59, 59, tzinfo=UTC)


def news(count: int = 700, days: int = 1_400, seed: int = 4) -> pd.DataFrame:
    """Made-up happenings at ends of days, several on some of them."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.integers(0, days, count))
    shares = rng.dirichlet([1, 2, 1], count)
    return pd.DataFrame(
        {
            "published_at": pd.to_datetime([START + timedelta(days=int(n)) for n in at], utc=True),
            "p_thaw": shares[:, 0],
            "p_escalation": shares[:, 1],
            "p_neutral": shares[:, 2],
            "severity": rng.uniform(1, 3, count),
        }
    )


def by_hand(rows: pd.DataFrame) -> list[float]:
    """The same from the words of docs/market-studies.md, by plain loops."""
    listed = rows.to_dict("records")
    for row in listed:
        row["x"] = row["severity"] * (row["p_escalation"] - row["p_thaw"])

    def past(at: pd.Timestamp) -> list[dict[str, float]]:
        return [r for r in listed if at - REACH <= r["published_at"] < at]

    for row in listed:
        before, at = past(row["published_at"]), row["published_at"]
        weights = [0.5 ** ((at - r["published_at"]) / pd.Timedelta(days=30)) for r in before]
        mean = sum(w * r["x"] for w, r in zip(weights, before, strict=True)) / (sum(weights) or 1)
        row["distance"] = row["x"] - mean if len(before) >= LEAST else float("nan")
    found = []
    for row in listed:
        far = [abs(r["distance"]) for r in past(row["published_at"])]
        far = [one for one in far if not np.isnan(one)]
        scale = 1.4826 * float(np.median(far)) if len(far) >= LEAST else float("nan")
        most = max(("p_thaw", "p_escalation", "p_neutral"), key=lambda name: row[name])
        told = row["distance"] / scale
        found.append({"p_thaw": -told, "p_escalation": told, "p_neutral": abs(told)}[most])
    return found


def test_it_is_what_plain_loops_say() -> None:
    rows = news(160, 700)
    expected = by_hand(rows)
    np.testing.assert_allclose(surprises(rows), expected, rtol=1e-9)
    assert 80 < np.isfinite(expected).sum() < 160


def test_the_first_talks_in_a_war_are_a_surprise_and_one_more_strike_is_none() -> None:
    days = [START + timedelta(days=n) for n in range(200)]
    shares = np.random.default_rng(1).uniform(0.6, 0.9, 200)
    rows = pd.DataFrame(
        {
            "published_at": pd.to_datetime(days, utc=True), "p_thaw": 0.05, "p_escalation": shares,
            "p_neutral": 0.95 - shares, "severity": 2.5,
        }
    )  # fmt: skip
    rows.loc[198, ["p_thaw", "p_escalation", "p_neutral"]] = [0.9, 0.05, 0.05]
    found = surprises(rows)
    assert found[198] > 10
    assert found[150:198].abs().max() < 4
    assert found[:LEAST].isna().all()


def test_happenings_of_one_moment_know_nothing_of_each_other() -> None:
    rows = news()
    twice = rows["published_at"].duplicated(keep=False)
    assert twice.sum() > 100
    order = np.random.default_rng(2).permutation(len(rows))
    shuffled = rows.iloc[order].sort_values("published_at", kind="stable")
    pd.testing.assert_series_equal(surprises(shuffled).sort_index(), surprises(rows))


def test_two_years_before_say_the_same_as_all() -> None:
    rows = news()
    first = rows["published_at"].iloc[-60]
    bounded = rows[rows["published_at"] >= first - 2 * REACH]
    assert len(bounded) < len(rows)
    pd.testing.assert_series_equal(surprises(bounded).iloc[-60:], surprises(rows).iloc[-60:])


def test_of_many_the_last_are_looked_at() -> None:
    rows = news(2 * MOST + 100, 300)
    at = rows["published_at"].iloc[-1]
    before = rows[rows["published_at"] < at]
    last = pd.concat([before.iloc[-2 * MOST :], rows[rows["published_at"] == at]])
    assert len(last) < len(rows)
    assert surprises(last).iloc[-1] == pytest.approx(surprises(rows).iloc[-1], rel=1e-9)


def test_news_that_never_varies_has_no_scale() -> None:
    rows = news().assign(p_thaw=0.1, p_escalation=0.6, p_neutral=0.3, severity=1.0)
    assert surprises(rows).isna().all()


def test_nothing_in_nothing_out_and_disorder_is_refused() -> None:
    assert surprises(news().iloc[:0]).empty
    with pytest.raises(ValueError, match="order"):
        surprises(news()[::-1])


def test_what_is_said_of_a_happening_never_changes() -> None:
    def told(known: pd.DataFrame) -> pd.DataFrame:
        found = surprises(known).to_frame("surprise")
        return found.set_axis(pd.DatetimeIndex(known["published_at"]))

    check_causal(told, news(), "published_at", START + timedelta(days=900, hours=1))
