import numpy as np
import pytest

from risk_service.core.jumps.baseline import CLIP, LEAST_SCALE, WARM_UP, baseline


def by_hand(values: list[float], half_life: float, centred: bool) -> list[tuple[float, float]]:
    """The same baseline, one value after the other, by its definition in docs/alerts.md."""
    rate, normal = 1 - 2 ** (-1 / half_life), (np.pi / 2) ** 0.5
    seen: list[float] = []
    told = []
    centre = scale = float("nan")
    for value in values:
        told.append((centre, scale))
        if np.isnan(value):
            continue
        seen.append(value)
        if len(seen) == WARM_UP:
            centre = float(np.median(seen)) if centred else 0.0
            scale = max(normal * float(np.mean([abs(one - centre) for one in seen])), LEAST_SCALE)
        elif len(seen) > WARM_UP:
            away = min(max(value - centre, -CLIP * scale), CLIP * scale)
            centre += rate * away if centred else 0
            scale = max((1 - rate) * scale + rate * normal * abs(away), LEAST_SCALE)
    return told


@pytest.mark.parametrize("centred", [True, False])
def test_centre_and_scale_are_those_of_the_definition_gaps_included(centred: bool) -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_t(3, (200, 2)) * 4
    values[rng.random((200, 2)) < 0.1] = np.nan
    centre, scale = baseline(values, 30, centred=centred)
    for column in range(2):
        expected = by_hand(list(values[:, column]), 30, centred)
        assert centre[:, column] == pytest.approx([c for c, _ in expected], nan_ok=True)
        assert scale[:, column] == pytest.approx([s for _, s in expected], nan_ok=True)


def test_the_value_judged_is_not_in_its_own_baseline() -> None:
    values = np.random.default_rng(2).normal(0, 3, (150, 1))
    shocked = values.copy()
    shocked[120] = 1_000
    told, moved = (np.array(baseline(one, 30, centred=True)) for one in (values, shocked))
    assert (told[:, :121] == moved[:, :121])[:, WARM_UP:].all()
    assert (told[1, 121] < moved[1, 121]).all()


def test_one_shock_counts_for_no_more_than_the_clip() -> None:
    calm = np.full((101, 1), 2.0) * np.where(np.arange(101) % 2, 1, -1)[:, None]
    huge, large = calm.copy(), calm.copy()
    huge[99], large[99] = 1e6, 100.0
    scales = [baseline(one, 30, centred=False)[1][100, 0] for one in (huge, large)]
    assert scales[0] == scales[1]
