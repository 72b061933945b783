from __future__ import annotations

from pathlib import Path

import pytest

from risk_service.errors import FileError
from risk_service.feeds.sector_file import load_sectors

OWN = """
market = "SPY"
controls = [{ ticker = "SPY", calendar = "XNYS", currency = "USD" }]
[sectors]
grain = [{ ticker = "ZW=F", calendar = "CMES", currency = "USD", unit = "cents" }]
"""


def test_the_bundled_file_is_the_default() -> None:
    assert set(load_sectors().members) == {"energy", "defense"}


def test_a_file_of_ones_own_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    assert load_sectors(path).tickers("grain") == ("ZW=F",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [(OWN.replace("CMES", "NOPE"), "calendar: 'NOPE'"), ("market =", "not TOML")],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(FileError, match=rf"sectors \(own.toml\): .*{complaint}"):
        load_sectors(path)


def test_a_missing_file_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.toml"):
        load_sectors(tmp_path / "none.toml")
