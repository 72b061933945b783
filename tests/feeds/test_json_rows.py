import json
from collections.abc import Iterable, Iterator

import pytest

from risk_service.feeds import json_rows
from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow
from risk_service.feeds.json_rows import json_lines, json_list
from risk_service.feeds.lines import read_lines
from risk_service.feeds.unpack import CutShort

OBJECTS = [{"text": f'Talks, day {n}: "да" [{{'} for n in range(50)]


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[i : i + size] for i in range(0, len(content), size))


def good(rows: Iterable[FileRow | BadRow]) -> list[object]:
    return [row.values for row in rows if isinstance(row, FileRow)]


def bad(rows: Iterable[FileRow | BadRow]) -> list[BadRow]:
    return [row for row in rows if isinstance(row, BadRow)]


def test_one_object_a_line() -> None:
    content = b'{"text": "a"}\n\n{"text": NaN}\n[1]\n{"text": "b"\n{"text": "\xcc"}\n{"text": "c"}'
    rows = list(json_lines(read_lines([content]), "file"))
    assert good(rows) == [{"text": "a"}, {"text": "c"}]
    assert [row.locator for row in bad(rows)] == ["line 3", "line 4", "line 5", "line 6"]
    reasons = [row.reason for row in bad(rows)]
    assert reasons[1] == "malformed: is not a JSON object"
    assert reasons[3].startswith("not UTF-8")


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_is_read_in_whatever_pieces_it_comes(size: int, indent: int | None) -> None:
    content = b"\xef\xbb\xbf " + json.dumps(OBJECTS, indent=indent, ensure_ascii=False).encode()
    rows = list(json_list(in_pieces(content, size), "file"))
    assert good(rows) == OBJECTS
    assert bad(rows) == []


def test_half_a_list_gives_its_whole_objects_and_one_row_set_aside() -> None:
    content = json.dumps(OBJECTS).encode()
    rows = list(json_list([content[: len(content) // 2]], "file"))
    assert good(rows) == OBJECTS[: len(rows) - 1]
    assert len(rows) > 20
    assert [row.reason for row in bad(rows)] == ["malformed: the list is broken or cut short here"]


def test_a_list_whose_packing_is_cut_short_says_so() -> None:
    def cut() -> Iterator[bytes]:
        yield b'[{"text": "a"},'
        raise CutShort("ends too early")

    rows = list(json_list(cut(), "file"))
    assert good(rows) == [{"text": "a"}]
    assert [(row.locator, row.reason) for row in bad(rows)] == [("row 2", "ends too early")]


def test_objects_of_a_list_that_are_none_or_not_utf8_are_set_aside_alone() -> None:
    rows = list(json_list([b'[{"text": "a"}, 7, {"text": "\xcc"}, {"text": "b"}]'], "file"))
    assert good(rows) == [{"text": "a"}, {"text": "b"}]
    assert [(row.locator, row.reason) for row in bad(rows)] == [
        ("row 2", "malformed: is not a JSON object"),
        ("row 3", "not UTF-8"),
    ]


@pytest.mark.parametrize("broken", [b'[{"a": 1,, }', b"[" * 100_000, b'[{"a": "endless'])
def test_a_broken_list_ends_in_one_row_set_aside_and_bounded_memory(
    broken: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "MAX_OBJECT", 300_000)
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield broken
        for _ in range(1_000):
            taken += 1
            yield b"x" * 10_000

    rows = list(json_list(endless(), "file"))
    assert len(rows) == 1
    assert isinstance(rows[0], BadRow)
    assert taken < 50
