import pytest

from risk_service.feeds import columns
from risk_service.feeds.columns import ALIASES, folded, read_columns


@pytest.mark.parametrize(
    ("header", "field", "column"),
    [
        ("first_seen last_seen outlet headline", "published_at", "first_seen"),
        ("first_seen last_seen outlet headline", "source", "outlet"),
        ("date published_at text", "published_at", "published_at"),
        ("pubDate title link", "published_at", "pubDate"),
        ("actor actor_side date", "actor", "actor_side"),
        ("recipient recipient_side date", "recipient", "recipient_side"),
        ("SQLDATE Actor1CountryCode DATEADDED", "published_at", "DATEADDED"),
        ("SQLDATE Actor1CountryCode DATEADDED", "occurred_on", "SQLDATE"),
        ("QuadClass GoldsteinScale", "goldstein", "GoldsteinScale"),
        ("id GLOBALEVENTID", "external_id", "GLOBALEVENTID"),
    ],
)
def test_columns_are_known_by_many_names(header: str, field: str, column: str) -> None:
    assert read_columns(tuple(header.split())).by_field[field] == column


def test_names_are_compared_without_case_blanks_and_punctuation() -> None:
    found = read_columns(("Published At", "Quad Class", "EVENT-CODE")).by_field
    assert set(found) == {"published_at", "quad_class", "event_code"}


def test_columns_left_alone_are_named() -> None:
    found = read_columns(("date", "actor", "actor_side", "times_seen", "text"))
    assert found.ignored == ("actor", "times_seen")


def test_what_is_lacking_is_told() -> None:
    assert "when" in str(read_columns(("text",)).complaint)
    assert "what" in str(read_columns(("date", "source")).complaint)
    assert read_columns(("sqldate", "code")).complaint is None


def test_the_table_of_the_docstring_is_the_table_of_the_code() -> None:
    lines = [line.split(None, 1) for line in (columns.__doc__ or "").splitlines() if line]
    told = {
        field: tuple(folded(name) for name in names.split(","))
        for field, names in (line for line in lines if len(line) == 2)
        if field in ALIASES
    }
    assert told == ALIASES
