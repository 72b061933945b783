"""Named series for the tests, and the laws that every function of time must keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

START = datetime(2025, 1, 1, tzinfo=UTC)


def scored(*rows: dict[str, object]) -> pd.DataFrame:
    """Scored events, each a story of its own about the dyad unless said otherwise."""
    defaults = {
        "relevance": 1.0,
        "theme": "diplomacy",
        "p_thaw": 0.0,
        "p_escalation": 0.0,
        "p_neutral": 0.0,
        "severity": 1.0,
        "act": 0.0,
    }
    filled = [
        {"event_id": n, "story_id": n, "published_at": START, **defaults, **row}
        for n, row in enumerate(rows, 1)
    ]
    frame = pd.DataFrame(filled)
    if "story_seed" not in frame:
        frame["story_seed"] = frame["story_id"]
    frame["published_at"] = pd.to_datetime(frame["published_at"], utc=True)
    return frame


def random_news(count: int, days: int = 120, seed: int = 7) -> pd.DataFrame:
    """Scored events at random moments, in stories of a few reports each."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet([1, 1.5, 1], count)
    seconds = rng.integers(0, days * 86_400, count)
    return scored(
        *(
            {
                "published_at": START + timedelta(seconds=int(seconds[i])),
                "story_id": int(rng.integers(1, max(count // 3, 2))),
                "p_thaw": probabilities[i, 0],
                "p_escalation": probabilities[i, 1],
                "p_neutral": probabilities[i, 2],
                "severity": float(rng.uniform(1, 3)),
                "relevance": float(rng.choice([0.5, 1.0])),
                "act": float(rng.uniform(0, 1)),
                "theme": str(rng.choice(["military", "energy", "diplomacy"])),
            }
            for i in range(count)
        )
    )


def check_causal(
    f: Callable[[pd.DataFrame], pd.DataFrame], whole: pd.DataFrame, time: str, cut: datetime
) -> None:
    """What ``f`` says up to ``cut`` must not change when what came later is added.

    ``f`` takes rows with a column ``time`` and returns a frame indexed by aware moments.
    """
    past = whole[whole[time] < cut]
    assert 0 < len(past) < len(whole), "the cut must leave something on both sides"
    before, after = f(past), f(whole)
    before, after = before[before.index <= cut], after[after.index <= cut]
    assert len(before), "nothing is compared"
    pd.testing.assert_frame_equal(before, after, check_exact=False, rtol=1e-9, atol=1e-9)
