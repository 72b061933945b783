from datetime import UTC, datetime, timedelta

import pytest

from risk_service.core.jumps import Drift, Jump, Level, Timing
from risk_service.core.jumps.conditions import (
    ClockMemory,
    ConfirmedJump,
    GraveStory,
    Hours,
    ModelDrift,
    Stale,
    Ticked,
    directions_of,
    grave_stories,
    rule_of,
    tick,
)
from tests.series import scored

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)


def walk(hours: Hours, holds: str, fresh: bool | None = None) -> list[str]:
    """What is told hour by hour: a letter an hour, y, n or ? for unknown."""
    state, memory, told = "inactive", ClockMemory(), []
    for hour, one in enumerate(holds):
        now = NOW + timedelta(hours=hour)
        known = {"y": True, "n": False}.get(one)
        new = state != "firing" if fresh is None else fresh
        done = tick(hours, state, memory, known, new, now)
        state, memory = done.state, done.memory
        told.append(("+" if done.starts else "") + ("-" if done.ends else "") or state[0])
    return told


def test_it_fires_once_and_is_over_once() -> None:
    assert walk(Hours(), "nyyynn") == ["i", "+", "f", "f", "-", "r"]


def test_it_must_hold_before_and_be_clear_after() -> None:
    assert walk(Hours(dwell=2), "yynyyyy") == ["p", "p", "i", "p", "p", "+", "f"]
    assert walk(Hours(hold=2), "ynnynnnn") == ["+", "f", "f", "f", "f", "f", "-", "r"]


def test_it_may_not_start_again_too_soon() -> None:
    assert walk(Hours(cooldown=3), "ynyyyny") == ["+", "-", "r", "+", "f", "-", "+"]


def test_what_is_unknown_changes_nothing() -> None:
    assert walk(Hours(), "?y??n") == ["i", "+", "f", "f", "-"]
    assert walk(Hours(hold=2), "yn??n") == ["+", "f", "f", "f", "-"]


def test_what_is_fresh_starts_anew_and_ends_what_was_before() -> None:
    done = tick(Hours(), "firing", ClockMemory(started_at=NOW), True, True, NOW)
    assert (done.state, done.starts, done.ends) == ("firing", True, True)
    soon = tick(Hours(cooldown=1), "firing", ClockMemory(started_at=NOW), True, True, NOW)
    assert soon == Ticked("firing", ClockMemory(NOW, None, NOW))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"kind": "jump", "days": 7, "half_life": 90}, Jump(7, 90, Timing(2, 3, 4))),
        ({"kind": "level", "hysteresis": 1}, Level(1, Timing(2, 3, 4))),
        ({"kind": "drift", "allowance": 1, "half_life": 30}, Drift(1, 30, Timing(2, 3, 4))),
        ({"kind": "confirmed_jump", "days": 1, "half_life": 90, "percentile": 0.5},
         ConfirmedJump(Jump(1, 90, Timing(2, 3, 4)), 0.5)),
        ({"kind": "grave_story", "certainty": 0.7, "within": 6},
         GraveStory(0.7, 6, Hours(2, 3, 4))),
        ({"kind": "stale", "what": "prices"}, Stale("prices", Hours(2, 3, 4))),
        ({"kind": "model_drift"}, ModelDrift(Hours(2, 3, 4))),
    ],
)  # fmt: skip
def test_rules_are_read_as_they_are_kept(told: dict[str, object], expected: object) -> None:
    assert rule_of({**told, "dwell": 2, "hold": 3, "cooldown": 4, "direction": None}) == expected


def test_directions() -> None:
    one = {"kind": "jump", "days": 1, "half_life": 90, "dwell": 1, "hold": 1, "cooldown": 1}
    assert directions_of(rule_of({**one, "direction": "thaw"})) == ("thaw",)
    assert directions_of(rule_of({**one, "direction": None})) == ("escalation", "thaw")
    assert directions_of(Stale()) == ("neither",)
    with pytest.raises(ValueError, match="kind"):
        rule_of({"kind": "gut", "dwell": 0, "hold": 0, "cooldown": 0})


def test_stories_are_grave_by_severity_and_certainty_of_their_direction() -> None:
    at = NOW - timedelta(hours=1)
    events = scored(
        {"published_at": at, "severity": 2.6, "p_escalation": 0.9},
        {"published_at": at, "severity": 2.6, "p_thaw": 0.9},
        {"published_at": at, "severity": 2.4, "p_escalation": 0.9},
        {"published_at": at, "severity": 2.6, "p_escalation": 0.7},
        {"published_at": NOW - timedelta(hours=30), "severity": 3.0, "p_escalation": 0.9},
        {"published_at": NOW + timedelta(hours=1), "severity": 3.0, "p_escalation": 0.9},
        {"published_at": NOW, "severity": 2.6, "p_escalation": 0.9, "story_id": 1},
    )
    assert grave_stories(events, GraveStory(), 2.5, "escalation", NOW) == [1]
    assert grave_stories(events, GraveStory(), 2.5, "thaw", NOW) == [2]
    assert grave_stories(events, GraveStory(0.6), 2.5, "escalation", NOW) == [1, 4]
