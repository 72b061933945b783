"""Which columns of the history are asked for: a chart of 13,000 days needs four of thirty."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from fastapi import Depends, Query

from risk_service.api.deps import FormatDep
from risk_service.api.history import FACTS, VALUES
from risk_service.api.problems import invalid

_KNOWN = (*VALUES, *FACTS)


def _columns(
    form: FormatDep,
    columns: Annotated[
        str | None,
        Query(
            max_length=400,
            description="Columns that are wanted, of any format but JSON, comma between; day or "
            "time comes first in any case",
            examples=["risk_index,low,high"],
        ),
    ] = None,
) -> tuple[str, ...] | None:
    if columns is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in columns.split(",")))
    unknown = [name for name in names if name not in _KNOWN]
    if unknown:
        raise invalid("columns", f"{unknown[0]!r} is not one of {', '.join(_KNOWN)}")
    if form == "json":
        raise invalid("columns", "JSON leaves no columns out; ask for format=csv")
    return names


ColumnsDep = Annotated[tuple[str, ...] | None, Depends(_columns)]
"""Names of the columns asked for; None is all."""


def of_columns(table: pd.DataFrame, columns: tuple[str, ...] | None) -> pd.DataFrame:
    """A history's first column and those asked for; all where none was.

    >>> list(of_columns(pd.DataFrame({"day": [], "low": [], "high": []}), ("high",)))
    ['day', 'high']
    """
    return table if columns is None else table[[table.columns[0], *columns]]
