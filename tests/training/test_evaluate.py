from __future__ import annotations

from pathlib import Path

import pytest

from models.registry import champion
from tests.small_corpus import small_corpus, write_labels
from training.evaluate import baselines, baselines_unseen, evaluate, evaluate_baseline, main, table
from training.fit import train
from training.labels import read_corpus, read_labels


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folder of a corpus and folder of the artifacts trained on it."""
    corpus, out = tmp_path_factory.mktemp("corpus"), tmp_path_factory.mktemp("out")
    write_labels(corpus / "rows.csv", small_corpus())
    train(corpus, out, seed=3)
    return corpus, out


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    rows = [
        ("thaw", "2", "Ministers swap prisoners in Vienna"),
        ("escalation", "3", "Ministers fire missiles at Vienna"),
        ("neutral", "", "Ministers visit paintings in Vienna"),
    ]
    return write_labels(tmp_path / "labels.csv", rows)


def test_a_model_beats_the_base_rates(trained: tuple[Path, Path], labels: Path) -> None:
    corpus, out = trained
    frame = read_labels(labels)
    model = evaluate(champion(out), frame)
    base = evaluate_baseline(baselines(read_corpus(corpus))["base rates"], frame)
    assert model.rows == 3
    assert model.figures["macro_f1"].value > base.figures["macro_f1"].value
    assert model.figures["log_loss"].value < base.figures["log_loss"].value


def test_baselines_are_measured_on_rows_they_have_not_seen(trained: tuple[Path, Path]) -> None:
    reports = baselines_unseen(read_corpus(trained[0]), seed=1)
    assert reports["base rates"].rows == 300
    plain, base = (
        reports[name].figures["macro_f1"].value for name in ("plain TF-IDF", "base rates")
    )
    assert base < plain < 0.95


def test_the_table_has_a_line_per_report(trained: tuple[Path, Path], labels: Path) -> None:
    report = evaluate(champion(trained[1]), read_labels(labels))
    lines = table({"one": report, "two": report}).splitlines()
    assert len(lines) == 3
    assert "macro_f1" in lines[0]


def test_the_command_prints_model_baselines_and_confusion(
    trained: tuple[Path, Path], labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, out = trained
    with labels.open("a", encoding="utf-8") as file:
        file.write("thaw,2,Ministers reopen consulates in Vienna\n")
    told = ["--labels", str(labels), "--models", str(out), "--corpus", str(corpus)]
    assert main(told) == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("base rates", "plain TF-IDF", "fast-", "true, read as"))


def test_the_command_without_labels_uses_the_corpus(
    trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, out = trained
    assert main(["--models", str(out), "--corpus", str(corpus)]) == 0
    assert "cross-validation" in capsys.readouterr().out


def test_the_command_breaks_figures_down_by_a_column(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        "direction,intensity,text,pool\nthaw,2,They swap prisoners,east\n"
        "neutral,,They watch chess,west\n",
        "utf-8",
    )
    told = ["--labels", str(path), "--models", str(trained[1]), "--corpus", str(trained[0])]
    assert main(told) == 0
    printed = capsys.readouterr().out
    assert "pool east" in printed
    assert "pool west" in printed


def test_the_command_refuses_what_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--models", str(tmp_path)]) == 1
    assert "not evaluated" in capsys.readouterr().err
