"""What energy and defence did around four known happenings and over the whole chronology.

``python -m training.episodes FILE`` reads real closes (columns date, ticker, close, adj_close),
studies them, and writes the tables of docs/episodes.md between their marks and the pictures in
docs/episodes/. The closes themselves go nowhere. With ``--database`` a database is used again, else
a new one is made for the occasion and the chronology scored in it, which takes a minute.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from risk_service.config import Settings
from risk_service.core.happenings import Wanted
from risk_service.core.sectors import Member, Sectors
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import FileError
from risk_service.feeds.file_prices import FilePrices
from risk_service.feeds.price_files import read_price_rows
from risk_service.feeds.sector_file import load_sectors
from risk_service.price_step import refresh_prices
from risk_service.store.engine import reading
from risk_service.store.index import read_days
from risk_service.studies import read_happenings
from risk_service.wiring import House, clock, open_house, settle_in
from training.episode_pictures import draw_chronology, draw_episode
from training.episode_studies import (
    EPISODES,
    FILTERS,
    HORIZONS,
    SINCE,
    EpisodeFound,
    corrected,
    study_episode,
    study_filter,
)
from training.episode_tables import (
    chronology_block,
    episode_block,
    summary_block,
    surprise_block,
)

DOCS = Path(__file__).resolve().parents[1] / "docs"
SPOT = Member("BRENT_SPOT", "XLON", "USD")
NEEDED = ("SPY", "XLE", "ITA")
PICTURED = "surprises (1 and more)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Study, and write; 1 and a reason on standard error where there are no closes to study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prices", type=Path, help="CSV or Parquet of daily closes")
    parser.add_argument("--database", default="", help="SQLAlchemy address of one to use again")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of episodes.md")
    given = parser.parse_args(arguments)
    try:
        check_prices(given.prices)
    except FileError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        address = given.database or f"sqlite:///{folder}/episodes.sqlite3"
        settings = Settings(database_url=address, feeds="none", prices="none")
        house = open_house(settings)
        settle_in(house, settings)
        write_documents(house, given.prices, given.docs, clock())
        house.engine.dispose()
    return 0


def check_prices(path: Path) -> None:
    """Raise FileError, saying what is lacking, for a file that cannot be studied."""
    there = set(read_price_rows(path).rows["ticker"])
    lacking = [ticker for ticker in NEEDED if ticker not in there]
    if lacking:
        raise FileError(f"{path.name} has no closes of {', '.join(lacking)}")


def write_documents(house: House, prices: Path, docs: Path, now: datetime) -> None:
    """Keep the closes in the house's database, make all studies, write blocks and pictures."""
    sectors = with_spot(load_sectors())
    refresh_prices(house.engine, FilePrices(prices, sectors.instruments), sectors, now)
    pictures = docs / "episodes"
    pictures.mkdir(exist_ok=True)
    blocks = {
        **_episodes(house, sectors, pictures, now),
        "chronology": _chronology(house, sectors, pictures, now),
        "surprise": _surprise(house),
    }
    page = docs / "episodes.md"
    page.write_text(with_blocks(page.read_text("utf-8"), blocks), "utf-8")


def with_spot(sectors: Sectors) -> Sectors:
    """The sectors with Brent's spot price to be looked at beside them; futures are not in files."""
    return replace(sectors, controls=(*sectors.controls, SPOT))


def with_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """The text with what stands between the marks of each block put anew.

    >>> with_blocks("<!-- a: made -->\\nold\\n<!-- a: end -->", {"a": "new"})
    '<!-- a: made -->\\n\\nnew\\n\\n<!-- a: end -->'

    Raises
    ------
    ValueError
        Naming a block that the text has no marks for.
    """
    for name, block in blocks.items():
        begin, end = f"<!-- {name}: made -->", f"<!-- {name}: end -->"
        marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not marked.search(text):
            raise ValueError(f"episodes.md: has no marks for {name}")
        text = marked.sub(lambda _: f"{begin}\n\n{block}\n\n{end}", text)  # noqa: B023
    return text


def _episodes(house: House, sectors: Sectors, pictures: Path, now: datetime) -> dict[str, str]:
    with reading(house.engine) as conn:
        index = read_days(conn, DEFAULT_DYAD)
        found = [study_episode(conn, sectors, one, index, now) for one in EPISODES]
    q_values = _q_values(found)
    blocks = {}
    for one in found:
        draw_episode(one, sectors, pictures / f"{one.episode.name}.svg")
        own = {asset: q for (title, asset), q in q_values.items() if title == one.episode.title}
        blocks[one.episode.name] = episode_block(one, own)
    return {**blocks, "summary": summary_block(found, q_values)}


def _q_values(found: Sequence[EpisodeFound]) -> dict[tuple[str, str], float]:
    """Of days 0 to 2, over all assets of all episodes, by title and asset."""
    keys = [(one.episode.title, path.asset) for one in found for path in one.paths]
    p_values = [path.p_value[HORIZONS[1]] for one in found for path in one.paths]
    return dict(zip(keys, corrected(p_values).tolist(), strict=True))


def _chronology(house: House, sectors: Sectors, pictures: Path, now: datetime) -> str:
    model = house.desk.classifier.version
    with reading(house.engine) as conn:
        studies = {
            name: study_filter(conn, sectors, DEFAULT_DYAD, model, wanted, now)
            for name, wanted in FILTERS.items()
        }
    draw_chronology(studies[PICTURED], PICTURED, pictures / "chronology.svg")
    return chronology_block(studies)


def _surprise(house: House) -> str:
    everything = Wanted(origin="chronology", since=SINCE)
    with reading(house.engine) as conn:
        groups = read_happenings(
            conn, DEFAULT_DYAD, everything, house.desk.classifier.version, None
        )
    return surprise_block(groups, EPISODES)


if __name__ == "__main__":
    raise SystemExit(main())
