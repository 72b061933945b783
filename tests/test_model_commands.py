"""Training, comparing and promoting from the command line: real processes on a real database."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pandas as pd
import pytest

from models.registry import versions
from risk_service.store.engine import make_engine, reading, writing
from risk_service.store.keys import make_key
from risk_service.store.models import all_models, champion_version
from tests.registry_room import furnish
from tests.service import comes_true, command, service
from tests.small_corpus import small_corpus, varied_corpus, write_labels
from training.gate import GATE


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture
def told(furnished: Path, tmp_path: Path) -> dict[str, str]:
    """Settings: a folder of small models, and a gate that examines on the small corpus."""
    root = shutil.copytree(furnished, tmp_path / "artifacts")
    write_labels(tmp_path / "rows.csv", small_corpus()[::4])
    gate = GATE.read_text("utf-8").replace('labels = ""', 'labels = "rows.csv"')
    gate = gate.replace("0.30", "0.0").replace("most_ece = 0.10", "most_ece = 0.3")
    (tmp_path / "gate.toml").write_text(gate, "utf-8")
    return {"models_dir": str(root), "gate_file": str(tmp_path / "gate.toml")}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'risk.sqlite3'}"


def ran(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def champion_of(url: str) -> str | None:
    with reading(make_engine(url)) as conn:
        return champion_version(conn)


def test_models_are_listed_compared_promoted_and_rolled_back(
    url: str, told: dict[str, str]
) -> None:
    listed = ran(command(url, "models", **told))
    assert all(version in listed for version in ("fast-one", "fast-two", "fast-bad", "champion"))
    compared = ran(command(url, "compare", "fast-one", "fast-bad", "--top", "2", **told))
    assert "macro-F1, fast-bad less fast-one: -0." in compared
    assert compared.count(", read as ") == 2
    refused = command(url, "promote", "fast-bad", **told)
    assert refused.returncode == 1
    assert "fast-bad: macro-F1 over the champion's is -0." in refused.stderr
    assert "Traceback" not in refused.stderr
    assert champion_of(url) == "fast-one"
    forced = ("promote", "fast-bad", "--force", "--reason", "a drill")
    assert "champion: fast-bad, before: fast-one" in ran(command(url, *forced, **told))
    assert "champion: fast-one" in ran(command(url, "rollback", "--reason", "over", **told))
    history = ran(command(url, "models", "--history", **told)).splitlines()
    acts = [line.split("  ")[2] for line in history]
    assert acts == ["first", "refused", "promote, forced", "rollback"]


def dated(path: Path) -> Path:
    rows = pd.DataFrame(varied_corpus(), columns=["direction", "intensity", "text"])
    days = pd.date_range("2025-01-01", periods=len(rows), freq="D").strftime("%Y-%m-%d")
    rows.assign(date=days).to_csv(path, index=False)
    return path


WALK = ("--walk-forward", "--first", "120", "--block", "60", "--embargo", "10")


def test_own_labels_and_an_own_estimator_are_trained_in_time_and_never_served(
    url: str, told: dict[str, str], tmp_path: Path
) -> None:
    labels = str(dated(tmp_path / "labels.csv"))
    trained = ran(command(url, "train", "--labels", labels, *WALK, **told))
    assert trained.count("2025-0") >= 6
    assert "walk-forward in 3 folds of 60 days with an embargo of 10 days" in trained
    own = ("--estimator", "tests.training.own_estimators:logistic")
    assert "own-" in ran(command(url, "train", "--labels", labels, *own, **told))
    with reading(make_engine(url)) as conn:
        known = {row["version"]: row["name"] for row in all_models(conn)}
        assert champion_version(conn) == "fast-one"
    (mine,) = [version for version, name in known.items() if name == "own"]
    assert "macro_f1" in ran(command(url, "compare", "fast-one", mine, **told))
    refused = command(url, "promote", mine, "--force", "--reason", "mine", **told)
    assert refused.returncode == 1
    assert "own estimator" in refused.stderr
    page = ran(command(url, "card", mine, **told))
    assert page.count("<svg") == 2
    assert "tests.training.own_estimators:logistic" in page


def test_a_query_is_learnt_from(url: str, told: dict[str, str], tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path / 'labels.sqlite3'}"
    rows = pd.DataFrame(varied_corpus(), columns=["direction", "intensity", "text"])
    rows.to_sql("labelled", make_engine(source), index=False)
    asked = ("--query", "SELECT * FROM labelled", "--database", source)
    assert "300 rows" in ran(command(url, "train", *asked, **told))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--estimator", "tests.training.own_estimators:without_probabilities"), "predict_proba"),
        (("--estimator", "tests.training.own_estimators:forest"), "cannot be stored safely"),
        (("--query", "SELECT 1"), "one of them at a time"),
        (("--walk-forward", "--date", "seen"), "columns missing: seen"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_line_and_registers_nothing(
    url: str, told: dict[str, str], tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    labels = str(dated(tmp_path / "labels.csv"))
    before = versions(Path(told["models_dir"]))
    done = command(url, "train", "--labels", labels, *options, **told)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert complaint in done.stderr
    assert versions(Path(told["models_dir"])) == before


def test_ways_of_learning_are_measured_in_time(
    url: str, told: dict[str, str], tmp_path: Path
) -> None:
    labels = str(dated(tmp_path / "labels.csv"))
    printed = ran(command(url, "evaluate", labels, *WALK, **told))
    for name in ("fast", "base rates", "plain TF-IDF"):
        assert f"\n{name} " in f"\n{printed}"
    assert printed.count("2025-05-01 – 2025-06-29") == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_running_replicas_follow_a_promotion(
    tmp_path: Path, database_url: str, told: dict[str, str]
) -> None:
    with (
        service(tmp_path, database_url, **told) as one,
        service(tmp_path, database_url, worker="false", **told) as two,
    ):
        engine = make_engine(database_url)
        with writing(engine) as conn:
            admin = {"X-API-Key": make_key(conn, "ada", "admin", datetime.now(UTC))}
        at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        report = {"published_at": at, "text": "Washington and Moscow sign a ceasefire",
                  "source": "Wire"}  # fmt: skip
        assert one.post(report, admin["X-API-Key"]).status_code == 200

        def served(version: str) -> bool:
            told = [
                httpx.post(f"{replica.url}/v1/score", json={"texts": ["Talks"]}, timeout=10).json()
                for replica in (one, two)
            ]
            return {answer["model_version"] for answer in told} == {version} and all(
                replica.index()["versions"]["model"] == version for replica in (one, two)
            )

        assert comes_true(lambda: served("fast-one"))
        promoted = httpx.post(
            f"{two.url}/v1/models/fast-two/promote", json={}, headers=admin, timeout=60
        )
        assert promoted.status_code == 200, promoted.text
        assert comes_true(lambda: served("fast-two"))
        undone = httpx.post(f"{one.url}/v1/models/rollback", json={}, headers=admin, timeout=60)
        assert undone.json()["after"] == "fast-one"
        assert comes_true(lambda: served("fast-one"))
        for replica in (one, two):
            assert replica.stop() == 0
            assert "Traceback" not in replica.log.read_text()
        engine.dispose()
