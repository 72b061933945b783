"""What of the live answer is news, and how long it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from risk_service.store.engine import reading
from risk_service.store.stream import last_id, oldest_id, told_after
from risk_service.telling import KEPT_FOR, has_moved, is_news
from tests.api.house import NOW, news
from tests.streams import Streaming, story


def short(seconds: float = 0, **other: Any) -> dict[str, Any]:
    """An answer in short, computed so many seconds after another."""
    versions = {"model": "m", "method": "1", "index": other.pop("version", 7)}
    return {
        "state": "fresh", "risk_index": 60.0, "interval": {"low": 50.0, "high": 70.0, "level": 0.9},
        "versions": versions | other.pop("versions", {}),
        "computed_at": (NOW + timedelta(seconds=seconds)).isoformat(), **other,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "news"),
    [
        (short(40), False),
        (short(1, risk_index=59.9), False),
        (short(30, risk_index=59.9), True),
        (short(-1, version=8), True),
        (short(60, version=6, risk_index=40.0), False),
        (short(1, state="stale"), True),
        (short(-1, state="stale"), False),
        (short(1, versions={"model": "n"}, risk_index=61.0), True),
    ],
)
def test_the_same_answer_of_another_replica_is_no_news(answer: dict[str, Any], news: bool) -> None:
    assert is_news(answer, short()) is news
    assert is_news(answer, None)


def test_a_story_is_told_again_where_score_or_weight_moved() -> None:
    told = {
        "contribution": 4.0, "direction": "thaw", "severity": 2.0, "p_thaw": 0.8,
        "p_escalation": 0.1,
    }  # fmt: skip
    assert has_moved(told, None)
    assert has_moved(told, told | {"contribution": None})
    assert has_moved(told | {"severity": 2.2}, told)
    assert has_moved(told | {"contribution": 3.5}, told)
    assert not has_moved(told | {"contribution": 3.6}, told)


def test_what_was_told_a_week_ago_is_forgotten_and_no_id_given_twice(
    sqlite_engine: Engine,
) -> None:
    house = Streaming(sqlite_engine)
    house.keep(news(2))
    house.teller.look()
    with reading(sqlite_engine) as conn:
        before = last_id(conn)
    house.clock.now += KEPT_FOR + timedelta(minutes=1)
    house.teller.look()
    with reading(sqlite_engine) as conn:
        assert told_after(conn, 0, 100) == []
        # Whoever has heard the last of it misses nothing, and is not sent back.
        assert (oldest_id(conn), last_id(conn)) == (before + 1, before)
    house.tell(story(1))
    with reading(sqlite_engine) as conn:
        assert [one.id for one in told_after(conn, before, 100)] == [before + 1]
