"""``/v1/event-study``: what closes did around happenings of our own, or around a caller's dates."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.api.deps import DyadDep, Parts, PartsDep, standing
from risk_service.api.formats import (
    Encoded,
    caching,
    encoded,
    table_response,
    to_json,
    unchanged,
    untimed,
    weak_etag,
)  # fmt: skip
from risk_service.api.problems import INVALID, Problem, from_core
from risk_service.api.schemas.common import ALSO_CSV_OR_PICTURE
from risk_service.api.schemas.studies import NOTE, StudyIn, StudyOut
from risk_service.api.study_query import (
    CsvTable,
    QuestionDep,
    Shape,
    ShapeDep,
    WantedDep,
    Windows,
    groups_of,
    knowable_at,
    question_of,
)
from risk_service.pictures import PICTURE_TYPES
from risk_service.store.close_counts import count_closes
from risk_service.store.engine import reading
from risk_service.store.upsert import Row
from risk_service.studies import (
    UNGROUPED,
    Question,
    Studied,
    read_happenings,
    read_study_closes,
    study_groups,
)
from risk_service.study_answer import filter_of, study_answer
from risk_service.study_chart import draw_study
from risk_service.study_tables import (
    averages_table,
    cars_table,
    dropped_table,
    significance_table,
)

router = APIRouter(prefix="/v1/event-study", tags=["sectors"])


@router.get(
    "",
    response_model=StudyOut,
    responses=ALSO_CSV_OR_PICTURE,
    summary="What closes did around events",
)
def get_study(
    request: Request, parts: PartsDep, wanted: WantedDep, question: QuestionDep, shape: ShapeDep
) -> Response:
    """An event study (MacKinlay 1997) of the stories that fit a filter, thaw and escalation apart.

    Each story counts once, at its first report, with the score it had at ``as_of``; closes come in
    the vintage known then. ``cars`` has every event and asset used, ``dropped`` what was left out
    and why, ``placebo`` the same study on random dates. As CSV one of four tables, as SVG or PNG
    the CAARs with interval and placebo. It does not predict returns.
    """
    dyad, filtered = wanted
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        count = count_closes(conn, simulated=parts.simulated_prices)
        told = (about["versions"], untimed(about["freshness"]), count)
        headers = caching(request, weak_etag(request, *shape, *told))
        if (same := unchanged(request, headers)) is not None:
            return same

        def make() -> Encoded:
            model, as_of = parts.desk.classifier.version, question.as_of
            groups = read_happenings(conn, dyad, filtered, model, as_of)
            studied = _study(conn, parts, groups, question)
            return _encoded(studied, question, {"filter": filter_of(filtered)}, parts, shape)

        # Not by address: neither Accept nor the order of a query changes what is found.
        key = ("event-study", dyad, filtered, question, shape, str(about["versions"]), count)
        made = parts.held.get_or_make(key, make)
    return _answer(made, shape[0], dyad, about, headers)


@router.post(
    "", response_model=StudyOut, responses=ALSO_CSV_OR_PICTURE, summary="A study of your own dates"
)
def post_study(parts: PartsDep, dyad: DyadDep, shape: ShapeDep, body: StudyIn) -> Response:
    """The same study of up to 1,000 dates of your own. A read: nothing is kept.

    Dates with a direction are studied apart from those of the other, and from those without one.
    """
    question = question_of(parts, _windows(body), body.as_of)
    groups = {
        name: pd.DataFrame(
            {
                "knowable_at": [knowable_at(body.events[i].at) for i in places],
                "text": [body.events[i].text for i in places],
            }
        ).assign(knowable_at=lambda own: pd.to_datetime(own["knowable_at"], utc=True))
        for name, places in groups_of([one.direction for one in body.events], UNGROUPED).items()
    }
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        studied = _study(conn, parts, groups, question)
    made = _encoded(studied, question, {"filter": None}, parts, shape)
    return _answer(made, shape[0], dyad, about, {})


def _windows(body: StudyIn) -> Windows:
    given = body.model_dump(exclude={"events", "as_of"})
    lists = {
        name: None if given[name] is None else tuple(given[name]) for name in ("assets", "controls")
    }
    return Windows(**{**given, **lists})


def _study(
    conn: Connection, parts: Parts, groups: Mapping[str, pd.DataFrame], question: Question
) -> Studied:
    simulated = parts.simulated_prices
    closes = read_study_closes(
        conn, parts.sectors, question, groups, parts.clock(), simulated=simulated
    )
    try:
        return study_groups(groups, closes, parts.sectors, question)
    except ValueError as error:
        raise Problem(INVALID, str(error), [from_core(error)]) from None


def _encoded(
    studied: Studied, question: Question, asked: Row, parts: Parts, shape: tuple[Shape, CsvTable]
) -> Encoded:
    form, table = shape
    simulated = parts.simulated_prices
    if form == "json":
        answer = {"note": NOTE, **asked, **study_answer(studied, question, simulated=simulated)}
        return Encoded(len(studied.groups), to_json(answer))
    if form == "csv":
        return encoded("csv", _table(studied, table, simulated))
    title = f"Event study, {question.study.model} model, days {question.study.first} to " + str(
        question.study.last
    )
    drawn = draw_study(studied, title, simulated=simulated, picture=form)
    return Encoded(len(studied.groups), drawn)


def _table(studied: Studied, table: CsvTable, simulated: bool) -> pd.DataFrame:
    if table == "averages":
        return averages_table(studied, simulated)
    if table == "tests":
        return significance_table(studied, simulated)
    return cars_table(studied, simulated) if table == "cars" else dropped_table(studied)


def _answer(made: Encoded, form: Shape, dyad: str, about: Row, headers: dict[str, str]) -> Response:
    content = made.content
    assert isinstance(content, bytes)
    if form == "csv":
        return table_response("csv", made, about, headers)
    if form == "json":
        around = to_json({"dyad": dyad, **about})
        joined = b"".join([around[:-1], b",", content[1:]])
        return Response(joined, headers=headers, media_type="application/json")
    return Response(content, headers=headers, media_type=PICTURE_TYPES[form])
