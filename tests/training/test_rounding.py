import numpy as np
import numpy.typing as npt

from training.accurate.rounding import Rounded, compensated, rounded

STEPS = 4.5
DRAW = np.random.default_rng(0)
INPUTS = (DRAW.normal(size=(4_000, 30)) @ DRAW.normal(size=(30, 192))).astype(np.float32)
INPUTS += DRAW.normal(0, 0.3, INPUTS.shape).astype(np.float32)
MATRIX = DRAW.normal(0, 0.05, (192, 100)).astype(np.float32)


def error(matrix: npt.NDArray[np.float32], found: Rounded) -> float:
    """Of the products, as a share of their size."""
    numbers, scale = found
    exact = INPUTS @ matrix
    return float(np.linalg.norm(INPUTS @ (numbers * scale) - exact) / np.linalg.norm(exact))


def second() -> npt.NDArray[np.float64]:
    return (INPUTS.T @ INPUTS).astype(np.float64)


def test_products_lose_far_less_where_rounding_looks_at_what_comes() -> None:
    nearest, mended = rounded(MATRIX, STEPS), compensated(MATRIX, STEPS, second())
    assert error(MATRIX, mended) < 0.4 * error(MATRIX, nearest)
    assert np.array_equal(nearest[1], mended[1])


def test_inputs_that_know_nothing_of_each_other_leave_nothing_to_mend() -> None:
    nearest, same = rounded(MATRIX, STEPS), compensated(MATRIX, STEPS, np.eye(192))
    assert np.array_equal(nearest[0], same[0])


def test_a_large_weight_is_not_cut_off() -> None:
    matrix = MATRIX.copy()
    matrix[3, 7] = 4.0
    for numbers, scale in (rounded(matrix, STEPS), compensated(matrix, STEPS, second())):
        assert abs(numbers[3, 7] * scale[7] - 4.0) <= scale[7]
        assert np.abs(numbers).max() <= 127
    assert error(matrix, compensated(matrix, STEPS, second())) < 0.05
