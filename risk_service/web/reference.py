"""The interface as a page to read: made of the OpenAPI document, without scripts of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from risk_service.api.problems import MEDIA_TYPE as PROBLEM
from risk_service.web.shapes import (
    about,
    example_of,
    fields,
    inline,
    prose,
    sample,
    shape,
    table,
    type_of,
)

Document = Mapping[str, Any]
METHODS = ("get", "post", "patch", "put", "delete")
REST = "other"
"""Where operations without a tag stand."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, or a webhook under its name."""

    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def anchor(self) -> str:
        """Its id on the page.

        >>> Operation("get", "/v1/index/{day}/drivers", {}).anchor
        'get-v1-index-day-drivers'
        """
        return "-".join([self.method, *re.findall(r"\w[\w.-]*", self.path)])


def reference_page(document: Document, static: str) -> str:
    """The whole page; ``static`` is where the site's files are, such as ``/static/HASH``.

    It is well-formed XML but for its doctype, and names no address elsewhere.
    """
    tags, info = _by_tag(document), document["info"]
    schemas = document["components"]["schemas"]
    hooks = list(_operations(document.get("webhooks", {})))
    named = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    parts = [_tag(name, named.get(name, ""), found, schemas) for name, found in tags.items()]
    parts += [
        _section(
            "webhooks", "Webhooks", "What a channel of kind webhook is sent.",
            "".join(_operation(one, schemas) for one in hooks),
        ),
        _section("problems", "Problems", "What is said instead of an answer (RFC 9457).",
                 _problems(document, schemas)),
        _section("shapes", "Shapes", "The objects that are sent and answered.",
                 "".join(shape(name, schemas[name]) for name in sorted(schemas))),
    ]  # fmt: skip
    contents = [*tags, "webhooks", "problems", "shapes"]
    return (
        _head(escape(str(info["title"])), static)
        + _top(contents)
        + '<main id="main" tabindex="-1" class="reference"><h1>API reference</h1>'
        + f'<p class="intro">{inline(str(info.get("description", "")))} Version '
        + f"{escape(str(info['version']))}; for machines: "
        + '<a href="/openapi.json">openapi.json</a>.</p>'
        + _keys(document)
        + _contents(tags)
        + "".join(parts)
        + '</main><footer><p><a href="/">The page</a></p></footer></body></html>\n'
    )


def _by_tag(document: Document) -> dict[str, list[Operation]]:
    """Operations by their first tag, in the document's order of tags."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document.get("tags", ())}
    for one in _operations(document["paths"]):
        found.setdefault((one.told.get("tags") or [REST])[0], []).append(one)
    return {tag: operations for tag, operations in found.items() if operations}


def _operations(paths: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in paths.items():
        for method in METHODS:
            if method in methods:
                yield Operation(method, path, methods[method])


def _head(title: str, static: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>API reference · {title}</title>"
        '<meta name="color-scheme" content="light dark"/>'
        f'<link rel="icon" href="{static}/icon.svg" type="image/svg+xml"/>'
        f'<script src="{static}/js/theme.js"></script>'
        f'<link rel="stylesheet" href="{static}/base.css"/>'
        f'<link rel="stylesheet" href="{static}/reference.css"/></head><body>'
    )


def _top(contents: list[str]) -> str:
    links = "".join(f'<a href="#{name}">{name.capitalize()}</a>' for name in contents)
    return (
        '<a class="skip" href="#main">Skip to the content</a><header class="top"><div class="bar">'
        '<a class="brand" href="/">US–Russia risk index</a>'
        f'<nav aria-label="Parts of the reference">{links}</nav></div></header>'
    )


def _keys(document: Document) -> str:
    ways = document["components"].get("securitySchemes", {}).values()
    told = [
        f"<code>{escape(str(way.get('description') or way.get('name', '') + ': KEY'))}</code>"
        for way in ways
    ]
    return f"<p>A key is sent as {' or '.join(told)}.</p>" if told else ""


def _contents(tags: Mapping[str, list[Operation]]) -> str:
    items = "".join(
        f'<li><a href="#{one.anchor}">{one.method.upper()} {escape(one.path)}</a></li>'
        for operations in tags.values()
        for one in operations
    )
    return f'<details><summary>Every address</summary><ul class="contents">{items}</ul></details>'


def _tag(name: str, words: str, found: list[Operation], schemas: Mapping[str, Any]) -> str:
    body = "".join(_operation(one, schemas) for one in found)
    return _section(name, name.capitalize(), words, body)


def _section(anchor: str, title: str, words: str, body: str) -> str:
    return (
        f'<section><h2 id="{escape(anchor)}">{escape(title)}</h2>'
        f'<p class="intro">{inline(words)}</p>{body}</section>'
    )


def _operation(one: Operation, schemas: Mapping[str, Any]) -> str:
    told = one.told
    return (
        f'<article class="card"><h3 id="{one.anchor}"><a href="#{one.anchor}">'
        f'<span class="verb">{one.method.upper()}</span> <code>{escape(one.path)}</code></a></h3>'
        f'<p class="summary">{inline(str(told.get("summary", "")))}</p>'
        f"{prose(str(told.get('description', '')))}"
        f"{_parameters(told)}{_body(told, schemas)}{_answers(told, schemas)}</article>"
    )


def _parameters(told: Mapping[str, Any]) -> str:
    return table(
        "Parameters",
        ("name", "type", "what"),
        (
            (
                f"<code>{escape(one['name'])}</code> {escape(one['in'])}"
                + (", needed" if one["required"] and one["in"] != "path" else ""),
                # What may be null may be left out of an address.
                type_of(one.get("schema", {})).removesuffix(", or null"),
                about(one.get("schema", {}), one.get("description", "")),
            )
            for one in told.get("parameters", ())
        ),
    )


def _body(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    body = told.get("requestBody")
    if body is None:
        return ""
    parts = []
    for kind, content in body["content"].items():
        needed = "" if body.get("required") else " (may be left out)"
        words = type_of(content.get("schema") or {})
        parts.append(f"<p>Body{needed}, <code>{escape(kind)}</code>: {words}</p>")
        parts.append(fields(content.get("schema") or {}))
        example = example_of(content, schemas)
        parts.append("" if example is None else sample(example))
    return "".join(parts)


def _answers(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    rows, examples, bad = [], [], []
    for status, one in told["responses"].items():
        if PROBLEM in one.get("content", {}):
            bad.append(status)
            continue
        contents = one.get("content") or {"": {}}
        for kind, content in contents.items():
            words = type_of(content["schema"]) if content.get("schema") else ""
            rows.append((status, f"<code>{escape(kind)}</code>" if kind else "",
                         words or inline(one.get("description", ""))))  # fmt: skip
            example = example_of(content, schemas)
            if example is not None:
                examples.append(
                    f"<details><summary>Example of {status}, {escape(kind)}</summary>"
                    f"{sample(example)}</details>"
                )
    problems = ", ".join(f'<a href="#problem-{s}">{s}</a>' for s in sorted(bad))
    last = f"<p>Problems: {problems}</p>" if bad else ""
    return table("Answers", ("status", "media type", "what"), rows) + "".join(examples) + last


def _problems(document: Document, schemas: Mapping[str, Any]) -> str:
    told: dict[str, dict[str, None]] = {}
    for one in _operations(document["paths"]):
        for status, answer in one.told["responses"].items():
            if PROBLEM in answer.get("content", {}):
                told.setdefault(status, {})[answer.get("description", "")] = None
    rows = (
        (f'<span id="problem-{status}">{status}</span>', inline("; ".join(words)))
        for status, words in sorted(told.items())
    )
    example = example_of({"schema": schemas.get("Problem", {})}, schemas)
    return table("By status", ("status", "what"), rows) + (
        "" if example is None else sample(example)
    )
