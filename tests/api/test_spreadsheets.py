"""What spreadsheets and notebooks hang on: columns of a name, in an order, that do not change.

A Power Query step names its columns, and a sheet points at them by letter. Whoever has to change
this list breaks both, and adds at the end or says so in the change log.
"""

from __future__ import annotations

import io
import json
from datetime import date

import pandas as pd
import pytest
from pyarrow import ipc, parquet

from tests.api.house import House

HISTORY = (
    "day,risk_index,low,high,net_escalation,escalation_index,thaw_index,threats,acts,attention,"
    "pressure,coverage,events,stories,diplomacy,military,sanctions_trade,energy,arms_control,"
    "detainees,cyber,vintage,known_at,reconstructed,model_version,method_version"
)
EVENTS = (
    "id,key,published_at,text,source,url,received_at,language,occurred_on,actor,recipient,"
    "event_code,goldstein,quad_class,external_id,origin,assessed,dyad,directness,weight,theme,"
    "story_id,model_version,p_thaw,p_escalation,p_neutral,severity,act,basis,scored_at,direction,"
    "abstains,words"
)
SECTOR = (
    "day,knowable_at,risk_index,vintage,known_at,reconstructed,trading_day,closes_at,level,return,"
    "abnormal_return,members,simulated"
)
SPAN = {"from": "2025-03-01", "to": "2025-03-05"}


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/v1/index/history", HISTORY),
        ("/v1/index/history?resolution=1w", HISTORY),
        ("/v1/index/history?resolution=1h", HISTORY.replace("day", "time", 1)),
        ("/v1/events", EVENTS),
        ("/v1/sectors/energy", SECTOR),
    ],
)
def test_columns_of_csv_are_pinned(small_house: House, path: str, columns: str) -> None:
    answer = small_house.client.get(path, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    head = answer.text.split("\n", 1)[0]
    assert head.replace('"', "").split(",") == columns.split(",")


def test_no_row_changes_the_columns(small_house: House) -> None:
    future = {"from": "2031-01-01", "to": "2031-01-02", "format": "csv"}
    head = small_house.get("/v1/index/history", **future).text.split("\n", 1)[0]
    assert head.replace('"', "") == HISTORY


@pytest.mark.parametrize("path", ["/v1/index/history", "/v1/sectors/energy"])
def test_parquet_holds_what_arrow_does(small_house: House, path: str) -> None:
    small_house.keep_prices(date(2024, 1, 2), date(2025, 3, 7))
    arrow = small_house.get(path, format="arrow", **SPAN)
    packed = small_house.get(path, format="parquet", **SPAN)
    assert packed.headers["content-type"] == "application/vnd.apache.parquet"
    assert packed.headers["x-method-version"] == arrow.headers["x-method-version"] == "test"
    sent = ipc.open_stream(io.BytesIO(arrow.content)).read_all()
    kept = parquet.read_table(io.BytesIO(packed.content))
    assert kept.column_names == sent.column_names
    assert kept.num_rows == 5
    pd.testing.assert_frame_equal(kept.to_pandas(), sent.to_pandas(), check_dtype=False)
    about = json.loads(kept.schema.metadata[b"risk_service"])
    assert about["from"] == "2025-03-01"
    asked = small_house.client.get(
        path, params=SPAN, headers={"Accept": "application/vnd.apache.parquet"}
    )
    assert asked.content[:4] == b"PAR1"
