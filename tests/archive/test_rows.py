from pathlib import Path

import pytest

from risk_service.archive.part import Part
from risk_service.archive.rows import Named, Source, file_sources, parts_of
from risk_service.errors import FileError
from tests.archive.house import news, write


def parts(path: Path, named: Named | None = None, size: int = 10) -> list[Part]:
    named = named or Named()
    (source,) = file_sources([path], named)
    return list(parts_of(source, size, named))


def test_every_row_is_in_one_part_good_or_bad(tmp_path: Path) -> None:
    rows = news(25)
    found = parts(write(tmp_path / "news.csv", rows))
    assert [(part.number, part.read) for part in found] == [(1, 10), (2, 10), (3, 5)]
    good = [pair for part in found for pair in zip(part.rows, part.ids, part.texts, strict=True)]
    told = [(n, row["id"], row["headline"]) for n, row in enumerate(rows, 1)]
    assert good == [row for row in told if row[2]]
    bad = [(row, one.reason) for part in found for row, one in part.bad]
    assert bad == [(row[0], "text: is missing or empty") for row in told if not row[2]]


@pytest.mark.parametrize("name", ["news.csv.gz", "news.jsonl", "news.jsonl.gz", "news.parquet"])
def test_whatever_the_format_the_parts_are_the_same(tmp_path: Path, name: str) -> None:
    rows = news(25)
    plain = parts(write(tmp_path / "news.csv", rows))
    assert [(p.rows, p.ids, p.texts) for p in parts(write(tmp_path / "other" / name, rows))] == [
        (p.rows, p.ids, p.texts) for p in plain
    ]


def test_lines_that_are_not_utf8_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_bytes(b"title,lang\nTalks go on,English\nT\xffalks,en\nNoch was,\n")
    (part,) = parts(path)
    assert (part.rows, part.texts, part.languages) == (
        (1, 3),
        ("Talks go on", "Noch was"),
        ("en", None),
    )
    ((row, bad),) = part.bad
    assert row == 2
    assert bad.reason.startswith("not UTF-8")


def test_columns_by_other_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Body;Number;headline\nA text;7;no text\n")
    (part,) = parts(path, Named(text="body", id="number"))
    assert (part.texts, part.ids) == (("A text",), ("7",))
    with pytest.raises(FileError, match=r"a\.csv: no column is called key; its columns are Body"):
        parts(path, Named(text="body", id="key"))


def test_a_table_without_texts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("when,who\n1,2\n")
    with pytest.raises(FileError, match="no column holds a text"):
        parts(path)


def test_files_of_one_name_are_sources_of_two(tmp_path: Path) -> None:
    paths = [write(tmp_path / folder / "news.csv", news(2)) for folder in "abc"]
    assert [s.name for s in file_sources(paths, Named())] == ["news", "news-2", "news-3"]


def test_the_hash_is_of_all_that_scores_come_of(tmp_path: Path) -> None:
    (part,) = parts(write(tmp_path / "news.csv", news(8)))
    (again,) = parts(write(tmp_path / "again" / "news.csv", news(8)))
    assert part.sha256("m") == again.sha256("m")
    assert part.sha256("m") != part.sha256("other")
    changed = news(8)
    changed[3]["headline"] += "!"
    (other,) = parts(write(tmp_path / "other" / "news.csv", changed))
    assert part.sha256("m") != other.sha256("m")


def test_an_empty_source_has_one_empty_part() -> None:
    (part,) = parts_of(Source("none", iter(())), 10, Named())
    assert (part.number, part.read) == (1, 0)
