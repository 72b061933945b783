"""The bootstrap over events by plain loops, beside ``papers``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from risk_service.core.event_study import Study
from tests.core.event_study.papers import Car


def bootstrap(
    cars: Sequence[Car], days: int, study: Study, depends: float
) -> tuple[float, float, float, float]:
    """Statistic, p-value and interval of the sum of the first ``days`` abnormal returns.

    The resamples take events for independent; ``depends`` makes up for it.
    """
    by_event: dict[int, list[float]] = {}
    for car in cars:
        by_event.setdefault(car.event, []).append(sum(car.ar[:days]))
    blocks = [by_event[event] for event in by_event]
    mean, error = _mean_and_error(blocks)
    rng = np.random.default_rng(study.seed)
    distances = []
    for drawn in rng.integers(0, len(blocks), (study.draws, len(blocks))):
        its_mean, its_error = _mean_and_error([blocks[k] for k in drawn])
        distances.append(abs(its_mean - mean) / its_error)
    whole_error = error * math.sqrt(depends)
    beyond = sum(distance >= abs(mean / whole_error) for distance in distances)
    # The smallest distance that at least the wanted share of the resamples do not exceed.
    place = math.ceil(round(study.level * (study.draws - 1), 9))
    limit = sorted(distances)[place] * whole_error
    return mean / whole_error, (1 + beyond) / (1 + study.draws), mean - limit, mean + limit


def _mean_and_error(blocks: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Mean of all values, and its error with blocks as clusters (Cameron and Miller 2015)."""
    n = sum(len(block) for block in blocks)
    mean = sum(sum(block) for block in blocks) / n
    squares = sum(sum(value - mean for value in block) ** 2 for block in blocks)
    return mean, math.sqrt(squares * len(blocks) / (len(blocks) - 1)) / n
