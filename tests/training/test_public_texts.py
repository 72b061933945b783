from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.training.test_public_labels import label_line, write
from tests.wire import Reply, Wire
from training.public_labels import key_of, read_public_labels
from training.public_texts import fetch_pages, labelled_texts, main, pages_of, texts_in

PAGE = b"""# Top News Headlines

_Updated: 2026-01-01 10:00_

- Envoys meet - again - in Oslo - The Oslo Post
- Ferries run on time
"""
ORIGIN = "owner/archive:news/2026/01/01/10-00.md"
PATH = "/owner/archive/HEAD/news/2026/01/01/10-00.md"


def labels(tmp_path: Path) -> Path:
    return write(
        tmp_path / "labels.csv",
        label_line("Envoys meet - again - in Oslo", origin=ORIGIN),
        label_line("Ferries run on time", "neutral", "", "validation", ORIGIN),
        label_line("Known from a table", "neutral", "", "train", "owner/tables:deep/a.csv"),
        label_line("Never found", "neutral", "", "test", "owner/elsewhere"),
    )


def test_pages_tables_and_packed_tables_are_read(tmp_path: Path) -> None:
    deep = tmp_path / "owner" / "deep"
    deep.mkdir(parents=True)
    (deep / "page.md").write_bytes(PAGE)
    (deep / "a.csv").write_text('paper,title\nx,"One, two"\n', "utf-8")
    (deep / "b.csv.gz").write_bytes(gzip.compress(b"headline,text\nThree,Four\n"))
    (deep / "numbers.csv").write_text("day,close\n1,2\n", "utf-8")
    (deep / "torn.csv.gz").write_bytes(gzip.compress(b"text\nFive\n" * 999)[:40])
    found = set(texts_in([tmp_path]).values())
    assert {"Envoys meet - again - in Oslo", "Ferries run on time"} <= found
    assert {"One, two", "Three", "Four"} <= found
    assert not {"2", "Five", "# Top News Headlines"} & found


def test_the_first_text_of_a_key_stays(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nIt’s on\n", "utf-8")
    (tmp_path / "b.csv").write_text("text\nIt's on\n", "utf-8")
    assert texts_in([tmp_path])[key_of("It's on")] == "It’s on"


def test_pages_are_fetched_once_and_joined(tmp_path: Path) -> None:
    frame, folder = read_public_labels(labels(tmp_path)), tmp_path / "got"
    with Wire() as wire:
        wire.route(PATH, Reply(PAGE))
        table = "/owner/tables/HEAD/deep/a.csv"
        wire.route(table, Reply(status=404), Reply(b"title\nKnown from a table\n"))
        first = fetch_pages(pages_of(frame), folder, wire.url, pause=0, private=True)
        second = fetch_pages(pages_of(frame), folder, wire.url, pause=0, private=True)
        assert (first.new, first.had, first.missing) == (1, 0, 1)
        assert (second.new, second.had, second.missing) == (1, 1, 0)
        assert len(wire.asked_for(PATH)) == 1
    found = labelled_texts([folder], tmp_path / "labels.csv")
    assert found["part"].tolist() == ["train", "validation", "train"]


def test_fetching_stops_when_the_host_refuses(tmp_path: Path) -> None:
    pages = [f"owner/name/{number}.md" for number in range(9)]
    with Wire() as wire:
        for page in pages:
            wire.route(f"/owner/name/HEAD/{page.rsplit('/')[-1]}", Reply(status=403))
        done = fetch_pages(pages, tmp_path, wire.url, pause=0, private=True)
        assert "403" in done.stopped
        assert len(wire.asked) == 5
    assert list(tmp_path.iterdir()) == []


def test_a_page_cut_short_is_not_kept(tmp_path: Path) -> None:
    with Wire() as wire:
        wire.route("/o/n/HEAD/a.md", Reply(PAGE, length=9_999), Reply(PAGE))
        done = fetch_pages(["o/n/a.md"], tmp_path, wire.url, pause=0, private=True)
    assert done.new == 1
    assert (tmp_path / "o/n/a.md").read_bytes() == PAGE


@pytest.mark.parametrize("path", ["../../etc/a.md", "x/../../../a.md", "a\\b.md"])
def test_an_origin_may_not_lead_out_of_the_folder(tmp_path: Path, path: str) -> None:
    frame = read_public_labels(write(tmp_path / "l.csv", label_line("a", origin=f"o/n:{path}")))
    with pytest.raises(ValueError, match="origin"):
        pages_of(frame)


def test_the_command_fetches_and_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Wire() as wire:
        wire.route(PATH, Reply(PAGE))
        told = ["--labels", str(labels(tmp_path)), "--to", str(tmp_path / "got")]
        assert main(["fetch", "--base", wire.url, "--private", *told]) == 0
    printed = capsys.readouterr().out
    assert "1 pages fetched, 0 had, 1 not at the host" in printed
    assert "test: 0 of 1 labels have a text, 1 lack it" in printed
    assert "validation: 1 of 1 labels have a text, 0 lack it" in printed


def test_the_command_refuses_a_bad_label_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "labels.csv", label_line("a", "odd"))
    assert main(["count", "--labels", str(path), "--to", str(tmp_path)]) == 1
    assert "labels.csv" in capsys.readouterr().err
