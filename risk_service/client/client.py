"""The client itself: one method a question."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Literal, Self, cast

import httpx
import pandas as pd

from risk_service.client.answers import Drivers, Index, events_table, table_of
from risk_service.client.asking import Asker
from risk_service.client.streaming import Stream

ARROW = "application/vnd.apache.arrow.stream"
PAGE = 500
TEXTS_AT_ONCE = 1_000
ALERT_MOMENTS = ("started_at", "resolved_at", "acknowledged_at")

Day = date | str
Moment = datetime | str
Table = Literal["averages", "tests", "cars", "dropped"]


class Client:
    """Asks a service; days and moments may be text or objects, moments with time zone.

    Parameters
    ----------
    base_url
        Such as ``http://127.0.0.1:8000``.
    key
        An API key, where the service asks for one.
    timeout
        Seconds for one answer.
    dyad
        Whose index is meant.

    Every method raises ``ProblemError`` where the service says no, with its words and fields, and
    ``Unreachable`` where it does not answer. 429 and 503 are waited out as long as the service
    asks for, up to a minute.
    """

    def __init__(
        self, base_url: str, key: str | None = None, *, timeout: float = 30.0, dyad: str = "USA-RUS"
    ) -> None:
        self._asker, self._dyad = Asker(base_url, key, timeout), dyad

    def index(self, as_of: Moment | None = None) -> Index:
        """The index now, or with ``as_of`` the newest settled day that was known then."""
        return Index.of(self._json("/v1/index", as_of=as_of))

    def history(
        self,
        from_: Day | None = None,
        to: Day | None = None,
        resolution: Literal["1h", "1d", "1w"] = "1d",
        as_of: Moment | None = None,
    ) -> pd.DataFrame:
        """The index over time, one row a day, week or hour; versions are in ``attrs``."""
        return self._table(
            "/v1/index/history", resolution=resolution, as_of=as_of, **_span(from_, to)
        )

    def drivers(
        self, day: Day, as_of: Moment | None = None, limit: int = 20, words: bool = False
    ) -> Drivers:
        """The stories behind a settled day; ``words`` of each take a while the first time."""
        path = f"/v1/index/{day}/drivers"
        return Drivers.of(
            self._json(path, as_of=as_of, limit=limit, words="true" if words else None)
        )

    def events(
        self,
        from_: Day | Moment | None = None,
        to: Day | Moment | None = None,
        *,
        most: int = 10_000,
        about_dyad: bool = True,
        **filters: Any,
    ) -> pd.DataFrame:
        """Events, newest first, page after page, at most ``most``.

        ``filters`` are those of ``GET /v1/events``: direction, theme, directness, source,
        language, min_severity, q, story_id. Without ``about_dyad`` also events of other relations.
        """
        dyad = self._dyad if about_dyad else None
        query = {"dyad": dyad, **filters, **_span(from_, to), "limit": min(PAGE, most)}
        return events_table(self._pages("/v1/events", query, "events", most))

    def sectors(
        self,
        sector: str | None = None,
        from_: Day | None = None,
        to: Day | None = None,
        as_of: Moment | None = None,
    ) -> pd.DataFrame:
        """A sector beside the index, one row a day; without a name the sectors followed."""
        if sector is None:
            return pd.json_normalize(self._json("/v1/sectors")["sectors"])
        return self._table(f"/v1/sectors/{sector}", as_of=as_of, **_span(from_, to))

    def event_study(
        self, *, table: Table = "averages", events: Sequence[Any] | None = None, **asked: Any
    ) -> pd.DataFrame:
        """What closes did around events: one of four tables of ``/v1/event-study``.

        ``events`` are dates of your own, each ``{"at": …, "direction": …, "text": …}``; else
        ``asked`` filters stories: theme, direction, min_severity, from_, to, first, last …
        """
        asked = {name.rstrip("_"): value for name, value in asked.items()}
        shape = {"format": "csv", "table": table, "dyad": self._dyad}
        if events is None:
            answer = self._asker.get("/v1/event-study", {**asked, **shape}, "text/csv")
        else:
            body = {**asked, "events": list(events)}
            answer = self._asker.post("/v1/event-study", shape, body, "text/csv")
        return pd.read_csv(io.BytesIO(answer.content))

    def score(self, texts: str | Iterable[str]) -> pd.DataFrame:
        """Direction, probabilities, severity and telling words of each text, in order."""
        texts = [texts] if isinstance(texts, str) else list(texts)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            batch = {"texts": texts[start : start + TEXTS_AT_ONCE]}
            answer = self._asker.post("/v1/score", {"dyad": self._dyad}, batch).json()
            rows += answer["results"]
        return pd.json_normalize(rows).assign(text=texts) if rows else pd.DataFrame({"text": []})

    def alerts(
        self,
        state: Literal["firing", "resolved"] | None = None,
        from_: Day | Moment | None = None,
        to: Day | Moment | None = None,
        *,
        rule: str | None = None,
        most: int = 1_000,
    ) -> pd.DataFrame:
        """Alerts, newest first, at most ``most``: one a row, with rule, state and headline."""
        query = {"state": state, "rule": rule, **_span(from_, to), "limit": min(PAGE, most)}
        found = self._pages("/v1/alerts", query, "alerts", most)
        frame = pd.DataFrame(found)
        moments = [name for name in ALERT_MOMENTS if name in frame]
        return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in moments})

    def methodology(self) -> dict[str, Any]:
        """Formulas and parameters, from the running code."""
        return self._json("/v1/methodology")

    def stream(self, *kinds: str, last_event_id: int | None = None) -> Stream:
        """What is told as it comes: ``for told in client.stream("index", "alert"): …``.

        Kinds are index, story and alert; all of them if none is named. It goes on where it was
        when the connection breaks; ``last_event_id`` goes on where another left.
        """
        query = {"kinds": ",".join(kinds) or None, "dyad": self._dyad}
        return Stream(self._asker, query, last_event_id)

    def close(self) -> None:
        """Close the connections."""
        self._asker.close()

    def _json(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self._asker.get(path, {"dyad": self._dyad, **query})
        return cast(dict[str, Any], answer.json())

    def _pages(
        self, path: str, query: dict[str, Any], name: str, most: int
    ) -> list[dict[str, Any]]:
        page = self._asker.get(path, query).json()
        found = list(page[name])
        while page["next"] and len(found) < most:
            page = self._asker.get(page["next"], {}).json()
            found += page[name]
        return found[:most]

    def _table(self, path: str, **query: Any) -> pd.DataFrame:
        asked = {"dyad": self._dyad, **query, "format": "arrow"}
        answer: httpx.Response = self._asker.get(path, asked, ARROW)
        return table_of(answer.content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._asker.base_url!r})"


def _span(from_: Day | Moment | None, to: Day | Moment | None) -> dict[str, Any]:
    return {"from": from_, "to": to}
