from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from risk_service.core.event_study.ranks import centred_ranks

VALUES = st.one_of(st.just(float("nan")), st.integers(-4, 4).map(float))


@given(st.lists(st.lists(VALUES, min_size=7, max_size=7), min_size=1, max_size=4))
def test_ranks_are_those_of_scipy(rows: list[list[float]]) -> None:
    values = np.array(rows)
    ranks = rankdata(values, axis=1, nan_policy="omit")
    expected = ranks / (np.isfinite(values).sum(axis=1, keepdims=True) + 1) - 0.5
    assert centred_ranks(values) == pytest.approx(expected, nan_ok=True)


def test_no_rows_have_no_ranks() -> None:
    assert centred_ranks(np.empty((0, 5))).shape == (0, 5)
