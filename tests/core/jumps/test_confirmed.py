import numpy as np
import pandas as pd
import pytest

from risk_service.core.jumps.confirmed import agreeing_days, thinned

MOVES = pd.DataFrame(
    {
        "percentile": [np.nan, 0.95, 0.95, 0.95, 0.5, 0.99],
        "fits": [None, "escalation", "thaw", "neither", "thaw", "thaw"],
    }
)


@pytest.mark.parametrize(
    ("percentile", "ways", "found"),
    [
        (0.9, ["escalation"], (1, 5)),
        (0.9, ["thaw"], (2, 5)),
        (0.9, ["escalation", "thaw"], (3, 10)),
        (0.0, ["thaw"], (3, 5)),
        (0.97, ["escalation"], (0, 5)),
    ],
)
def test_days_are_counted_that_are_unusual_and_fit(
    percentile: float, ways: list[str], found: tuple[int, int]
) -> None:
    assert agreeing_days(MOVES, percentile, ways) == found


def test_so_many_jumps_are_left_as_markets_confirm() -> None:
    jumps = np.full(20_000, 3.0)
    left = thinned(jumps, 4.0, 300, 1_000, np.random.default_rng(0))
    assert left.mean() == pytest.approx(3.0 * 0.3, rel=0.01)
    # Of 12 jumps, binomial, and a little more because the share is known from 1,000 days only.
    share = 0.3
    varies = 12 * share * (1 - share) + 12 * 11 * share * (1 - share) / 1_002
    assert (4 * left).var() == pytest.approx(varies, rel=0.05)
    assert set(np.unique(4 * left)) <= set(range(13))


def test_where_nothing_jumps_nothing_is_confirmed() -> None:
    assert not thinned(np.zeros(50), 4.0, 3, 5, np.random.default_rng(0)).any()
