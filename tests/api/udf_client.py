"""What TradingView's UDF-compatible adapter asks and checks, over HTTP, for the tests.

After ``udf-compatible-datafeed-base.ts`` and ``history-provider.ts`` of the library's
``datafeeds/udf``: which requests it sends with which parameters, what it takes for an error, and
what it makes of an answer. After "getBars" and "How nextTime works" of the Advanced Charts
documentation: how the chart scrolls back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx

DAY, HOUR = 86_400, 3_600
LENGTHS = {"60": HOUR, "1D": DAY, "1W": 7 * DAY}


def seconds(moment: datetime) -> int:
    """A moment as the protocol writes it: seconds since 1970."""
    return int(moment.timestamp())


class UdfError(Exception):
    """What the adapter hands to the chart's ``onError``."""


@dataclass(frozen=True)
class Bar:
    """A bar as the adapter makes it, but in seconds."""

    time: int
    open: float
    high: float
    low: float
    close: float


@dataclass(frozen=True)
class Got:
    """The bars of one request, and whether and where the chart is to go on."""

    bars: list[Bar]
    no_data: bool
    next_time: int | None


class UdfClient:
    """The adapter's side of the protocol."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self._http = httpx.Client(base_url=url, headers=headers or {})
        self.config: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def on_ready(self) -> dict[str, Any]:
        """Without search or a group request the adapter throws at once."""
        self.config = self._send("config")
        if not self.config["supports_search"] and not self.config["supports_group_request"]:
            raise UdfError("must either support search, or support group request")
        assert not self.config["supports_group_request"], "then /symbols would never be asked"
        return self.config

    def search(self, text: str, kind: str = "", exchange: str = "") -> list[dict[str, Any]]:
        """The adapter sends what is typed in capitals, and takes an answer with ``s`` for none."""
        asked = {"limit": 30, "query": text.upper(), "type": kind, "exchange": exchange}
        answer = self._send("search", **asked)
        return [] if isinstance(answer, dict) and "s" in answer else list(answer)

    def resolve(self, name: str) -> dict[str, Any]:
        """Any answer with a key ``s`` is an unknown symbol; of others defaults are filled in."""
        answer = self._send("symbols", symbol=name)
        if "s" in answer:
            raise UdfError("unknown_symbol")
        return {
            **answer,
            "session": answer["session"],
            "supported_resolutions": answer["supported_resolutions"],
            "has_intraday": answer.get("has_intraday", False),
            "has_daily": answer.get("has_daily", True),
            "intraday_multipliers": answer.get(
                "intraday_multipliers", ["1", "5", "15", "30", "60"]
            ),
        }

    def get_bars(
        self,
        info: dict[str, Any],
        resolution: str,
        since: int,
        until: int,
        countback: int | None = None,
        **more: str,
    ) -> Got:
        """Only ``ok`` and ``no_data`` are answers; ``nextTime`` counts beside the second."""
        asked: dict[str, Any] = {"symbol": info["ticker"], "resolution": resolution}
        asked |= {"from": since, "to": until, **more}
        if countback is not None:
            asked["countback"] = countback
        answer = self._send("history", **asked)
        if answer.get("s") not in ("ok", "no_data"):
            raise UdfError(answer.get("errmsg"))
        if answer["s"] == "no_data":
            return Got([], True, answer.get("nextTime"))
        columns = zip(*(answer[name] for name in "tohlc"), strict=True)
        return Got([Bar(*row) for row in columns], False, None)

    def scroll_back(
        self, info: dict[str, Any], resolution: str, until: int, countback: int, most: int = 100
    ) -> list[Bar]:
        """Every bar before ``until``, as the chart asks for them when a reader scrolls back.

        So many bars each time, up to the oldest it has; after ``no_data`` up to the bar that
        ``nextTime`` names; without it the history is over.
        """
        bars: list[Bar] = []
        for _ in range(most):
            length = countback * LENGTHS[resolution]
            got = self.get_bars(info, resolution, until - length, until, countback)
            if got.no_data and got.next_time is None:
                return bars
            if got.no_data:
                assert got.next_time is not None and got.next_time < until
                until = got.next_time + LENGTHS[resolution]
            else:
                bars = [*got.bars, *bars]
                until = got.bars[0].time
        raise AssertionError("the chart never comes to an end")

    def marks(self, info: dict[str, Any], resolution: str, since: int, until: int) -> list[Any]:
        """Columns or single values, by the length of ``id``, as ``extractField`` takes them."""
        names = ("id", "time", "color", "text", "label", "labelFontColor", "minSize")
        return self._marked("marks", names, info, resolution, since, until)

    def timescale_marks(
        self, info: dict[str, Any], resolution: str, since: int, until: int
    ) -> list[Any]:
        names = ("id", "time", "color", "label", "tooltip")
        return self._marked("timescale_marks", names, info, resolution, since, until)

    def server_time(self) -> int:
        """``parseInt`` of what ``JSON.parse`` makes of the text."""
        return int(self._send("time"))

    def _marked(
        self,
        path: str,
        names: tuple[str, ...],
        info: dict[str, Any],
        resolution: str,
        since: int,
        until: int,
    ) -> list[Any]:
        asked = {"symbol": info["ticker"], "from": since, "to": until, "resolution": resolution}
        answer = self._send(path, **asked)
        return [
            {n: answer[n][i] if isinstance(answer[n], list) else answer[n] for n in names}
            for i in range(len(answer["id"]))
        ]

    def _send(self, path: str, **asked: Any) -> Any:
        """The requester parses the text of any answer as JSON, whatever its status."""
        return self._http.get(f"/udf/{path}", params=asked).json()
