import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_service.errors import FileError
from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow
from risk_service.feeds.lines import read_lines
from risk_service.feeds.table_rows import table_rows


def rows_of(content: str) -> list[FileRow | BadRow]:
    return list(table_rows(read_lines([content.encode()]), "file"))


def values_of(content: str) -> list[list[object]]:
    return [list(row.values.values()) for row in rows_of(content) if isinstance(row, FileRow)]


def faults_of(content: str) -> list[tuple[str, str]]:
    return [(row.locator, row.reason) for row in rows_of(content) if isinstance(row, BadRow)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_headers(delimiter: str) -> None:
    content = f"date{delimiter}headline\n2025-01-02{delimiter}Talks\n"
    assert values_of(content) == [["2025-01-02", "Talks"]]


def test_quoted_delimiters_quotes_and_new_lines_are_text() -> None:
    content = 'date,text\n2025-01-02,"Talks, said ""Moscow"",\nwent on"\n2025-01-03,More\n'
    assert values_of(content) == [
        ["2025-01-02", 'Talks, said "Moscow",\nwent on'],
        ["2025-01-03", "More"],
    ]
    assert [row.locator for row in rows_of(content)] == ["line 2", "line 4"]


_FIELD = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\0"), max_size=9
)


@given(st.lists(st.tuples(_FIELD, _FIELD), max_size=5))
def test_what_the_csv_writer_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("date", "text"), *rows])
    assert values_of(table.getvalue()) == [list(row) for row in rows]


def test_an_open_quotation_mark_costs_one_row() -> None:
    content = 'date,text\n1,"never closed\n' + "".join(f"{n},plain\n" for n in range(2, 3000))
    assert faults_of(content) == [
        ("line 2", "malformed: a quotation mark opens and is never closed")
    ]
    assert len(values_of(content)) == 2998


def test_an_open_quotation_mark_before_quoted_rows_costs_one_row() -> None:
    content = 'date,text\n1,"never closed\n2,"closed"\n3,"closed"\n'
    assert [where for where, _ in faults_of(content)] == ["line 2"]
    assert values_of(content) == [["2", "closed"], ["3", "closed"]]


def test_rows_of_another_width_are_set_aside_but_for_empty_fields() -> None:
    content = "date,text\n1,Talks, and more\n2\n3,fine,,\n"
    assert faults_of(content) == [
        ("line 2", "3 fields where the header has 2"),
        ("line 3", "1 fields where the header has 2"),
    ]
    assert values_of(content) == [["3", "fine"]]


def test_text_behind_a_closing_quotation_mark_is_malformed() -> None:
    assert "malformed" in faults_of('date,text\n1,"No" says Moscow\n')[0][1]


def test_quotation_marks_may_be_plain_text_where_tabs_divide() -> None:
    content = 'date\ttext\n1\t"No" says Moscow\n2\t"opens only\n3\t"whole, ""quoted"""\n'
    assert values_of(content) == [
        ["1", '"No" says Moscow'],
        ["2", '"opens only'],
        ["3", 'whole, "quoted"'],
    ]


def test_a_row_in_another_encoding_is_set_aside() -> None:
    content = b"date,text\n1,\xcc\xee\xf1\n2,fine\n"
    bad, good = table_rows(read_lines([content]), "file")
    assert isinstance(bad, BadRow) and bad.reason == "not UTF-8 at byte 3 of the line"
    assert isinstance(good, FileRow)


def test_blank_lines_are_no_rows() -> None:
    assert rows_of("\n\ndate,text\n\n1,a\n   \n")[0].locator == "line 5"


def test_two_columns_of_one_name_stay_two() -> None:
    (row,) = rows_of("date,text,note,note\n1,a,b,c\n")
    assert isinstance(row, FileRow)
    assert row.values == {"date": "1", "text": "a", "note": "b", "note.3": "c"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("\n \n", "is empty"),
        ("when,what\n1,2\n", "no column says when"),
        ("date,mood\n1,2\n", "no column says what"),
        ("d\0a\0t\0e\0\n", "not UTF-8 text"),
    ],
)
def test_a_table_without_a_usable_header_is_refused(content: str, complaint: str) -> None:
    with pytest.raises(FileError, match=complaint):
        rows_of(content)


def test_a_header_in_another_encoding_is_refused() -> None:
    with pytest.raises(FileError, match="must be UTF-8"):
        list(table_rows(read_lines(["дата,text\n".encode("cp1251")]), "file"))
