import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.abstention import MARGIN, abstains, too_close


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.floats(0, 1))
def test_it_is_the_difference_of_the_two_highest(weights: list[float], margin: float) -> None:
    p = np.array(weights) / sum(weights)
    best = int(p.argmax())
    second = max(p[i] for i in range(3) if i != best)
    assert too_close([p], margin).tolist() == [p[best] - second < margin]


def test_a_tie_is_too_close_and_a_certainty_never() -> None:
    assert too_close([[0.4, 0.4, 0.2], [0.0, 1.0, 0.0]], MARGIN).tolist() == [True, False]
    assert not too_close([[0.4, 0.4, 0.2]], 0).any()


def test_the_margin_itself_is_not_too_close() -> None:
    assert too_close([[0.625, 0.375, 0.0]], 0.25).tolist() == [False]


def test_what_was_not_scored_does_not_abstain() -> None:
    assert too_close(np.full((2, 3), np.nan)).tolist() == [False, False]
    assert too_close(np.zeros((0, 3))).tolist() == []


@pytest.mark.parametrize(("shape", "margin"), [((3,), 0.1), ((2, 1), 0.1), ((2, 3), 1.5)])
def test_wrong_shapes_and_margins_are_refused(shape: tuple[int, ...], margin: float) -> None:
    with pytest.raises(ValueError, match=r"probabilities: shape|margin: "):
        too_close(np.ones(shape) / 3, margin)


def test_one_text() -> None:
    assert abstains([0.1, 0.5, 0.4])
    assert not abstains([0.1, 0.8, 0.1])
