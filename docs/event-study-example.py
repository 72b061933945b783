"""Four dates and the whole chronology studied through a running service, without a notebook.

make run                                      # or RISK_PRICES=sample make run: simulated closes
.venv/bin/python docs/event-study-example.py  # prints two tables, writes event-study.svg
"""

import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pandas as pd

SERVICE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
PICTURE = Path(sys.argv[2] if len(sys.argv) > 2 else "event-study.svg")
DATES = [
    {"at": "2014-03-01", "direction": "escalation", "text": "Use of force in Ukraine approved"},
    {"at": "2022-02-24T03:00:00Z", "direction": "escalation", "text": "Invasion of Ukraine"},
    {"at": "2025-08-15T23:30:00Z", "direction": "thaw", "text": "Summit in Alaska"},
    {"at": "2025-10-22T21:00:00Z", "direction": "escalation", "text": "Rosneft and Lukoil"},
]
FILTER = "directness=dyad&min_severity=2&first=0&last=2"


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = Request(SERVICE + path, data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:
        return answer.read()


def results(study):
    return pd.DataFrame(
        {
            "direction": group["direction"],
            "asset": average["asset"],
            "events": average["events"],
            "CAAR": average["caar"][-1],
            "low": average["low"][-1],
            "high": average["high"][-1],
            "p": next(
                one["p_value"]
                for one in average["significances"]
                if one["test"] == "kolari_pynnonen"
            ),
            "placebo p": average["placebo"]["p_value"],
        }
        for group in study["studies"]
        for average in group["averages"]
    )


own = json.loads(ask("/v1/event-study", {"events": DATES, "first": 0, "last": 2}))
stored = json.loads(ask(f"/v1/event-study?{FILTER}"))
cars = pd.DataFrame([car for group in own["studies"] for car in group["cars"]])

if own["prices"]["simulated"]:
    print("SIMULATED PRICES: nothing below is a finding\n")
if own["missing"]:
    print("not studied:", own["missing"])
if len(cars):
    columns = ["text", "asset", "trading_day", "car", "p_value"]
    print(cars[columns].to_string(index=False), end="\n\n")
print(results(stored).to_string(index=False))
PICTURE.write_bytes(ask(f"/v1/event-study?{FILTER}&format=svg"))
print("\nwritten:", PICTURE)
