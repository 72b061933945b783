from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.registry import MODEL_FILE
from risk_service.errors import NotFound, NotPromoted
from risk_service.promotion import Bench, Order, challenge, promote, rollback
from risk_service.registering import register_folder
from risk_service.store.engine import reading, writing
from risk_service.store.models import (
    all_models,
    challenger_version,
    champion_version,
    promotion_history,
)
from risk_service.store.rescored import has_scored_all, note_scored_all
from tests.house import check_rerunnable, everything
from tests.registry_room import furnish, gate_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ORDER = Order("me", NOW)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture
def root(furnished: Path, tmp_path: Path) -> Path:
    return shutil.copytree(furnished, tmp_path / "artifacts")


@pytest.fixture
def bench(engine: Engine, root: Path, tmp_path: Path) -> Bench:
    register_folder(engine, root, NOW)
    return Bench(engine, root, gate_of(tmp_path))


def serving(bench: Bench) -> tuple[str | None, str | None]:
    with reading(bench.engine) as conn:
        return champion_version(conn), challenger_version(conn)


def told(bench: Bench) -> list[tuple[str, str | None, str, bool]]:
    with reading(bench.engine) as conn:
        return [
            (row["act"], row["from_version"], row["to_version"], row["forced"])
            for row in promotion_history(conn)
        ]


FIRST = ("first", None, "fast-one", False)


def test_the_folder_is_registered_and_the_file_names_the_first_champion(
    engine: Engine, root: Path
) -> None:
    check_rerunnable(engine, lambda: register_folder(engine, root, NOW))
    with reading(engine) as conn:
        rows = {row["version"]: row["aliases"] for row in all_models(conn)}
    assert rows == {"fast-one": ["champion"], "fast-two": [], "fast-bad": [], "fast-unsure": []}


def test_a_champion_of_the_database_outlives_a_change_of_the_file(bench: Bench) -> None:
    (bench.models_dir / "champion").write_text("fast-two\n")  # type: ignore[operator]
    register_folder(bench.engine, bench.models_dir, NOW)
    assert serving(bench) == ("fast-one", None)


def test_a_champion_that_is_there_no_more_gives_way_to_the_file(bench: Bench, root: Path) -> None:
    shutil.rmtree(root / "fast-one")
    (root / "champion").write_text("fast-two\n")
    register_folder(bench.engine, root, NOW)
    assert serving(bench) == ("fast-two", None)
    assert told(bench) == [FIRST, ("replace", "fast-one", "fast-two", False)]


@pytest.mark.parametrize("damage", ["truncated", "card", "newer"])
def test_damaged_artifacts_are_not_registered(engine: Engine, root: Path, damage: str) -> None:
    folder = root / "fast-two"
    if damage == "truncated":
        (folder / MODEL_FILE).write_bytes((folder / MODEL_FILE).read_bytes()[:100])
    else:
        (folder / "card.json").write_text("{}" if damage == "card" else '{"schema": 99}')
    assert "fast-two" not in register_folder(engine, root, NOW)
    with reading(engine) as conn:
        assert champion_version(conn) == "fast-one"


def test_an_equal_model_is_promoted_and_rolled_back(bench: Bench) -> None:
    with writing(bench.engine) as conn:
        note_scored_all(conn, "fast-two", NOW)
    challenge(bench, "fast-two", NOW)
    change = promote(bench, "fast-two", Order("me", NOW, "newer data"))
    assert (change.before, change.after) == ("fast-one", "fast-two")
    assert change.verdict is not None
    assert change.verdict.passed
    assert serving(bench) == ("fast-two", None)
    with reading(bench.engine) as conn:
        assert not has_scored_all(conn, "fast-two")
        last = promotion_history(conn)[-1]
    assert (last["who"], last["at"], last["reason"]) == ("me", NOW, "newer data")
    assert last["verdict"]["passed"]
    assert len(last["verdict"]["checks"]) == 5
    assert rollback(bench, ORDER).after == "fast-one"
    assert serving(bench) == ("fast-one", None)
    with pytest.raises(NotPromoted, match="no promotion to undo"):
        rollback(bench, ORDER)
    assert [act for act, *_ in told(bench)] == ["first", "promote", "rollback"]


@pytest.mark.parametrize(
    ("version", "complaint"),
    [
        ("fast-bad", r"macro-F1 over the champion's is -0\.\d+"),
        ("fast-unsure", "calibration error"),
    ],
)
def test_a_worse_or_worse_calibrated_model_is_refused_and_why_is_noted(
    bench: Bench, version: str, complaint: str
) -> None:
    with pytest.raises(NotPromoted, match=complaint):
        promote(bench, version, ORDER)
    assert serving(bench) == ("fast-one", None)
    assert told(bench) == [FIRST, ("refused", "fast-one", version, False)]
    with pytest.raises(NotPromoted, match="no promotion to undo"):
        rollback(bench, ORDER)


def test_the_gate_is_overruled_only_with_a_reason_and_it_is_noted(bench: Bench) -> None:
    with pytest.raises(ValueError, match="reason"):
        Order("me", NOW, " ", force=True)
    change = promote(bench, "fast-bad", Order("me", NOW, "a drill", force=True))
    assert change.verdict is not None
    assert not change.verdict.passed
    assert serving(bench) == ("fast-bad", None)
    assert told(bench)[-1] == ("promote", "fast-one", "fast-bad", True)


def test_speed_and_pairs_are_asked_for(engine: Engine, root: Path, tmp_path: Path) -> None:
    register_folder(engine, root, NOW)
    gate = gate_of(tmp_path, least_texts_per_second=1e12, least_pair_accuracy=1.0)
    with pytest.raises(NotPromoted) as refused:
        promote(Bench(engine, root, gate), "fast-two", ORDER)
    assert "pair accuracy is" in str(refused.value)
    assert "texts a second is" in str(refused.value)


def test_what_cannot_be_opened_is_never_promoted(bench: Bench, root: Path) -> None:
    path = root / "fast-two" / MODEL_FILE
    path.write_bytes(path.read_bytes()[:-10])
    for order in (ORDER, Order("me", NOW, "in spite of all", force=True)):
        with pytest.raises(NotPromoted, match="not the file the card is of"):
            promote(bench, "fast-two", order)
    with pytest.raises(NotPromoted):
        challenge(bench, "fast-two", NOW)
    with pytest.raises(NotFound):
        promote(bench, "fast-three", ORDER)
    assert serving(bench) == ("fast-one", None)
    assert told(bench) == [FIRST]


def test_a_champion_that_cannot_be_opened_keeps_nobody_out(bench: Bench, root: Path) -> None:
    (root / "fast-one" / MODEL_FILE).write_bytes(b"")
    change = promote(bench, "fast-two", ORDER)
    assert change.verdict is not None
    assert len(change.verdict.checks) == 3
    with pytest.raises(NotPromoted, match="fast-one"):
        rollback(bench, ORDER)
    assert serving(bench) == ("fast-two", None)


def test_promoting_the_champion_changes_nothing(bench: Bench) -> None:
    before = everything(bench.engine)
    assert promote(bench, "fast-one", ORDER).verdict is None
    assert everything(bench.engine) == before
    with pytest.raises(NotPromoted, match="is the champion"):
        challenge(bench, "fast-one", NOW)


def test_an_exam_is_taken_once(bench: Bench) -> None:
    with pytest.raises(NotPromoted):
        promote(bench, "fast-bad", ORDER)
    before = everything(bench.engine)["model_exams"]
    with pytest.raises(NotPromoted):
        promote(bench, "fast-bad", Order("me", NOW + timedelta(days=1)))
    assert everything(bench.engine)["model_exams"] == before
    assert len(before) == 2


def test_a_challenger_is_named_and_dismissed(bench: Bench) -> None:
    challenge(bench, "fast-bad", NOW)
    assert serving(bench) == ("fast-one", "fast-bad")
    challenge(bench, None, NOW)
    assert serving(bench) == ("fast-one", None)
