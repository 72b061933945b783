"""A model card as a page of HTML that needs nothing from elsewhere."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from models.card import Card, Figure

CHARTS = "training.card_charts"
NO_CHARTS = "The pictures need matplotlib: pip install risk-service[charts]."
NO_TABLES = "This card was written before cards kept what these pictures are drawn from."
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;text-align:left;"
    "border-bottom:1px solid #8884}figure{display:inline-block;margin:0 1rem 0 0}"
    "svg{max-width:100%;height:auto;background:#fff}code{overflow-wrap:anywhere}"
)


def card_page(card: Card, aliases: Iterable[str] = ()) -> str:
    """The whole page; ``aliases`` such as champion stand beside the version."""
    named = "".join(f" · {escape(alias)}" for alias in aliases)
    title = f"{escape(card.version)}{named}"
    facts = {
        "kind": card.name,
        "data of": card.created,
        "estimator": card.estimator,
        "git commit": card.git_commit,
        "seed": card.seed,
        "Python": card.python,
        "label guide": card.label_guide_version,
        "sha256 of the model": card.sha256,
        "sha256 of the data": card.data_sha256,
        "sha256 of public labels": card.public_sha256,
    }
    body = [
        f"<h1>{title}</h1><p>{escape(card.intended_use)}</p>",
        "<h2>Limits</h2><ul>" + "".join(f"<li>{escape(one)}</li>" for one in card.limits) + "</ul>",
        f"<h2>How good it is</h2><p>Measured on {escape(card.measured_on)}.</p>",
        _table(("figure", "value", "95 % interval"), _figures(card.metrics)),
        *_pictures(card),
        f"<h2>What the labels mean</h2><p>{escape(card.label_guide)}</p>",
        "<h2>Data</h2>",
        _table(("rows", "count"), card.counts.items()),
        "<h2>How it was made</h2>",
        _table(("fact", "value"), ((name, value) for name, value in facts.items() if value != "")),
        _table(("parameter", "value"), card.parameters.items()),
        _table(("library", "version"), card.libraries.items()),
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _figures(metrics: Mapping[str, Figure]) -> Iterator[tuple[str, str, str]]:
    for name, figure in metrics.items():
        yield name, f"{figure.value:.4f}", f"{figure.low:.4f} – {figure.high:.4f}"


def _pictures(card: Card) -> Iterator[str]:
    if not card.reliability or not card.confusion:
        yield f"<p>{NO_TABLES}</p>"
        return
    try:
        # The extra may not be there: only whoever wants pictures needs it.
        charts: Any = importlib.import_module(CHARTS)
    except ImportError:
        yield f"<p>{NO_CHARTS}</p>"
        return
    yield f"<figure>{charts.reliability_svg(card)}<figcaption>Reliability</figcaption></figure>"
    yield f"<figure>{charts.confusion_svg(card)}<figcaption>Confusion</figcaption></figure>"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    lines = (
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"
