"""``labels``: corrections of labels as a label file."""

from __future__ import annotations

import csv
import sys

from risk_service.api.formats import unformula
from risk_service.config import Settings
from risk_service.store.engine import reading
from risk_service.store.labels import LABEL_COLUMNS, newest_of_each_text, read_corrections
from risk_service.wiring import open_database


def labels() -> None:
    """Labels that people corrected, as CSV: the newest of each text, to train --labels on."""
    with reading(open_database(Settings())) as conn:
        rows = newest_of_each_text(read_corrections(conn))
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(LABEL_COLUMNS)
    for row in rows:
        table.writerow(_cell(row[name]) for name in LABEL_COLUMNS)


def _cell(value: object) -> object:
    return unformula(value) if isinstance(value, str) else value
