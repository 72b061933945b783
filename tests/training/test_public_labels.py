from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from training.public_labels import (
    COLUMNS,
    key_of,
    read_public_labels,
    with_texts,
    years_of,
)
from training.public_texts import BESIDE, pages_of, texts_in

HEADER = ",".join(COLUMNS) + "\n"


def label_line(
    text: str,
    direction: str = "thaw",
    intensity: str = "2",
    part: str = "train",
    origin: str = "a/b",
) -> str:
    return f"{key_of(text)},{direction},{intensity},pool,{part},{origin}\n"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "".join(lines), "utf-8")
    return path


def test_the_key_never_changes() -> None:
    told = "a931440b319de855f1e0d838543cb3774f023376f45555ed452f3df9b72c6feb"
    assert key_of("Talks resume – now") == told
    assert key_of("Talks resume") == key_of(" Talks\tresume\n")
    assert key_of("Élysée – ‘no’") == key_of(unicodedata.normalize("NFD", "Élysée - 'no'"))
    assert key_of("Talks resume") != key_of("Talks resumed")


def test_labels_find_their_texts_in_order(tmp_path: Path) -> None:
    path = write(
        tmp_path / "l.csv",
        label_line("Talks “resume”"),
        label_line("Lost to us", "neutral", ""),
        label_line("Ships collide", "escalation", "3", "test"),
    )
    texts = ["Ships collide", 'Talks "resume"', "Another"]
    found = with_texts(read_public_labels(path), {key_of(text): text for text in texts})
    assert found["text"].tolist() == ['Talks "resume"', "Ships collide"]
    assert found["intensity"].tolist() == [2, 3]
    assert found["part"].tolist() == ["train", "test"]


@pytest.mark.parametrize(
    "line",
    [
        label_line("a", "thawing"),
        label_line("a", "thaw", ""),
        label_line("a", "thaw", "4"),
        label_line("a", part="trial"),
        label_line("a") + label_line("a"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"l\.csv"):
        read_public_labels(write(tmp_path / "l.csv", line))


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("sha256,direction\n", "utf-8")
    with pytest.raises(ValueError, match="intensity"):
        read_public_labels(tmp_path / "l.csv")


def test_the_year_is_that_of_the_page(tmp_path: Path) -> None:
    lines = label_line("a", origin="o/n:news/2026/03/01/10-00.md"), label_line("b", origin="o/m")
    assert years_of(read_public_labels(write(tmp_path / "l.csv", *lines))).tolist() == [
        "2026",
        "2022",
    ]


def test_the_bundled_labels_are_sound() -> None:
    labels = read_public_labels()
    assert len(labels) > 4_000
    assert labels["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert set(labels["part"]) == {"train", "validation", "test", "dropped"}
    assert not labels["origin"].str.contains(" ").any()
    dated = labels[labels["pool"] == "wklnd"]
    late = dated["origin"].str.extract(r"news/(.{10})/")[0] >= "2026/03/01"
    assert (late == (dated["part"] == "test")).all()
    assert len(pages_of(labels)) > 1_000


@pytest.mark.skipif(not BESIDE.is_dir(), reason="the texts of real headlines are not at hand")
def test_every_bundled_label_finds_its_text() -> None:
    labels = read_public_labels()
    assert len(with_texts(labels, texts_in([BESIDE]))) == len(labels)
