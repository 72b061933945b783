"""``/metrics`` by the rules that ``promtool check metrics`` and Prometheus go by, and the shipped
rules against it.

"Exposition formats" and "Metric and label naming" (prometheus.io/docs) and the OpenMetrics
specification; the parsers are those of prometheus_client, the second of which refuses whatever
OpenMetrics does.
"""

from __future__ import annotations

import math
import re
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from tests.api.house import House
from tests.service import ROOT

RULES = ROOT / "docs" / "prometheus" / "rules.yml"
ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.3"
"""What Prometheus sends, by and large."""
OURS = "risk_"
NOT_NAMES = frozenset(
    "sum avg min max count by without on ignoring unless and or offset bool group_left group_right "
    "rate increase abs avg_over_time histogram_quantile up le absent".split()
)


def told_names(text: str) -> set[str]:
    """Names of all series of an exposition, and of families without one yet."""
    families = list(plain_text(text))
    return {sample.name for one in families for sample in one.samples} | {f.name for f in families}


def names_in(expression: str) -> set[str]:
    """Names of series in a PromQL expression: what is no function, keyword, label or duration."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"", "", expression)
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\boffset\s+\w+", "", bare)
    return set(re.findall(r"(?<![\w:.])[a-zA-Z_:][\w:]*", bare)) - NOT_NAMES


@pytest.fixture(scope="module")
def text(shared_url: str) -> str:
    httpx.get(f"{shared_url}/v1/index/history")
    answer = httpx.get(f"{shared_url}/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_prometheus_gets_openmetrics_and_can_read_it(shared_url: str, text: str) -> None:
    answer = httpx.get(f"{shared_url}/metrics", headers={"Accept": ACCEPT})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    families = list(open_metrics(answer.text))
    assert {family.name for family in families} <= told_names(text)


def test_the_exposition_passes_what_promtool_checks(text: str) -> None:
    families: list[Metric] = list(plain_text(text))
    names = [family.name for family in families]
    assert len(set(names)) == len(names)
    assert len(re.findall(r"^# TYPE", text, re.M)) == len(re.findall(r"^# HELP", text, re.M))
    series = [(s.name, tuple(sorted(s.labels.items()))) for f in families for s in f.samples]
    assert len(set(series)) == len(series)
    for family in families:
        assert family.name.startswith(OURS)
        assert family.documentation, family.name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", family.name)
        for sample in family.samples:
            assert (family.type == "counter") == sample.name.endswith("_total")
            assert all(re.fullmatch(r"[a-z][a-z_]*", label) for label in sample.labels)
        # Base units only, and spelt out.
        assert not re.search(r"_(ms|millis|minutes|hours|percent)(_|$)", family.name)


def test_the_gauges_say_what_the_live_answer_does(shared_house: House, text: str) -> None:
    live = shared_house.get("/v1/index").json()
    told = {
        (sample.name, sample.labels.get("theme")): sample.value
        for family in plain_text(text)
        for sample in family.samples
        if sample.labels.get("dyad") == "USA-RUS"
    }
    assert told["risk_index", None] == live["risk_index"]
    assert told["risk_index_low", None] == live["interval"]["low"]
    assert told["risk_index_high", None] == live["interval"]["high"]
    assert told["risk_index_stale", None] == 1
    assert told["risk_coverage_ratio", None] == live["coverage"]["share"]
    assert told["risk_escalation_index", None] == live["escalation_index"]
    assert told["risk_watched_age_seconds", None] == 2 * 3600
    assert told["risk_newest_event_age_seconds", None] == 2 * 3600
    assert told["risk_answer_age_seconds", None] == 0
    assert told["risk_theme_points", "military"] == live["themes"]["military"]


def test_the_rules_name_metrics_that_exist(rules: list[dict[str, Any]], text: str) -> None:
    recorded = {rule["record"] for rule in rules if "record" in rule}
    there_are = told_names(text) | recorded | PRICES
    for rule in rules:
        named = names_in(rule["expr"])
        assert named <= there_are, (rule, named - there_are)
        assert named or "up{" in rule["expr"]
    used = set().union(*(names_in(rule["expr"]) for rule in rules))
    assert len(recorded) >= 5
    assert len(used) >= 8


PRICES = {"risk_price_answered_age_seconds"}
"""Told once a provider was asked, which nobody is in tests; see the metrics' own."""


def test_the_rules_are_written_as_prometheus_takes_them(rules: list[dict[str, Any]]) -> None:
    """By "Recording rules" and "Alerting rules" of prometheus.io/docs."""
    kept = {"record", "alert", "expr", "for", "labels", "annotations", "keep_firing_for"}
    names = [rule.get("record") or rule["alert"] for rule in rules]
    assert len(set(names)) == len(names)
    for rule in rules:
        assert set(rule) <= kept
        assert ("record" in rule) != ("alert" in rule)
        assert rule["expr"].count("(") == rule["expr"].count(")")
        if "record" in rule:
            assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", rule["record"])
            assert {"for", "annotations"}.isdisjoint(rule)
        else:
            assert rule["labels"]["severity"] in ("critical", "warning", "info")
            assert rule["annotations"]["summary"]
            assert re.fullmatch(r"\d+[smhd]", rule["for"])


def fires(expression: str, value: float) -> bool:
    """Whether an alert's expression would fire with every series at one value.

    Comparisons of PromQL are those of IEEE 754, as Python's are; only what joins series is told
    apart by other words.
    """
    bare = re.sub(r"\{[^}]*\}", "", expression)
    bare = re.sub(r"\bunless on \([^)]*\)", "and not", bare).replace(":", "_")
    names = dict.fromkeys(re.findall(r"\b[a-z]\w*", bare), value)
    return bool(eval(bare, {"abs": abs}, {k: v for k, v in names.items() if k not in KEPT_WORDS}))


KEPT_WORDS = {"and", "not", "abs"}


def test_no_alert_fires_on_what_is_unknown(rules: list[dict[str, Any]]) -> None:
    """Series of a fresh install are NaN, which exceeds nothing."""
    expressions = [rule["expr"] for rule in rules if "alert" in rule]
    assert len(expressions) > 5
    for expression in expressions:
        assert not fires(expression, math.nan), expression
    # As they would be written wrongly.
    assert fires("risk_a != 1 and risk_b != 2", math.nan)
    assert fires("risk_prices:age > 4 * 86400", 5 * 86400)
    assert not fires("abs(a:b) > 10 unless on (job) c == 11", 11)


def test_names_are_found_in_expressions() -> None:
    found = names_in('sum by (le) (rate(a_bucket{x="b"}[5m])) / c:d offset 1d unless on (e) f == 1')
    assert found == {"a_bucket", "c:d", "f"}
    assert names_in("a > 4 * 86400") == {"a"}


def test_the_scrape_configuration_reads_the_rules() -> None:
    config = yaml.safe_load((RULES.parent / "prometheus.yml").read_text("utf-8"))
    assert config["rule_files"] == [RULES.name]
    assert config["scrape_configs"][0]["job_name"] == "risk-service"
