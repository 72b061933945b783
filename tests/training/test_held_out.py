from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.small_corpus import small_corpus, write_labels
from tests.training.test_public_labels import label_line, write
from training.evaluate import main
from training.fit import train
from training.held_out import (
    PAIRS,
    kept_aside,
    line_of,
    measured,
    note_read,
    pairs_right,
    wilson,
)
from training.labels import read_labels

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def by_first_word(texts: Sequence[str]) -> np.ndarray:
    """Reads a text by its first word alone."""
    words = ["agree", "expel", "watch"]
    return np.array([[0.8 if text.split()[0] == w else 0.1 for w in words] for text in texts])


def frame(rows: list[tuple[str, str, str]], column: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["direction", column, "text"])


def test_a_pair_is_right_only_when_both_are() -> None:
    pairs = frame(
        [
            ("thaw", "1", "agree on it"),
            ("escalation", "1", "expel them"),
            ("thaw", "2", "agree again"),
            ("escalation", "2", "agree wrongly"),
            ("neutral", "3", "watch alone"),
        ],
        "pair",
    )
    count, share = pairs_right(by_first_word, pairs)
    assert count == 2
    assert share.value == 0.5
    assert share.low < 0.5 < share.high


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="of"):
        wilson(0, 0)
    assert wilson(0, 20).low == pytest.approx(0, abs=1e-9)


def test_reports_are_by_pool_and_year() -> None:
    rows = frame([("thaw", "east", "agree"), ("escalation", "west", "agree to war")], "pool")
    reports = dict(measured(by_first_word, rows.assign(year=["2022", "2026"]), seed=1))
    assert list(reports) == ["all", "pool east", "pool west", "year 2022", "year 2026"]
    assert reports["pool east"].figures["f1_thaw"].value == 1
    assert reports["year 2026"].figures["f1_escalation"].value == 0
    assert line_of("all", reports["all"]).count("(") == 6


def test_every_look_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    assert note_read(path, NOW, "fast-1", 3) == 1
    assert note_read(path, NOW, "fast-2", 3) == 2
    assert path.read_text("utf-8").splitlines()[1] == "2026-11-24T08:00:00Z,fast-1,3"


def test_only_the_test_part_is_measured() -> None:
    found = pd.DataFrame({"part": ["train", "test"], "origin": ["a/b", "a/b:news/2026/01/01/1.md"]})
    assert kept_aside(found)["year"].tolist() == ["2026"]
    with pytest.raises(ValueError, match="test part"):
        kept_aside(found[:1])


def test_the_bundled_pairs_are_pairs() -> None:
    pairs = read_labels(PAIRS)
    sizes = pairs.groupby("pair")["direction"].agg(["size", "nunique"])
    assert (sizes["size"] == 2).mean() > 0.95
    assert len(sizes) > 100


def test_the_command_prints_the_table_and_notes_the_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, out, texts = (tmp_path / name for name in ("corpus", "out", "texts"))
    for folder in (corpus, texts):
        folder.mkdir()
    write_labels(corpus / "rows.csv", small_corpus())
    train(corpus, out, seed=3)
    told = ["Envoys swap prisoners", "Envoys fire missiles", "Envoys watch chess"]
    (texts / "a.csv").write_text("text\n" + "\n".join(told) + "\n", "utf-8")
    lines = [
        label_line(told[0], part="test", origin="o/n:news/2026/04/01/1.md"),
        label_line(told[1], "escalation", "3", part="test"),
        label_line(told[2], "neutral", "", part="test"),
    ]
    labels = write(tmp_path / "labels.csv", *lines)
    log = tmp_path / "reads.csv"
    arguments = ["--held-out", "--corpus", str(corpus), "--models", str(out), "--log", str(log)]
    arguments += ["--texts", str(texts), "--public-labels", str(labels)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "3 held-out real headlines, looked at 1 times" in printed
    assert all(word in printed for word in ("pool pool", "year 2026", "base rates", "minimal pair"))
    assert len(log.read_text("utf-8").splitlines()) == 2


def test_without_texts_the_command_looks_at_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "reads.csv"
    assert main(["--held-out", "--texts", str(tmp_path), "--log", str(log)]) == 1
    assert "no text of the test part" in capsys.readouterr().err
    assert not log.exists()
