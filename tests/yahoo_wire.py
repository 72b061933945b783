"""A local server that speaks Yahoo's v8/finance/chart wire format, and its refusals."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

CHART = "/v8/finance/chart/"
Bar = tuple[Any, Any]


@dataclass
class Reply:
    """What the server says, whatever is asked."""

    status: int
    body: bytes
    kind: str = "application/json"


NOT_FOUND = Reply(
    404,
    b'{"chart":{"result":null,"error":{"code":"Not Found",'
    b'"description":"No data found, symbol may be delisted"}}}',
)
TOO_MANY = Reply(429, b"Edge: Too Many Requests", "text/html")
DOWN = Reply(503, b"<html>Sorry</html>", "text/html")


@dataclass
class Chart:
    """The bars of one ticker by day: (close, adjclose), numbers, None or Yahoo's odd strings."""

    bars: Mapping[date, Bar]
    currency: str | None = "USD"
    zone: str = "America/New_York"
    opens: time = time(9, 30)
    drop: tuple[str, ...] = ()


@dataclass
class YahooWire:
    """Charts by ticker; scripted replies by ticker are given first, one a request, in order.

    ``always`` answers everything; ``asked`` recalls the path of each request.
    """

    charts: dict[str, Chart] = field(default_factory=dict)
    scripts: dict[str, list[Reply]] = field(default_factory=dict)
    always: Reply | None = None
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def chart_requests(self, ticker: str) -> int:
        return self.asked.count(CHART + ticker)

    def answer(self, target: str) -> Reply:
        parts = urlsplit(target)
        path = unquote(parts.path)
        self.asked.append(path)
        if self.always is not None:
            return self.always
        if path == "/v1/test/getcrumb":
            return Reply(200, b"a-crumb", "text/plain")
        if not path.startswith(CHART):
            return Reply(404, b"<html></html>", "text/html")
        ticker = path.removeprefix(CHART)
        if self.scripts.get(ticker):
            return self.scripts[ticker].pop(0)
        if ticker not in self.charts:
            return NOT_FOUND
        query = parse_qs(parts.query)
        span = int(query["period1"][0]), int(query["period2"][0])
        return Reply(200, json.dumps(_body(ticker, self.charts[ticker], span)).encode())


def _body(ticker: str, chart: Chart, span: tuple[int, int]) -> dict[str, Any]:
    zone = ZoneInfo(chart.zone)
    stamps = {
        int(datetime.combine(day, chart.opens, zone).timestamp()): bar
        for day, bar in sorted(chart.bars.items())
    }
    stamps = {at: bar for at, bar in stamps.items() if span[0] <= at < span[1]}
    meta = {
        "currency": chart.currency, "symbol": ticker, "exchangeName": "TST",
        "instrumentType": "EQUITY", "gmtoffset": 0, "timezone": "TST",
        "exchangeTimezoneName": chart.zone, "priceHint": 2, "dataGranularity": "1d",
        "range": "", "validRanges": ["1d", "max"],
    }  # fmt: skip
    closes = [bar[0] for bar in stamps.values()]
    quote = dict.fromkeys(("open", "high", "low", "close"), closes)
    quote["volume"] = [1000] * len(closes)
    result: dict[str, Any] = {
        "meta": {key: value for key, value in meta.items() if key not in chart.drop},
        "timestamp": list(stamps),
        "indicators": {
            "quote": [quote if stamps else {}],
            "adjclose": [{"adjclose": [bar[1] for bar in stamps.values()]}],
        },
    }
    if not stamps or "timestamp" in chart.drop:
        del result["timestamp"]
    return {"chart": {"result": [result], "error": None}}


@contextmanager
def serve_yahoo() -> Iterator[YahooWire]:
    """The server, on a free port of loopback."""
    wire = YahooWire()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = wire.answer(self.path)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    wire.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
