"""Training, comparing and promoting from the command line and over HTTP, on a real database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pandas as pd
import pytest
from typer.testing import CliRunner

from models.registry import versions
from risk_service.cli import app
from risk_service.errors import NotPromoted
from risk_service.store.engine import make_engine, reading, writing
from risk_service.store.keys import make_key
from risk_service.store.models import all_models, champion_version
from tests.registry_room import furnish
from tests.service import Service, comes_true, environment, service
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


Run = Callable[..., str]
"""A command that must succeed: its arguments in, what it printed out."""


@pytest.fixture
def run(url: str, told: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process; one that fails raises what it failed with."""
    for name, value in environment(url, **told).items():
        monkeypatch.setenv(name, value)

    def invoked(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return invoked


def champion_of(url: str) -> str | None:
    with reading(make_engine(url)) as conn:
        return champion_version(conn)


def test_models_are_listed_compared_promoted_and_rolled_back(url: str, run: Run) -> None:
    listed = run("models")
    assert all(version in listed for version in ("fast-one", "fast-two", "fast-bad", "champion"))
    compared = run("compare", "fast-one", "fast-bad", "--top", "2")
    assert "macro-F1, fast-bad less fast-one: -0." in compared
    assert compared.count(", read as ") == 2
    with pytest.raises(NotPromoted, match=r"fast-bad: macro-F1 over the champion's is -0\."):
        run("promote", "fast-bad")
    assert champion_of(url) == "fast-one"
    forced = run("promote", "fast-bad", "--force", "--reason", "a drill")
    assert "macro-F1 over the champion's: -0." in forced
    assert "NOT met" in forced
    assert "champion: fast-bad, before: fast-one" in forced
    assert "champion: fast-one" in run("rollback", "--reason", "over")
    assert "is the champion already" in run("promote", "fast-one")
    acts = [line.split("  ")[2] for line in run("models", "--history").splitlines()]
    assert acts == ["first", "refused", "promote, forced", "rollback"]


def test_a_challenger_is_named_and_dismissed(run: Run) -> None:
    assert "challenger: fast-bad" in run("promote", "fast-bad", "--as", "challenger")
    assert "challenger" in run("models")
    run("promote", "none", "--as", "challenger")
    assert "challenger" not in run("models")
    with pytest.raises(ValueError, match="neither champion nor challenger"):
        run("promote", "fast-bad", "--as", "king")


def dated(path: Path) -> Path:
    rows = pd.DataFrame(varied_corpus(), columns=["direction", "intensity", "text"])
    days = pd.date_range("2025-01-01", periods=len(rows), freq="D").strftime("%Y-%m-%d")
    rows.assign(date=days).to_csv(path, index=False)
    return path


WALK = ("--walk-forward", "--first", "120", "--block", "60", "--embargo", "10")


def test_own_labels_and_an_own_estimator_are_trained_in_time_and_never_served(
    url: str, run: Run, tmp_path: Path
) -> None:
    labels = str(dated(tmp_path / "labels.csv"))
    trained = run("train", "--labels", labels, *WALK)
    assert trained.count("2025-0") == 5
    assert "walk-forward in 3 folds of 60 days with an embargo of 10 days" in trained
    own = ("--estimator", "tests.training.own_estimators:logistic")
    assert "own-" in run("train", "--labels", labels, *own)
    with reading(make_engine(url)) as conn:
        known = {row["version"]: row["name"] for row in all_models(conn)}
        assert champion_version(conn) == "fast-one"
    (mine,) = [version for version, name in known.items() if name == "own"]
    assert "macro_f1" in run("compare", "fast-one", mine)
    with pytest.raises(NotPromoted, match="own estimator"):
        run("promote", mine, "--force", "--reason", "mine")
    page = run("card", mine)
    assert page.count("<svg") == 2
    assert "tests.training.own_estimators:logistic" in page


def test_a_query_is_learnt_from(run: Run, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path / 'labels.sqlite3'}"
    rows = pd.DataFrame(varied_corpus(), columns=["direction", "intensity", "text"])
    rows.to_sql("labelled", make_engine(source), index=False)
    assert "300 rows" in run("train", "--query", "SELECT * FROM labelled", "--database", source)


def test_an_artifact_elsewhere_is_not_registered(url: str, run: Run, tmp_path: Path) -> None:
    labels = str(dated(tmp_path / "labels.csv"))
    run("train", "--labels", labels, "--artifacts", str(tmp_path / "elsewhere"))
    (version,) = versions(tmp_path / "elsewhere")
    assert version not in run("models")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--estimator", "tests.training.own_estimators:without_probabilities"), "predict_proba"),
        (("--query", "SELECT 1"), "one of them at a time"),
        (("--walk-forward", "--date", "seen"), "columns missing: seen"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_registers_nothing(
    run: Run, told: dict[str, str], tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    labels = str(dated(tmp_path / "labels.csv"))
    before = versions(Path(told["models_dir"]))
    with pytest.raises(ValueError, match=complaint):
        run("train", "--labels", labels, *options)
    assert versions(Path(told["models_dir"])) == before


def test_ways_of_learning_are_measured_in_time(run: Run, tmp_path: Path) -> None:
    labels = str(dated(tmp_path / "labels.csv"))
    printed = run("evaluate", labels, *WALK)
    for name in ("fast", "base rates", "plain TF-IDF"):
        assert f"\n{name} " in f"\n{printed}"
    assert printed.count("2025-05-01 – 2025-06-29") == 3


def test_the_champion_of_the_registry_is_what_is_evaluated(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    labels = write_labels(tmp_path / "labels.csv", small_corpus()[::10])
    # The baselines learn from the bundled corpus, which takes its time.
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write_labels(corpus / "rows.csv", small_corpus())
    run("promote", "fast-two")
    monkeypatch.setattr("training.evaluate.CORPUS", corpus)
    assert "fast-two" in run("evaluate", str(labels))
    assert "fast-bad" in run("evaluate", str(labels), "--model", "fast-bad")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_running_replicas_follow_a_promotion(
    tmp_path: Path, database_url: str, told: dict[str, str]
) -> None:
    with two_services(tmp_path, database_url, told) as (one, two):
        engine = make_engine(database_url)
        with writing(engine) as conn:
            key = make_key(conn, "ada", "admin", datetime.now(UTC))
        at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        report = {"published_at": at, "text": "Washington and Moscow sign a truce", "source": "W"}
        assert one.post(report, key).status_code == 200
        assert comes_true(lambda: told_by(one, two) == {"fast-one"})
        promoted = change(two, "fast-two/promote", key)
        assert promoted.status_code == 200, promoted.text
        assert comes_true(lambda: told_by(one, two) == {"fast-two"})
        assert change(one, "rollback", key).json()["after"] == "fast-one"
        assert comes_true(lambda: told_by(one, two) == {"fast-one"})
        for replica in (one, two):
            assert replica.stop() == 0
            assert "Traceback" not in replica.log.read_text()
        engine.dispose()


@contextmanager
def two_services(folder: Path, url: str, told: dict[str, str]) -> Iterator[tuple[Service, Service]]:
    """Two replicas on one database that start at the same moment; one of them only answers."""
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        starting = [
            pool.submit(stack.enter_context, service(folder, url, worker=worker, **told))
            for worker in ("true", "false")
        ]
        one, two = (start.result() for start in starting)
        yield one, two


def told_by(*replicas: Service) -> set[str]:
    """The models that score texts, and that the index is made with, in any of the replicas."""
    told = set()
    for replica in replicas:
        told.add(str(replica.index()["versions"]["model"]))
        asked = httpx.post(f"{replica.url}/v1/score", json={"texts": ["Talks"]}, timeout=10)
        told.add(str(asked.json()["model_version"]))
    return told


def change(replica: Service, path: str, key: str) -> httpx.Response:
    headers = {"X-API-Key": key}
    return httpx.post(f"{replica.url}/v1/models/{path}", json={}, headers=headers, timeout=60)
