from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from tests.small_corpus import small_corpus, write_labels
from training.fit import CORPUS
from training.labels import check_enough, direction_numbers, fingerprint, read_corpus, read_labels

HEADER = "direction,intensity,text\n"


def test_rows_are_read_with_their_types(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + 'thaw,2,"Talks, again"\nneutral,,Chess\n', "utf-8")
    frame = read_labels(path)
    assert frame["text"].tolist() == ["Talks, again", "Chess"]
    assert frame["intensity"].iloc[0] == 2
    assert np.isnan(frame["intensity"].iloc[1])
    assert direction_numbers(frame).tolist() == [0, 2]


def test_gzip_and_further_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"id,direction,intensity,text,pool\n7,thaw,2,NA,x\n"))
    frame = read_labels(path)
    assert frame.loc[0, ["id", "pool", "text"]].tolist() == ["7", "x", "NA"]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (",,Talks\n", "no direction"),
        ("thaw,2,\n", "no text"),
        ("thawing,2,Talks\n", "none of thaw"),
        ("thaw,,Talks\n", "no intensity"),
        ("thaw,4,Talks\n", "no intensity"),
        ("thaw,two,Talks\n", "no intensity"),
        ("neutral,1,Talks\n", "though neutral"),
        ("thaw,1,Talks fail\nescalation,1,TALKS  fail\n", "two directions"),
    ],
)
def test_what_cannot_be_right_is_refused_naming_the_file(
    tmp_path: Path, rows: str, complaint: str
) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(HEADER + rows, "utf-8")
    with pytest.raises(ValueError, match=rf"wrong\.csv: .*{complaint}"):
        read_labels(path)


@pytest.mark.parametrize("weight", ["0", "-1", "nan", "inf", "", "much"])
def test_a_weight_that_weighs_nothing_is_refused(tmp_path: Path, weight: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"direction,intensity,text,weight\nthaw,2,Talks,{weight}\n", "utf-8")
    with pytest.raises(ValueError, match="1 rows have a weight that is not positive"):
        read_labels(path)


def test_weights_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("direction,intensity,text,weight\nthaw,2,Talks,2.5\n", "utf-8")
    assert read_labels(path)["weight"].tolist() == [2.5]


def test_the_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "thaw,2,Talks\nbad,2,More\n", "utf-8")
    with pytest.raises(ValueError, match="lines 3"):
        read_labels(path)


@pytest.mark.parametrize("content", [b"", b"text,label\nTalks,thaw\n", b"\xff\xfe\x00"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.csv"):
        read_labels(path)


def test_a_repeat_with_the_same_label_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "thaw,2,Talks held\nthaw,2,Talks  held\n", "utf-8")
    assert len(read_labels(path)) == 1


def test_files_of_a_corpus_are_joined_in_order_and_may_not_contradict(tmp_path: Path) -> None:
    rows = small_corpus()
    write_labels(tmp_path / "b.csv", rows[:200])
    write_labels(tmp_path / "a.csv", rows[200:])
    corpus = read_corpus(tmp_path)
    assert corpus["file"].iloc[0] == "a"
    assert len(corpus) == len(rows)
    write_labels(tmp_path / "c.csv", [("neutral", "", rows[0][2])])
    with pytest.raises(ValueError, match="two directions"):
        read_corpus(tmp_path)


def test_a_set_that_is_too_small_or_lacks_a_class_is_refused(tmp_path: Path) -> None:
    rows = small_corpus()
    write_labels(tmp_path / "a.csv", rows[::30])
    with pytest.raises(ValueError, match="at least 60"):
        read_corpus(tmp_path)
    one_class = read_labels(write_labels(tmp_path / "a.csv", rows[:100]))
    with pytest.raises(ValueError, match="0 rows of escalation"):
        check_enough(one_class)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no CSV"):
        read_corpus(tmp_path)


def test_fingerprint_sees_every_label(tmp_path: Path) -> None:
    rows = small_corpus()
    frame = read_labels(write_labels(tmp_path / "a.csv", rows))
    other = read_labels(write_labels(tmp_path / "b.csv", [("thaw", "1", rows[0][2]), *rows[1:]]))
    assert fingerprint(frame) != fingerprint(other)
    assert fingerprint(frame) == fingerprint(frame.copy())


def test_the_bundled_corpus_is_accepted() -> None:
    corpus = read_corpus(CORPUS)
    assert len(corpus) > 5_000
    assert corpus["text"].str.len().between(10, 400).all()
