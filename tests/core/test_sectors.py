from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from risk_service.core.closes import closes_to_frame
from risk_service.core.sectors import (
    TABLE_COLUMNS,
    Member,
    Sectors,
    read_sectors,
    sector_levels,
    sector_returns,
    sector_table,
)
from tests.prices import a_close, closes_of, random_walk, weekdays
from tests.series import check_causal

NAN = float("nan")
DAYS = weekdays(date(2025, 3, 3), 10)
TWO = Sectors(
    {"energy": (Member("XOM", "XNYS", "USD"), Member("CVX", "XNYS", "USD"))},
    (Member("SPY", "XNYS", "USD"),),
    "SPY",
)
TOML = """
market = "SPY"
controls = [{ ticker = "SPY", calendar = "XNYS", currency = "USD" }]
[sectors]
arms = [{ ticker = "BA.L", calendar = "XLON", currency = "GBP", unit = "pence" }]
"""


def vintages(days: list[date], risks: list[float]) -> pd.DataFrame:
    """One vintage of each day, known at its end."""
    known = [datetime(d.year, d.month, d.day, tzinfo=UTC) + timedelta(days=1) for d in days]
    table = pd.DataFrame({"day": days, "risk_index": risks, "known_at": known})
    return table.assign(vintage=1, reconstructed=False)


def bundled() -> Sectors:
    return read_sectors(files("risk_service").joinpath("sectors.toml").read_text("utf-8"))


def test_the_bundled_sectors_are_the_promised_ones() -> None:
    sectors = bundled()
    assert sectors.tickers("energy") == ("XLE", "XOM", "CVX", "BZ=F", "CL=F")
    assert sectors.tickers("defense") == ("ITA", "LMT", "RTX", "NOC", "GD", "RHM.DE", "BA.L")
    assert [control.ticker for control in sectors.controls] == ["SPY", "^VIX"]
    assert sectors.market == "SPY"
    assert len(sectors.instruments) == 14
    assert sectors.instruments["BA.L"].unit == "pence"


def test_a_configuration_is_read() -> None:
    sectors = read_sectors(TOML)
    assert sectors.members == {"arms": (Member("BA.L", "XLON", "GBP", "pence"),)}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('market = "SPY"', 'market = "QQQ"', "market: 'QQQ' is not among the controls"),
        ('market = "SPY"', "", "need market"),
        ('market = "SPY"', 'market = "SPY"\nmakret = 1', "makret"),
        ('unit = "pence"', 'unit = "groats"', "unit: 'groats'"),
        ('unit = "pence"', 'units = "pence"', "arms"),
        ('currency = "GBP"', 'currency = "GBp"', "currency: 'GBp'"),
        ('calendar = "XLON"', "calendar = 3", "not text"),
        ("arms = [{", "Arms = [{", "small letters"),
        ("[sectors]", "[[sectors]]", "sectors: is not a table"),
        ('"BA.L", calendar', '"SPY", calendar', "described in two ways"),
        ("arms = [", "arms = 1 #", "arms: is not a list"),
        ('market = "SPY"', 'market = "SPY', "not TOML"),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(old: str, new: str, complaint: str) -> None:
    assert old in TOML
    with pytest.raises(ValueError, match=complaint):
        read_sectors(TOML.replace(old, new, 1))


def test_a_sector_needs_members_and_each_once() -> None:
    member = TWO.controls[0]
    for members in ((), (member, member)):
        with pytest.raises(ValueError, match=r"sectors\.energy"):
            replace(TWO, members={"energy": members})
    with pytest.raises(ValueError, match="'oil' is not one of"):
        TWO.tickers("oil")


def test_the_level_is_the_mean_of_the_members_returns() -> None:
    closes = closes_of(DAYS[:3], {"XOM": [100, 110, 110], "CVX": [50, 50, 60], "SPY": [1, 2, 3]})
    levels = sector_levels(closes, ("XOM", "CVX"))
    assert levels["level"].tolist() == pytest.approx([100, 105, 115.5])
    assert levels["return"].tolist()[1:] == pytest.approx([np.log(1.05), np.log(1.1)])
    assert np.isnan(levels["return"].iloc[0])
    assert levels["members"].tolist() == [0, 2, 2]


def test_adjusted_closes_make_the_level() -> None:
    split = [a_close("XOM", DAYS[0], 200, 100), a_close("XOM", DAYS[1], 102, 102)]
    assert sector_levels(closes_to_frame(split), ("XOM",))["level"].iloc[1] == pytest.approx(102)


def test_a_missing_close_is_left_out_and_not_filled() -> None:
    closes = closes_of(DAYS[:4], {"XOM": [100, 101, 102, 103], "CVX": [50, NAN, 60, 60]})
    levels = sector_levels(closes, ("XOM", "CVX"))
    assert levels["members"].tolist() == [0, 1, 2, 2]
    second, third = levels["return"].iloc[1:3]
    assert second == pytest.approx(np.log(1.01))
    assert third == pytest.approx(np.log(1 + (1 / 101 + 0.2) / 2))


def test_members_enter_on_their_second_close_and_leave_after_their_last() -> None:
    closes = closes_of(DAYS[:5], {"XOM": [100, 101, 102, 103, 104], "CVX": [NAN, NAN, 50, 51, NAN]})
    assert sector_levels(closes, ("XOM", "CVX"))["members"].tolist() == [0, 1, 1, 2, 1]


def test_a_day_on_which_few_trade_is_no_day_of_the_sector() -> None:
    london = [10.0, 11.0, 12.0]
    closes = closes_of(
        DAYS[:3],
        {"BA.L": london, "LMT": [100, NAN, 110], "RTX": [100, NAN, 100], "GD": [100, NAN, 100]},
    )
    levels = sector_levels(closes, ("BA.L", "LMT", "RTX", "GD"))
    assert [day.date() for day in levels.index] == [DAYS[0], DAYS[2]]
    # London's move over both days is kept, not lost with the day between.
    assert levels["return"].iloc[1] == pytest.approx(np.log(1 + (0.2 + 0.1) / 4))


def test_a_member_gone_for_a_week_no_longer_counts() -> None:
    gone = [100.0, *[NAN] * 9]
    closes = closes_of(DAYS, {"XOM": random_walk(10, 1), "CVX": gone, "COP": gone, "OXY": gone})
    days = sector_levels(closes, ("XOM", "CVX", "COP", "OXY")).index
    assert [day.date() for day in days] == [DAYS[0], *DAYS[5:]]


def test_after_a_hole_the_level_goes_on_from_the_last() -> None:
    days = [*DAYS[:2], date(2025, 6, 2), date(2025, 6, 3)]
    levels = sector_levels(closes_of(days, {"XOM": [100, 110, 50, 55]}), ("XOM",))
    assert levels["level"].fillna(-1).tolist() == pytest.approx([100, 110, -1, 121])
    assert np.isnan(levels["return"].iloc[2])


def test_negative_oil_is_left_out_for_two_days() -> None:
    closes = closes_of(DAYS[:4], {"CL=F": [18, -37, 10, 11], "XOM": [100, 100, 100, 100]})
    levels = sector_levels(closes, ("CL=F", "XOM"))
    assert levels["members"].tolist() == [0, 1, 1, 2]
    assert levels["level"].tolist() == pytest.approx([100, 100, 100, 105])


def test_a_table_has_the_promised_columns_and_the_first_day_after() -> None:
    closes = closes_of(DAYS[:3], {"XOM": [100, 110, 121], "CVX": [100, 110, 121]})
    days = vintages([date(2025, 3, 2), *DAYS[:3]], [50, 51, 52, 53])
    table = sector_table(days, closes, TWO, "energy")
    assert tuple(table.columns) == TABLE_COLUMNS
    assert table["risk_index"].tolist() == [50, 51, 52, 53]
    assert [d.date() for d in table["trading_day"][:3]] == DAYS[:3]
    assert table["level"].tolist()[:3] == pytest.approx([100, 110, 121])
    assert table.iloc[3][["trading_day", "level", "return"]].isna().all()
    assert (table["closes_at"][:3] > table["knowable_at"][:3]).all()
    assert table["abnormal_return"].isna().all()
    assert table["simulated"].tolist() == [False] * 4


def test_a_match_waits_for_all_closes_to_lie_after_the_moment() -> None:
    closes = closes_of(
        DAYS[:2], {"BA.L": [10, 11], "LMT": [100, 110]}, hours={"BA.L": 16.5, "LMT": 21.0}
    )
    levels = sector_levels(closes, ("BA.L", "LMT"))
    assert levels["closes_at"].iloc[0] == pd.Timestamp("2025-03-03 16:30", tz="UTC")


def test_the_abnormal_return_is_what_the_market_does_not_explain() -> None:
    days = weekdays(date(2024, 1, 1), 200)
    market = random_walk(200, 1)
    moved = [100 * (price / market[0]) ** 1.2 for price in market]
    moved[150:] = [price * 1.05 for price in moved[150:]]
    table = sector_returns(closes_of(days, {"XOM": moved, "SPY": market}), ("XOM",), "SPY")
    abnormal = table["abnormal_return"]
    assert abnormal.iloc[150] == pytest.approx(np.log(1.05), abs=1e-9)
    assert abnormal.iloc[61:150].abs().max() < 1e-9
    assert abnormal.iloc[:61].isna().all()


def test_without_the_market_there_are_no_abnormal_returns() -> None:
    closes = closes_of(weekdays(date(2024, 1, 1), 100), {"XOM": random_walk(100, 2)})
    table = sector_returns(closes, ("XOM",), "SPY")
    assert table["abnormal_return"].isna().all()
    assert table["return"].notna().sum() == 99


def test_the_table_is_causal() -> None:
    days = weekdays(date(2024, 1, 1), 200)
    gaps = [NAN if n % 13 == 5 else price for n, price in enumerate(random_walk(200, 3))]
    closes = closes_of(
        days,
        {"XOM": random_walk(200, 1), "CVX": gaps, "SPY": random_walk(200, 2)},
        hours={"CVX": 16.5},
    )
    dates = list(pd.date_range("2024-01-01", "2024-10-20").date)
    index_days = vintages(dates, list(np.linspace(40, 60, len(dates))))

    def joined(known: pd.DataFrame) -> pd.DataFrame:
        table = sector_table(index_days, known, TWO, "energy").dropna(subset="closes_at")
        return table.set_index("closes_at")

    # Between two days: a day of which only some closes are known may still change.
    check_causal(joined, closes, "closes_at", datetime(2024, 7, 3, 12, tzinfo=UTC))


def test_simulated_closes_say_so_and_never_mix() -> None:
    index_days = vintages([date(2025, 3, 2)], [50.0])
    made_up = closes_to_frame([a_close("XOM", simulated=True)])
    assert sector_table(index_days, made_up, TWO, "energy")["simulated"].tolist() == [True]
    mixed = closes_to_frame([a_close("XOM"), a_close("SPY", simulated=True)])
    with pytest.raises(ValueError, match="mixed"):
        sector_table(index_days, mixed, TWO, "energy")


def test_no_closes_give_a_table_of_unknowns() -> None:
    index_days = vintages([date(2025, 3, 2)], [50.0])
    table = sector_table(index_days, closes_to_frame([]), TWO, "energy")
    assert tuple(table.columns) == TABLE_COLUMNS
    assert table["level"].isna().all() and table["trading_day"].isna().all()
