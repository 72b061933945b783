import csv
from importlib.resources import files

import pytest

from risk_service.feeds.countries import country_code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("US", "USA"), ("us", "USA"), ("U.S.", "USA"), ("USA", "USA"), ("United States", "USA"),
        ("the United States", "USA"), ("RU", "RUS"), ("Russia", "RUS"), ("USSR", "RUS"),
        ("UA", "UKR"), ("UK", "GBR"), ("Côte d’Ivoire", "CIV"), ("EU", "EUR"), ("NATO", "NTO"),
        ("NA", "NAM"), ("IGO", "IGO"), ("Donald Trump", None), ("", None), ("bob", None),
    ],
)  # fmt: skip
def test_codes_and_names(name: str, code: str | None) -> None:
    assert country_code(name) == code


def test_no_code_or_name_stands_for_two_countries() -> None:
    table = files("risk_service.feeds").joinpath("countries.csv").read_text("utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    names = [
        name.casefold()
        for row in rows
        for name in {row["code"], row["two"], *row["names"].split("|")}
        if name
    ]
    assert len(names) == len(set(names))
    assert all(len(row["code"]) == 3 and len(row["two"]) in (0, 2) for row in rows)
