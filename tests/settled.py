"""Settled days for the tests, written straight into the store."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlalchemy import Connection

from risk_service.desk import DEFAULT_DYAD
from risk_service.store.index import add_vintages
from risk_service.store.tables import INDEX_VALUES

FIRST = date(2020, 1, 1)


def wandering_index(days: int, seed: int = 8) -> list[float]:
    """A daily index that wanders about 50 and leaps by 35 points in its last thirty days."""
    steps = np.random.default_rng(seed).standard_t(4, days) * 3
    found = [50.0]
    for step in steps[1:]:
        found.append(float(np.clip(50 + 0.9 * (found[-1] - 50) + step, 0, 60)))
    found[-30:] = [min(value + 35, 100) for value in found[-30:]]
    return found


def settle(
    conn: Connection,
    values: list[float],
    first: date = FIRST,
    vintage: int = 1,
    late: int = 0,
    **parts: list[float],
) -> None:
    """Write the index of so many days on end, each known so many days after its midnight.

    ``parts`` are further columns; what is not given is 0.
    """
    rows = []
    for n, value in enumerate(values):
        day = first + timedelta(days=n)
        end = datetime.combine(day, time(), UTC) + timedelta(days=1 + late)
        rows.append(
            {
                "dyad": DEFAULT_DYAD,
                "day": day,
                "vintage": vintage,
                "known_at": end,
                "computed_at": end,
                "reconstructed": False,
                "model_version": "test",
                "method_version": "test",
                "escalation_index": None,
                "thaw_index": None,
                **dict.fromkeys(INDEX_VALUES, 0.0),
                "risk_index": value,
                **{name: column[n] for name, column in parts.items()},
            }
        )
    add_vintages(conn, rows)
