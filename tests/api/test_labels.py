"""Corrected labels: kept with who and why, given back as a label file; no score changes."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from risk_service.api.schemas.labels import LabelledOut, LabelsOut
from risk_service.core.events import Event
from tests.api.house import NOW, House
from training.labels import read_labels

SAID = {"direction": "thaw", "intensity": 2, "why": "They agreed."}


def ids(house: House) -> list[int]:
    return [event["id"] for event in house.get("/v1/events", limit=4).json()["events"]]


def test_a_correction_is_kept_with_who_and_why_and_changes_no_score(house: House) -> None:
    first = ids(house)[0]
    before = house.get(f"/v1/events/{first}").json()["event"], house.get("/v1/index").content
    answer = house.post(f"/v1/events/{first}/label", SAID)
    told = LabelledOut.model_validate(answer.json())
    assert told.kept
    (label,) = told.labels
    assert (label.direction, label.intensity, label.why, label.who) == (
        "thaw",
        2,
        "They agreed.",
        "write",
    )
    assert (label.event_id, label.at, label.text) == (first, NOW, before[0]["text"])
    house.work()
    assert (
        house.get(f"/v1/events/{first}").json()["event"],
        house.get("/v1/index").content,
    ) == before


def test_the_same_said_twice_is_kept_once_and_another_word_beside_it(small_house: House) -> None:
    first, second = ids(small_house)[:2]
    path = f"/v1/events/{first}/label"
    kept = [small_house.post(path, SAID).json()["kept"] for _ in range(2)]
    assert kept == [True, False]
    changed = small_house.post(path, {"direction": "neutral", "why": "Only talk."}).json()
    assert [label["direction"] for label in changed["labels"]] == ["thaw", "neutral"]
    small_house.post(f"/v1/events/{second}/label", SAID)
    every = LabelsOut.model_validate(small_house.get("/v1/labels").json())
    assert [label.event_id for label in every.labels] == [first, first, second]
    one = small_house.get("/v1/labels", event_id=second).json()
    assert [label["event_id"] for label in one["labels"]] == [second]


def test_as_csv_it_is_a_label_file_with_the_newest_of_each_text(
    small_house: House, tmp_path: Path
) -> None:
    text = "Washington and Moscow sign a truce"
    at = NOW - timedelta(hours=2)
    small_house.keep([Event(at, text, "A"), Event(at, text.upper(), "B", external_id="b")])
    same = [
        event["id"] for event in small_house.get("/v1/events", q="sign a truce").json()["events"]
    ]
    assert len(same) == 2
    small_house.post(f"/v1/events/{same[0]}/label", SAID)
    small_house.post(f"/v1/events/{same[1]}/label", {"direction": "neutral", "why": "No."})
    answer = small_house.get("/v1/labels", format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["direction"], row["intensity"], row["why"]) for row in rows] == [
        ("neutral", "", "No.")
    ]
    (tmp_path / "mine.csv").write_text(answer.text, "utf-8")
    labels = read_labels(tmp_path / "mine.csv")
    assert list(labels["direction"]) == ["neutral"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"direction": "thaw", "why": "They agreed."}, "intensity"),
        ({"direction": "neutral", "intensity": 1, "why": "Only talk."}, "intensity"),
        ({"direction": "war", "intensity": 1, "why": "No."}, "direction"),
        ({"direction": "thaw", "intensity": 4, "why": "They agreed."}, "intensity"),
        ({"direction": "thaw", "intensity": 2, "why": ""}, "why"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    small_house: House, body: dict[str, object], field: str
) -> None:
    answer = small_house.post(f"/v1/events/{ids(small_house)[0]}/label", body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_an_unknown_event_one_without_text_and_a_missing_key(small_house: House) -> None:
    assert small_house.post("/v1/events/99999/label", SAID).status_code == 404
    coded = Event(
        NOW - timedelta(hours=1), "", "codes", actor="USA", recipient="RUS", event_code="173"
    )
    (kept,) = small_house.keep([coded])
    assert small_house.post(f"/v1/events/{kept.id}/label", SAID).status_code == 422
    first = ids(small_house)[0]
    assert small_house.client.post(f"/v1/events/{first}/label", json=SAID).status_code == 401
