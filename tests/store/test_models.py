from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from risk_service.store.engine import reading, writing
from risk_service.store.models import (
    CHALLENGER,
    CHAMPION,
    PROMOTE,
    ROLLBACK,
    all_models,
    challenger_version,
    champion_version,
    keep_exam,
    name_alias,
    note_promotion,
    one_model,
    promotion_history,
    read_exam,
    register,
    version_before,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def card(version: str, sha256: str = "0" * 64) -> dict[str, object]:
    return {"version": version, "name": "fast", "sha256": sha256, "limits": ["English"]}


def keep(engine: Engine, *versions: str) -> None:
    with writing(engine) as conn:
        for number, version in enumerate(versions):
            register(conn, [card(version)], NOW + timedelta(days=number))


def note(engine: Engine, act: str, before: str | None, after: str) -> None:
    row = {
        "at": NOW, "who": "me", "act": act, "from_version": before, "to_version": after,
        "reason": "", "forced": False, "verdict": None,
    }  # fmt: skip
    with writing(engine) as conn:
        note_promotion(conn, row)


def test_versions_are_listed_newest_first_with_card_and_aliases(engine: Engine) -> None:
    keep(engine, "a", "b")
    with writing(engine) as conn:
        name_alias(conn, CHAMPION, "a", NOW)
        name_alias(conn, CHALLENGER, "a", NOW)
    with reading(engine) as conn:
        assert [(row["version"], row["aliases"]) for row in all_models(conn)] == [
            ("b", []),
            ("a", ["challenger", "champion"]),
        ]
        one = one_model(conn, "a")
        assert one_model(conn, "c") is None
    assert one is not None
    assert (one["card"], one["registered_at"]) == (card("a"), NOW)


def test_registering_again_changes_nothing_and_never_another_file(engine: Engine) -> None:
    keep(engine, "a")
    with writing(engine) as conn:
        register(conn, [card("a")], NOW + timedelta(days=9))
    with pytest.raises(ValueError, match="another model file"), writing(engine) as conn:
        register(conn, [card("b"), card("a", "1" * 64)], NOW)
    with reading(engine) as conn:
        assert [(row["version"], row["registered_at"]) for row in all_models(conn)] == [("a", NOW)]


def test_an_alias_names_one_registered_version_or_none(engine: Engine) -> None:
    keep(engine, "a", "b")
    with reading(engine) as conn:
        assert (champion_version(conn), challenger_version(conn)) == (None, None)
    with writing(engine) as conn:
        name_alias(conn, CHALLENGER, "a", NOW)
        name_alias(conn, CHALLENGER, "b", NOW)
    with reading(engine) as conn:
        assert (champion_version(conn), challenger_version(conn)) == (None, "b")
    with writing(engine) as conn:
        name_alias(conn, CHALLENGER, None, NOW)
    with reading(engine) as conn:
        assert challenger_version(conn) is None
    with pytest.raises(IntegrityError), writing(engine) as conn:
        name_alias(conn, CHAMPION, "unknown", NOW)


def test_every_rollback_undoes_one_more_promotion(engine: Engine) -> None:
    def before() -> str | None:
        with reading(engine) as conn:
            return version_before(conn)

    assert before() is None
    note(engine, PROMOTE, "a", "b")
    note(engine, PROMOTE, "b", "c")
    assert before() == "b"
    note(engine, ROLLBACK, "c", "b")
    assert before() == "a"
    note(engine, PROMOTE, "b", "d")
    assert before() == "b"
    note(engine, ROLLBACK, "d", "b")
    note(engine, ROLLBACK, "b", "a")
    assert before() is None
    with reading(engine) as conn:
        assert [row["to_version"] for row in promotion_history(conn)] == list("bcbdba")


def test_an_exam_is_of_a_file_and_a_set_of_labels(engine: Engine) -> None:
    with writing(engine) as conn:
        keep_exam(conn, "m", "l", {"macro_f1": 0.5}, NOW)
        keep_exam(conn, "m", "l", {"macro_f1": 0.6}, NOW)
    with reading(engine) as conn:
        assert read_exam(conn, "m", "l") == {"macro_f1": 0.6}
        assert read_exam(conn, "m", "other") is None
