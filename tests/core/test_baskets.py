from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from risk_service.core.baskets import Holding, basket_levels
from risk_service.core.sectors import Sectors, read_sectors, sector_levels
from tests.prices import closes_of, weekdays

NAN = float("nan")
DAYS = weekdays(date(2025, 3, 3), 5)
TOML = """
market = "SPY"
controls = [{ ticker = "SPY", calendar = "XNYS", currency = "USD" }]
[sectors]
arms = [
  { ticker = "LMT", calendar = "XNYS", currency = "USD", weight = 3, entered = 2024-03-18 },
  { ticker = "RTX", calendar = "XNYS", currency = "USD", left = 2025-03-05 },
]
arms_equal = [{ ticker = "LMT", calendar = "XNYS", currency = "USD" }]
"""


def test_weights_are_proportions() -> None:
    closes = closes_of(DAYS[:2], {"A": [100, 110], "B": [100, 98]})
    for scale in (1.0, 40.0):
        levels = basket_levels(closes, [Holding("A", 3 * scale), Holding("B", scale)])
        assert levels["level"].iloc[1] == pytest.approx(100 * (1 + (3 * 0.10 - 0.02) / 4))
    assert basket_levels(closes, ["A", "B"])["level"].iloc[1] == pytest.approx(104)


def test_the_weight_of_a_missing_holding_is_shared_by_the_others() -> None:
    closes = closes_of(DAYS[:3], {"A": [100, 110, 121], "B": [100, NAN, 90], "C": [50, 50, 50]})
    levels = basket_levels(closes, [Holding("A", 2.0), Holding("B", 5.0), Holding("C", 1.0)])
    second, third = (2 * 0.1 / 3), (2 * 0.1 + 5 * -0.1) / 8
    assert levels["return"].iloc[1] == pytest.approx(np.log1p(second))
    assert levels["return"].iloc[2] == pytest.approx(np.log1p(third))
    assert levels["members"].tolist() == [0, 2, 3]


def test_holdings_are_bought_at_the_close_they_enter_and_sold_at_the_close_they_leave() -> None:
    closes = closes_of(
        DAYS, {"A": [100, 101, 102, 103, 104], "B": [10, 20, 22, 33, 66], "C": [5, 10, 20, 10, 5]}
    )
    holdings = ["A", Holding("B", entered=DAYS[1]), Holding("C", left=DAYS[2])]
    levels = basket_levels(closes, holdings)
    a = [101 / 100, 102 / 101, 103 / 102, 104 / 103]
    expected = [
        (a[0] + 2) / 2 - 1,  # A and C; B is bought at this close
        (a[1] + 1.1 + 2) / 3 - 1,
        (a[2] + 1.5) / 2 - 1,  # C was sold at the close before
        (a[3] + 2) / 2 - 1,
    ]
    assert np.expm1(levels["return"].iloc[1:]).tolist() == pytest.approx(expected)
    assert levels["members"].tolist() == [0, 2, 3, 2, 2]


def test_a_holding_that_left_does_not_make_days_or_their_closes() -> None:
    closes = closes_of(DAYS, {"A": [1, 2, NAN, 4, 5], "B": [1, 2, 3, 4, 5]}, {"B": 15.5})
    levels = basket_levels(closes, ["A", Holding("B", left=DAYS[1])])
    assert levels.index.date.tolist() == [DAYS[0], DAYS[1], DAYS[3], DAYS[4]]
    assert levels["closes_at"].dt.hour.tolist() == [15, 15, 21, 21]
    assert levels["last_closes_at"].dt.hour.tolist() == [21, 21, 21, 21]


def test_holdings_that_cannot_be() -> None:
    closes = closes_of(DAYS, {"A": [1, 2, 3, 4, 5]})
    with pytest.raises(ValueError, match="given twice"):
        basket_levels(closes, ["A", Holding("A")])
    for weight in (0.0, -1.0, NAN, float("inf")):
        with pytest.raises(ValueError, match="weight"):
            Holding("A", weight)
    with pytest.raises(ValueError, match="left"):
        Holding("A", entered=DAYS[1], left=DAYS[1])


def test_no_closes_make_no_levels() -> None:
    assert len(basket_levels(closes_of(DAYS, {"A": [1, 2, 3, 4, 5]}), ["B"])) == 0


def test_the_configuration_of_sectors_may_weigh_and_date_its_members() -> None:
    sectors = read_sectors(TOML)
    assert sectors.holdings("arms") == (
        Holding("LMT", 3.0, entered=date(2024, 3, 18)),
        Holding("RTX", left=date(2025, 3, 5)),
    )
    assert sectors.holdings("arms_equal") == (Holding("LMT"),)
    assert sectors.tickers("arms") == ("LMT", "RTX")
    with pytest.raises(ValueError, match="sector"):
        sectors.holdings("shoes")
    closes = closes_of(DAYS[:2], {"LMT": [100, 110], "RTX": [100, 98]})
    levels = sector_levels(closes, sectors.holdings("arms"))
    assert levels["level"].iloc[1] == pytest.approx(100 * (1 + (3 * 0.10 - 0.02) / 4))


@pytest.mark.parametrize(
    ("given", "instead", "told"),
    [
        ("weight = 3", 'weight = "3"', "not a number"),
        ("weight = 3", "weight = -3", "weight"),
        ("left = 2025-03-05", 'left = "2025-03-05"', "a day"),
        ("left = 2025-03-05", "left = 2025-03-05T21:00:00Z", "a day"),
        ("weight = 3", "wieght = 3", "may have unit, weight"),
    ],
)
def test_a_wrong_weight_or_day_is_named(given: str, instead: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_sectors(TOML.replace(given, instead))


def test_a_sector_can_be_bundled_and_weighted_in_another() -> None:
    assert isinstance(read_sectors(TOML), Sectors)
