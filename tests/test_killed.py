"""Whoever is killed while training, promoting or rescoring leaves a champion that serves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from risk_service.pipeline import work_off
from risk_service.promotion import Bench, Order, exam_of, promote
from risk_service.registering import register_folder
from risk_service.store.engine import make_engine, migrate
from tests.house import NOW, MovedClock
from tests.registry_room import desk_with, furnish, gate_of
from tests.service import ROOT
from tests.test_desks import news
from training.examine import read_paper

FURNISHED = ["fast-bad", "fast-one", "fast-two", "fast-unsure"]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture
def bench(furnished: Path, tmp_path: Path) -> Bench:
    root = shutil.copytree(furnished, tmp_path / "artifacts")
    engine = make_engine(f"sqlite:///{tmp_path / 'risk.sqlite3'}")
    migrate(engine)
    register_folder(engine, root, NOW)
    return Bench(engine, root, gate_of(tmp_path))


def killed(act: str, bench: Bench) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What was left after every kill, and after the one that lived to the end."""
    arguments = [act, bench.engine.url.render_as_string(), str(bench.models_dir)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing", *arguments],
        capture_output=True, text=True, cwd=ROOT, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *after, last = (json.loads(line) for line in done.stdout.splitlines())
    assert all(one["killed"] for one in after)
    assert last["status"] == 0, done.stderr
    return after, last


def test_a_killed_training_registers_whole_artifacts_or_none(bench: Bench) -> None:
    after, last = killed("train", bench)
    assert len(after) >= 4
    for one in [*after, last]:
        assert one["champion"] == "fast-one"
        assert one["acts"] == ["first"]
        assert one["whole"] == one["folders"]
        assert set(one["registered"]) <= set(one["folders"])
    # Some were killed before the folder was there, some after, but before it was registered.
    assert after[0]["folders"] == FURNISHED
    assert after[-1]["registered"] == FURNISHED != after[-1]["folders"]
    assert last["registered"] == last["folders"] != FURNISHED


def test_a_killed_promotion_is_whole_or_not_there(bench: Bench) -> None:
    paper = read_paper(bench.gate.labels)
    for version in ("fast-one", "fast-two"):
        exam_of(bench, version, paper, NOW)
    after, last = killed("promote", bench)
    # The history, the alias, the past to be looked at again, and the commit.
    assert len(after) >= 4
    for one in after:
        assert (one["champion"], one["acts"]) == ("fast-one", ["first"])
    assert (last["champion"], last["acts"]) == ("fast-two", ["first", "promote"])


def test_a_killed_rescoring_leaves_the_index_as_it_was_until_it_is_done(bench: Bench) -> None:
    news(bench.engine, 6)
    assert bench.models_dir is not None
    work_off(bench.engine, desk_with(bench.models_dir), MovedClock())
    promote(bench, "fast-bad", Order("me", NOW, "a drill", force=True))
    after, last = killed("rescore", bench)
    assert len(after) >= 5
    assert after[0]["models"] == ["fast-one"]
    for one in [*after, last]:
        assert one["champion"] == "fast-bad"
        if one["index"] == "fast-one":
            assert one["days"] == after[0]["days"]
        # All days of a change of model are written in one transaction.
        assert one["models"] == ["fast-one"] or one["days"] == last["days"]
    assert (last["index"], last["models"]) == ("fast-bad", ["fast-bad"])
    assert last["days"] != after[0]["days"]
