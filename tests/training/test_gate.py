from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from models.card import Figure
from tests.registry_room import fitted, gate_of
from tests.small_corpus import small_corpus, write_labels
from training.comparing import compared
from training.examine import Exam, Paper, examine, f1_difference, read_paper
from training.gate import GATE, judge, read_gate
from training.labels import direction_numbers


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    folder = tmp_path_factory.mktemp("paper")
    return read_paper(write_labels(folder / "rows.csv", small_corpus()[::4]))


@pytest.fixture(scope="module")
def exams(paper: Paper) -> tuple[Exam, Exam]:
    """Of a good model and of one that takes thaw for escalation."""
    good, bad = fitted(), fitted(confused=True)
    return examine(good.probabilities, paper), examine(bad.probabilities, paper)


def figured(exam: Exam, **values: float) -> Exam:
    changed = {name: Figure(value, value, value) for name, value in values.items()}
    return replace(exam, figures={**exam.figures, **changed})


def test_the_bundled_gate_asks_of_the_published_pairs() -> None:
    gate = read_gate(GATE)
    assert gate.labels is None
    paper = read_paper(gate.labels)
    assert paper.rows["text"].tolist() == paper.pairs["text"].tolist()
    assert np.bincount(paper.groups).max() == 2


def test_an_exam_is_kept_and_read_again_whole(exams: tuple[Exam, Exam]) -> None:
    assert Exam.from_row(exams[0].as_row()) == exams[0]


def test_the_difference_is_that_of_scikit_learn(paper: Paper, exams: tuple[Exam, Exam]) -> None:
    truth = direction_numbers(paper.rows)
    good, bad = (
        f1_score(truth, np.array(exam.probabilities).argmax(axis=1), average="macro")
        for exam in exams
    )
    difference = f1_difference(paper, *exams)
    assert difference.value == pytest.approx(bad - good, abs=1e-4)
    assert difference.low <= difference.value <= difference.high < 0
    same = f1_difference(paper, exams[0], exams[0])
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_each_demand_is_looked_at(tmp_path: Path, exams: tuple[Exam, Exam]) -> None:
    gate, exam = gate_of(tmp_path), exams[0]
    assert judge(gate, exam, exam).passed
    assert len(judge(gate, exam, None).checks) == 3
    worse = judge(gate, figured(exam, macro_f1=0.5), figured(exam, macro_f1=0.51))
    assert worse.complaints == ("macro-F1 over the champion's is -0.01, at least 0.0 is asked",)
    unsure = judge(gate, figured(exam, ece=0.29), figured(exam, ece=0.2))
    assert unsure.complaints == (
        "calibration error over the champion's is 0.09, at most 0.05 is asked",
    )
    vain = judge(gate, figured(exam, ece=0.31), None)
    assert vain.complaints == ("calibration error is 0.31, at most 0.3 is asked",)
    slow = judge(replace(gate, least_texts_per_second=1e12), exam, None)
    assert "texts a second is" in slow.complaints[0]
    blind = judge(replace(gate, least_pair_accuracy=1.0), exam, None)
    assert "pair accuracy is" in blind.complaints[0]
    assert blind.as_row()["passed"] is False


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("labels = ''", "missing or unknown: least_macro"),
        ("labels = ", "other.toml"),
        (GATE.read_text("utf-8") + "\nmost_hope = 1", "most_hope"),
        (GATE.read_text("utf-8").replace("0.10", '"0.10"'), "most_ece is not"),
        (GATE.read_text("utf-8").replace('labels = ""', "labels = 3"), "labels is not"),
    ],
)
def test_a_gate_that_is_none_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "other.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_gate(path)


def test_labels_of_a_gate_lie_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(GATE.read_text("utf-8").replace('labels = ""', 'labels = "my.csv"'), "utf-8")
    assert read_gate(path).labels == tmp_path / "my.csv"


def test_a_comparison_tells_where_two_differ(paper: Paper, exams: tuple[Exam, Exam]) -> None:
    found = compared(paper, *exams, top=3)
    first, second = (np.array(exam.probabilities) for exam in exams)
    assert found.differ == (first.argmax(axis=1) != second.argmax(axis=1)).sum() > 3
    assert len(found.differing) == 3
    far = [
        np.abs(np.subtract(one.first_probabilities, one.second_probabilities)).sum()
        for one in found.differing
    ]
    assert far == sorted(far, reverse=True)
    truths = dict(zip(paper.rows["text"], paper.rows["direction"], strict=True))
    for one in found.differing:
        assert one.truth == truths[one.text]
        assert one.first != one.second
    assert found.figures["macro_f1"] == (exams[0].figures["macro_f1"], exams[1].figures["macro_f1"])
