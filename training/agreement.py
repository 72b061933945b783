"""Does the index agree with published measures of the same thing?

``python -m training.agreement FOLDER`` reads, where they lie in the folder,
``icews_us_russia_2018.csv.gz`` beside ``gdelt_usa_rus_daily.csv`` (weekly, 2018) and
``icews_netify_us_rus_yearly.csv`` beside the bundled chronology (yearly, 2002–2014), and prints
what they say. The events go through the service's own path, in a database that is thrown away.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from risk_service.chronology import load_chronology
from risk_service.core.method import METHOD
from risk_service.desk import DEFAULT_DYAD, open_desk
from risk_service.importing import import_file
from risk_service.pipeline import work_off
from risk_service.store.engine import make_engine, migrate, reading
from risk_service.store.index import read_days

YEARS = (2002, 2014)
PUBLISHED_WEEKS = 44
"""Weeks of 2018 that the comparison with GDELT has used before, so that figures compare."""


def days_of(file: Path | None, starts: date) -> pd.DataFrame:
    """Settled index days made from a file of events, or from the bundled chronology alone."""
    now = datetime.now(UTC)
    desk = replace(open_desk(None, None, ""), method=replace(METHOD, starts=starts))
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/index.sqlite3")
        migrate(engine)
        if file is None:
            load_chronology(engine, now)
        else:
            import_file(engine, file, now=now)
        work_off(engine, desk, lambda: now)
        with reading(engine) as conn:
            days = read_days(conn, DEFAULT_DYAD)
        engine.dispose()
    return days.set_index(pd.to_datetime(days["day"]))


def weekly_against_gdelt(icews: Path, gdelt: Path) -> dict[str, float]:
    """Pearson correlations by week of 2018 with GDELT's sum of Goldstein weights USA–RUS.

    ``plain`` is the mean Goldstein value of the same events. Signs are turned so that a positive
    number always means agreement.
    """
    theirs = pd.read_csv(gdelt, parse_dates=["date"], index_col="date")["edge_usa_rus"]
    weekly = theirs.loc["2018"].resample("W").sum()
    events = pd.read_csv(icews, parse_dates=["date"])
    plain = events.set_index("date")["goldstein"].resample("W").mean()
    days = days_of(icews, date(2018, 1, 1))
    ours = days[["risk_index", "pressure"]].resample("W").mean()
    weeks = plain.index.intersection(ours.index).intersection(weekly.index)[:PUBLISHED_WEEKS]
    return {
        "weeks": len(weeks),
        "plain": float(plain[weeks].corr(weekly[weeks])),
        "risk_index": float(-ours["risk_index"][weeks].corr(weekly[weeks])),
        "pressure": float(-ours["pressure"][weeks].corr(weekly[weeks])),
    }


def yearly_against_icews(counts: Path) -> pd.DataFrame:
    """ICEWS's share of conflict events and our mean index by year; attrs hold the Spearman rank."""
    first, last = YEARS
    by_year = pd.read_csv(counts).groupby("year")[["verbCoop", "matlCoop", "verbConf", "matlConf"]]
    totals = by_year.sum()
    conflict = (totals["verbConf"] + totals["matlConf"]) / totals.sum(axis=1)
    days = days_of(None, METHOD.starts)
    ours = days["risk_index"].groupby(pd.DatetimeIndex(days.index).year).mean().loc[first:last]
    table = pd.DataFrame({"icews_conflict_share": conflict.loc[first:last], "risk_index": ours})
    table.attrs["spearman"] = float(
        table["icews_conflict_share"].corr(table["risk_index"], method="spearman")
    )
    return table


def main(folders: Sequence[str]) -> None:
    """Print both comparisons."""
    folder = Path(folders[0])
    weekly = weekly_against_gdelt(
        folder / "icews_us_russia_2018.csv.gz", folder / "gdelt_usa_rus_daily.csv"
    )
    sys.stdout.write("by week of 2018 against GDELT: ")
    sys.stdout.write(", ".join(f"{name} {value:.3g}" for name, value in weekly.items()) + "\n")
    yearly = yearly_against_icews(folder / "icews_netify_us_rus_yearly.csv")
    sys.stdout.write(yearly.round(3).to_string() + "\n")
    sys.stdout.write(f"Spearman by year: {yearly.attrs['spearman']:.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
