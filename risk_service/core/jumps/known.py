"""The index as it was known on each day: what a rule may look at when it judges that day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from risk_service.core.jumps.baseline import Floats

SPANS = (1, 7)


@dataclass(frozen=True, slots=True)
class Known:
    """Series by calendar day.

    ``values`` is (T, P), the index of each day as first told, 0–100; ``before`` gives, for spans of
    1 and 7 days, the index so many days earlier as it was known when the day was first told. NaN is
    a gap: a day that never settled, or was not known yet.
    """

    values: Floats
    before: dict[int, Floats]

    @classmethod
    def of_paths(cls, paths: Floats) -> Known:
        """Paths (T, P) that are never revised."""
        return cls(paths, {span: _earlier(paths, span) for span in SPANS})


def calendar(vintages: pd.DataFrame) -> pd.DatetimeIndex:
    """Every day from the first to the last of them, gaps included."""
    days = pd.to_datetime(vintages["day"])
    return pd.date_range(days.min(), days.max(), freq="D")


def known_then(vintages: pd.DataFrame) -> Known:
    """One series of the vintages of its days, without what later vintages changed.

    A day is told by its first vintage; what it is compared with, by the newest vintage known then.
    So a new model, which makes the past anew, is no jump.

    Parameters
    ----------
    vintages
        At least one row; day, vintage, known_at (aware) and risk_index, in any order.
    """
    table = vintages.assign(
        day=pd.to_datetime(vintages["day"]).astype("datetime64[us]"),
        known_at=pd.to_datetime(vintages["known_at"], utc=True).astype("datetime64[us, UTC]"),
        risk_index=vintages["risk_index"].astype(float),
    )
    first = table.sort_values("vintage").groupby("day", as_index=False).first()
    days = calendar(vintages)
    values = first.set_index("day")["risk_index"].reindex(days)
    before = {span: _known_before(first, table, span).reindex(days) for span in SPANS}
    return Known(_column(values), {span: _column(series) for span, series in before.items()})


def _known_before(first: pd.DataFrame, table: pd.DataFrame, span: int) -> pd.Series[float]:
    asked = pd.DataFrame(
        {
            "judged": first["day"],
            "day": first["day"] - pd.Timedelta(days=span),
            "known_at": first["known_at"],
        }
    )
    told = table[["day", "known_at", "vintage", "risk_index"]]
    found = pd.merge_asof(
        asked.sort_values("known_at"),
        told.sort_values(["known_at", "vintage"]),
        on="known_at",
        by="day",
    )
    series: pd.Series[float] = found.set_index("judged")["risk_index"]
    return series


def _column(series: pd.Series[float]) -> Floats:
    values: Floats = np.asarray(series, np.float64)
    return values[:, None]


def _earlier(paths: Floats, span: int) -> Floats:
    earlier = np.full_like(paths, np.nan)
    earlier[span:] = paths[:-span]
    return earlier
