import io
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import Engine

from risk_service.api.schemas.index import DriversOut, HistoryOut, IndexOut
from risk_service.core.events import Event
from risk_service.snapshot import etag_of
from tests.api.house import NOW, Clock, House, news


def test_the_live_answer_is_the_snapshot_byte_for_byte(house: House) -> None:
    answer = house.get("/v1/index")
    held = house.snapshots.held("USA-RUS")
    assert held is not None
    assert answer.content == held.body
    assert answer.headers["etag"] == held.etag == etag_of(answer.content)
    assert answer.headers["cache-control"] == "public, max-age=1, stale-if-error=60"
    assert IndexOut.model_validate(answer.json()).state in {"fresh", "stale"}


def test_an_empty_service_says_so(engine: Engine) -> None:
    house = House(engine)
    house.work()
    answer = house.get("/v1/index").json()
    assert (answer["state"], answer["risk_index"]) == ("empty", 50.0)
    assert answer["freshness"]["watched_until"] is None
    assert house.get("/v1/index/history").json()["rows"] == []
    assert house.get("/v1/index/history", resolution="1w").json()["rows"] == []
    assert house.get("/v1/index/history", resolution="1h").status_code == 200


def test_before_the_first_refresh_there_is_no_answer(sqlite_engine: Engine) -> None:
    answer = House(sqlite_engine).get("/v1/index")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


def test_an_unknown_dyad_is_not_found(small_house: House) -> None:
    answer = small_house.get("/v1/index", dyad="USA-XXX")
    assert answer.status_code == 404
    assert "USA-RUS" in answer.json()["detail"]


def test_as_of_gives_the_newest_day_settled_by_then(house: House) -> None:
    answer = house.get("/v1/index", as_of="2025-02-10T08:00:00Z").json()
    assert answer["day"] == "2025-02-09"
    assert answer["evaluated_at"] == "2025-02-10T00:00:00Z"
    IndexOut.model_validate(answer)
    days = house.get("/v1/index/history", **{"from": "2025-02-09", "to": "2025-02-09"}).json()
    assert answer["risk_index"] == days["rows"][0]["risk_index"]
    assert house.get("/v1/index", as_of="2024-01-01T00:00:00Z").status_code == 404


def test_as_of_long_after_the_last_day_gives_that_day(small_house: House) -> None:
    small_house.clock.now = NOW + timedelta(days=60)
    answer = small_house.get("/v1/index", as_of="2025-05-01T00:00:00Z").json()
    assert answer["day"] == "2025-03-09"


def test_as_of_the_future_is_refused(house: House) -> None:
    answer = house.get("/v1/index", as_of="2025-03-11T00:00:00Z")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "as_of"


def test_history_gives_every_settled_day_once(house: House) -> None:
    answer = house.get("/v1/index/history")
    history = HistoryOut.model_validate(answer.json())
    days = [row.day for row in history.rows]
    assert days[0] == date(2025, 1, 1)
    assert days[-1] == date(2025, 3, 9)
    assert days == [date(2025, 1, 1) + timedelta(days=n) for n in range(history.count)]
    assert answer.json()["versions"] == {"model": "words-1", "method": "test", "index": 3}


def test_history_reads_one_vintage_then_and_another_now(house: House) -> None:
    """A late report makes a new vintage; as_of still reads the old one."""
    span = {"from": "2025-02-20", "to": "2025-02-20"}
    before = house.get("/v1/index/history", **span).json()["rows"][0]
    house.clock.now = NOW + timedelta(hours=1)
    text = "Washington and Moscow strike at each other's pipelines"
    house.keep([Event(datetime(2025, 2, 20, 6, tzinfo=UTC), text, "Late Wire")])
    after = house.get("/v1/index/history", **span).json()["rows"][0]
    then = house.get("/v1/index/history", as_of="2025-03-10T12:30:00Z", **span).json()["rows"][0]
    assert then == before
    assert (before["vintage"], after["vintage"]) == (1, 2)
    assert after["risk_index"] > before["risk_index"]
    assert after["known_at"] == "2025-03-10T13:00:00Z"


def test_weeks_are_means_of_seven_settled_days(house: House) -> None:
    days = pd.DataFrame(house.get("/v1/index/history").json()["rows"])
    weeks = house.get("/v1/index/history", resolution="1w").json()["rows"]
    assert weeks[0]["day"] == "2025-01-06"  # 1 January 2025 was a Wednesday
    assert weeks[-1]["day"] == "2025-03-03"
    week = days[days["day"].between("2025-02-03", "2025-02-09")]
    told = next(row for row in weeks if row["day"] == "2025-02-03")
    assert told["risk_index"] == pytest.approx(week["risk_index"].mean(), abs=1e-5)
    assert told["energy"] == pytest.approx(week["energy"].mean(), abs=1e-5)


def test_an_incomplete_week_is_left_out(house: House) -> None:
    span = {"from": "2025-02-04", "to": "2025-02-16", "resolution": "1w"}
    rows = house.get("/v1/index/history", **span).json()["rows"]
    assert [row["day"] for row in rows] == ["2025-02-10"]


def test_the_hour_that_ends_a_day_is_that_day(house: House) -> None:
    span = {"from": "2025-02-09", "to": "2025-02-09"}
    hours = house.get("/v1/index/history", resolution="1h", **span).json()["rows"]
    day = house.get("/v1/index/history", **span).json()["rows"][0]
    assert [row["time"] for row in hours[:2]] == ["2025-02-09T01:00:00Z", "2025-02-09T02:00:00Z"]
    assert len(hours) == 24
    assert hours[-1]["time"] == "2025-02-10T00:00:00Z"
    for name in ("risk_index", "low", "high", "escalation_index", "attention", "pressure"):
        assert hours[-1][name] == pytest.approx(day[name], abs=1e-5)
    assert hours[-1]["vintage"] is None
    assert hours[-1]["reconstructed"]


def test_no_hour_lies_beyond_what_was_watched(house: House) -> None:
    answer = house.get("/v1/index/history", resolution="1h").json()
    assert answer["rows"][-1]["time"] == answer["freshness"]["watched_until"]
    HistoryOut.model_validate(answer)
    then = house.get("/v1/index/history", resolution="1h", as_of="2025-03-01T05:30:00Z").json()
    assert then["rows"][-1]["time"] == "2025-03-01T05:00:00Z"
    later = house.get("/v1/index/history", resolution="1h", **{"from": "2025-06-01"})
    assert (later.status_code, later.json()["rows"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"resolution": "1h", "from": "2025-01-01", "to": "2025-02-01"}, "to"),
        ({"from": "2025-02-02", "to": "2025-02-01"}, "to"),
        ({"from": "2025-13-01"}, "from"),
        ({"from": "1700000000"}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"as_of": "2025-02-01T00:00:00"}, "as_of"),
        ({"as_of": "2025-02-01"}, "as_of"),
        ({"resolution": "1m"}, "resolution"),
        ({"format": "xml"}, "format"),
    ],
)
def test_history_names_the_field_it_refuses(
    small_house: House, query: dict[str, str], field: str
) -> None:
    answer = small_house.get("/v1/index/history", **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_all_formats_tell_the_same(house: House) -> None:
    rows = pd.DataFrame(house.get("/v1/index/history").json()["rows"])
    csv = house.get("/v1/index/history", format="csv")
    arrow = house.get("/v1/index/history", format="arrow")
    from_csv = pd.read_csv(io.StringIO(csv.text))
    table = pa.ipc.open_stream(arrow.content).read_all()
    assert list(rows.columns) == list(from_csv.columns) == table.column_names
    assert from_csv["risk_index"].tolist() == rows["risk_index"].tolist()
    assert from_csv["day"].tolist() == rows["day"].tolist()
    exact = table.column("risk_index").to_pylist()
    assert exact == pytest.approx(rows["risk_index"].tolist(), abs=1e-6)
    assert table.schema.metadata[b"risk_service"].startswith(b'{"dyad":"USA-RUS"')
    for answer in (csv, arrow):
        assert answer.headers["x-model-version"] == "words-1"
        assert answer.headers["x-watched-until"] == "2025-03-10T10:00:00+00:00"


def test_the_accept_header_chooses_the_format(small_house: House) -> None:
    answer = small_house.client.get("/v1/index/history", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "Accept" in answer.headers["vary"]


def test_history_is_unchanged_until_an_event_comes(small_house: House) -> None:
    etag = small_house.get("/v1/index/history").headers["etag"]
    ask = {"headers": {"If-None-Match": etag}}
    same = small_house.client.get("/v1/index/history", **ask)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    other = small_house.client.get("/v1/index/history?format=csv", **ask)
    assert other.status_code == 200
    small_house.keep([Event(NOW, "Moscow and Washington agree on a truce", "Wire")])
    assert small_house.client.get("/v1/index/history", **ask).status_code == 200


def test_history_goes_out_compressed_only_to_who_asks(house: House) -> None:
    path = "/v1/index/history"
    packed = house.client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = house.client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json()["rows"] == plain.json()["rows"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


def test_csv_that_is_kept_packed_is_what_goes_out_plain(house: House) -> None:
    path = "/v1/index/history?format=csv"
    plain = house.client.get(path, headers={"Accept-Encoding": "identity"})
    for _ in range(2):
        packed = house.client.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert {"Accept", "Accept-Encoding"} <= set(packed.headers["vary"].split(", "))
        assert packed.text == plain.text
        assert packed.headers["etag"] == plain.headers["etag"]
    assert "content-encoding" not in plain.headers


def test_contributions_add_up_to_the_number_on_record(house: House) -> None:
    answer = DriversOut.model_validate(house.get("/v1/index/2025-03-01/drivers", limit=5).json())
    told = sum(story.contribution for story in answer.stories) + answer.rest.contribution
    assert told == pytest.approx(answer.risk_index - 50, abs=1e-9)
    assert answer.total == pytest.approx(told, abs=1e-9)
    assert answer.reproduced
    assert len(answer.stories) == 5
    sizes = [abs(story.contribution) for story in answer.stories]
    assert sizes == sorted(sizes, reverse=True)


def test_drivers_of_an_old_vintage_leave_out_what_came_later(house: House) -> None:
    before = house.get("/v1/index/2025-03-01/drivers").json()
    house.clock.now = NOW + timedelta(hours=1)
    text = "Washington and Moscow strike at each other's pipelines"
    house.keep([Event(datetime(2025, 2, 28, 6, tzinfo=UTC), text, "Late Wire")])
    then = house.get("/v1/index/2025-03-01/drivers", as_of="2025-03-10T12:30:00Z").json()
    now = house.get("/v1/index/2025-03-01/drivers").json()
    assert then["stories"] == before["stories"]
    assert then["reproduced"]
    assert now["reproduced"]
    assert (then["vintage"], now["vintage"]) == (1, 2)
    assert text in [story["text"] for story in now["stories"]]


def test_a_day_that_is_not_settled_has_no_drivers(small_house: House) -> None:
    assert small_house.get("/v1/index/2025-03-10/drivers").status_code == 404
    assert small_house.get("/v1/index/2025-3-1/drivers").status_code == 422
    assert small_house.get("/v1/index/2025-03-01/drivers", limit=0).status_code == 422


def test_drivers_are_unchanged_while_the_clock_runs(sqlite_engine: Engine) -> None:
    house = House(sqlite_engine, clock=Clock())
    house.keep(news(10))
    etag = house.get("/v1/index/2025-03-05/drivers").headers["etag"]
    house.clock.now += timedelta(minutes=5)
    ask = {"headers": {"If-None-Match": etag}}
    assert house.client.get("/v1/index/2025-03-05/drivers", **ask).status_code == 304
