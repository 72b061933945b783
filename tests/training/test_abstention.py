from pathlib import Path

import numpy as np
import pytest

from training.abstention import AtMargin, at_margin, chosen, main, table, validation_rows
from training.held_out import wilson

TRUTH = np.array([0, 1, 2, 1])
READ = np.array([[0.50, 0.45, 0.05], [0.50, 0.40, 0.10], [0.1, 0.1, 0.8], [0.0, 0.9, 0.1]])


def test_shares_and_accuracies_of_a_margin() -> None:
    found = at_margin(TRUTH, READ, 0.2)
    assert found.abstained == wilson(2, 4)
    assert found.close_accuracy == wilson(1, 2)
    assert found.accuracy == wilson(2, 2)
    never = at_margin(TRUTH, READ, 0.0)
    assert (never.close_accuracy, never.accuracy) == (None, wilson(3, 4))
    assert at_margin(TRUTH, READ, 1.0).accuracy is None


def row(margin: float, abstained: int, right: int) -> AtMargin:
    close = wilson(right, abstained) if abstained else None
    return AtMargin(margin, 100, wilson(abstained, 100), None, close)


@pytest.mark.parametrize(
    ("rows", "margin"),
    [
        ([row(0.1, 4, 2), row(0.2, 8, 4), row(0.3, 12, 6)], 0.2),
        ([row(0.1, 4, 2), row(0.2, 8, 5)], 0.1),
        ([row(0.1, 4, 4), row(0.2, 20, 5)], 0.0),
        ([row(0.1, 0, 0)], 0.0),
    ],
)
def test_the_rule(rows: list[AtMargin], margin: float) -> None:
    assert chosen(rows) == margin


def test_the_margin_in_use_is_marked_in_the_table() -> None:
    lines = list(table([at_margin(TRUTH, READ, margin) for margin in (0.2, 0.25)]))
    assert [line.endswith("in use") for line in lines] == [False, False, True]
    assert "0.500 (" in lines[1]


def test_without_texts_nothing_is_measured(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no text of the validation part"):
        validation_rows([tmp_path])


def test_a_model_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--artifacts", str(tmp_path)]) == 1
    assert "not measured: no" in capsys.readouterr().err
