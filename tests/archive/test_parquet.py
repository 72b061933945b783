from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.abstention import too_close
from models.registry import load
from risk_service.archive.parquet_shelf import ParquetShelf
from tests.archive.house import FAST, SWEDISH, content, news, run, write

NUMBERS = ["p_thaw", "p_escalation", "p_neutral", "severity"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "news.csv.gz", news(45))


@pytest.fixture
def shelf(tmp_path: Path) -> ParquetShelf:
    return ParquetShelf(tmp_path / "out", FAST)


def test_no_row_is_lost_and_scores_are_the_models(path: Path, shelf: ParquetShelf) -> None:
    rows = news(45)
    told = run(shelf, path)
    empty = sum(not row["headline"] for row in rows)
    swedish = sum(row["headline"] == SWEDISH for row in rows)
    assert (told.rows, told.bad, told.scored) == (45, empty, 45 - empty - swedish)
    assert dict(told.unscored) == {"sv": swedish}
    assert (told.parts, told.held) == (5, 0)
    table = pd.read_parquet(shelf.folder).sort_values("row")
    assert table["id"].tolist() == [row["id"] for row in rows if row["headline"]]
    assert set(table["model_version"]) == {FAST}
    english = table[table["scored"]]
    assert table.loc[~table["scored"], "text"].unique().tolist() == [SWEDISH]
    assert table.loc[~table["scored"], [*NUMBERS, "direction", "abstains"]].isna().all(axis=None)
    expected = load(FAST).score(english["text"].tolist())
    told_numbers = np.column_stack([expected.probabilities, expected.severity])
    np.testing.assert_allclose(english[NUMBERS], told_numbers, atol=6e-7)
    assert english["abstains"].tolist() == too_close(expected.probabilities).tolist()


def test_rows_set_aside_stand_in_a_file_with_the_reason(path: Path, shelf: ParquetShelf) -> None:
    run(shelf, path)
    aside = [pd.read_json(p, lines=True) for p in (shelf.home / "_set_aside").iterdir()]
    table = pd.concat(aside).sort_values("row")
    assert table["row"].tolist() == [n for n in range(1, 46) if n % 7 == 0]
    assert set(table["reason"]) == {"text: is missing or empty"}
    assert table["raw"].str.contains("desk=x").all()


def test_what_is_there_is_not_scored_again(path: Path, shelf: ParquetShelf) -> None:
    first = run(shelf, path)
    before = content(shelf.folder)
    sent: list[Sequence[str]] = []
    again = run(shelf, path, sent=sent)
    assert sent == []
    assert (again.held, again.rows, again.scored) == (5, first.rows, first.scored)
    assert again.unscored == first.unscored
    assert content(shelf.folder) == before


@pytest.mark.parametrize("harm", ["cut", "gone", "no rows set aside", "other metadata"])
def test_a_part_that_is_not_whole_is_scored_again(
    path: Path, shelf: ParquetShelf, harm: str
) -> None:
    run(shelf, path)
    before = content(shelf.folder)
    part = shelf.home / "news-00002.parquet"
    if harm == "cut":
        part.write_bytes(part.read_bytes()[:-9])
    elif harm == "gone":
        part.unlink()
    elif harm == "no rows set aside":
        (shelf.home / "_set_aside" / "news-00002.jsonl").unlink()
    else:
        pq.write_table(pq.read_table(part).replace_schema_metadata({"risk_service": "{}"}), part)
    sent: list[Sequence[str]] = []
    run(shelf, path, sent=sent)
    assert len(sent) == 1
    assert content(shelf.folder) == before


def test_only_changed_parts_are_scored_again(path: Path, shelf: ParquetShelf) -> None:
    run(shelf, path)
    rows = news(45)
    rows[12]["headline"] = "Talks on the Arctic go on"
    write(path, rows)
    sent: list[Sequence[str]] = []
    told = run(shelf, path, sent=sent)
    assert ["Talks on the Arctic go on" in texts for texts in sent] == [True]
    assert told.held == 4


def test_a_shorter_archive_leaves_no_part_of_the_longer(path: Path, shelf: ParquetShelf) -> None:
    run(shelf, path)
    other = write(path.with_name("news-2.csv"), news(30))
    run(shelf, other)
    beside = {name: data for name, data in content(shelf.folder).items() if "news-2-" in name}
    assert len(beside) == 3 + 3
    write(path, news(20))
    run(shelf, path)
    assert sorted(p.name for p in shelf.home.glob("news-0*.parquet")) == [
        "news-00001.parquet",
        "news-00002.parquet",
    ]
    assert len(pd.read_parquet(shelf.home / "news-00001.parquet")) == 9
    assert beside.items() <= content(shelf.folder).items()


def test_another_model_is_kept_beside(path: Path, shelf: ParquetShelf) -> None:
    run(shelf, path)
    before = content(shelf.folder)
    told = run(ParquetShelf(shelf.folder, "another-1"), path)
    assert told.held == 0
    assert before.items() <= content(shelf.folder).items()
