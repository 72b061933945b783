"""JSON schemas in words: types, bounds, fields and examples, as HTML that XML parsers read too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

Schema = Mapping[str, Any]
REF = "#/components/schemas/"
_BOUNDS = (
    ("minimum", "at least {}"), ("exclusiveMinimum", "above {}"), ("maximum", "at most {}"),
    ("exclusiveMaximum", "below {}"), ("minLength", "{} characters or more"),
    ("maxLength", "{} characters at most"), ("minItems", "{} items or more"),
    ("maxItems", "{} items at most"),
)  # fmt: skip


def prose(text: str) -> str:
    """Paragraphs of a description; code in backquotes and emphasis in asterisks.

    >>> prose("Read ``as_of``.\\n\\nNeeds *read*.")
    '<p>Read <code>as_of</code>.</p><p>Needs <em>read</em>.</p>'
    """
    return "".join(f"<p>{inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def inline(text: str) -> str:
    """One paragraph's words, without its tags."""
    told = re.sub(r"(`{1,2})([^`]+)\1", r"<code>\2</code>", escape(" ".join(text.split())))
    return re.sub(r"(?<![\w*])\*(\w[\w ]*)\*(?![\w*])", r"<em>\1</em>", told)


def type_of(schema: Schema) -> str:
    """What a value may be, shapes as links to where they are told.

    >>> type_of({"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]})
    'list of integer, or null'
    """
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(REF)
        return f'<a href="#shape-{escape(name)}">{escape(name)}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _either([type_of(one) for one in schema[several]])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum") or [schema["const"]]
        return _either([code(value) for value in values])
    kind = schema.get("type")
    if kind == "array":
        return _list(schema)
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map of {type_of(schema['additionalProperties'])}"
    return escape(str(schema.get("format") or kind or "anything"))


def _list(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(one) for one in schema['prefixItems'])}]"
    return f"list of {type_of(schema.get('items') or {})}"


def _either(types: Iterable[str]) -> str:
    *others, last = dict.fromkeys(types)
    return f"{', '.join(others)}, or {last}" if others else last


def bounds(schema: Schema) -> list[str]:
    """Bounds of a value, as they are said: ``at least 1``."""
    plain = {}
    for one in (schema, *schema.get("anyOf", ())):
        plain.update({name: one[name] for name, _ in _BOUNDS if name in one})
    told = [words.format(code(plain[name])) for name, words in _BOUNDS if name in plain]
    patterns = [one["pattern"] for one in (schema, *schema.get("anyOf", ())) if "pattern" in one]
    return told + [f"such as {code(pattern)} matches" for pattern in patterns]


def about(schema: Schema, description: str = "") -> str:
    """Description, bounds, default and an example of a field or parameter."""
    told = [inline(description or str(schema.get("description") or ""))]
    told += [", ".join(bounds(schema))]
    if schema.get("default") is not None:
        told += [f"default {code(schema['default'])}"]
    if schema.get("examples"):
        told += [f"example {code(schema['examples'][0])}"]
    return "; ".join(part for part in told if part)


def code(value: Any) -> str:
    """A value as it is written: text bare, anything else as JSON."""
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"<code>{escape(written)}</code>"


def table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose cells are HTML; empty where there are no rows."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def fields(schema: Schema) -> str:
    """The fields of an object as a table."""
    required = set(schema.get("required", ()))
    return table(
        "Fields",
        ("field", "type", "what"),
        (
            (
                f"<code>{escape(name)}</code>" + ("" if name in required else " (optional)"),
                type_of(one),
                about(one),
            )
            for name, one in schema.get("properties", {}).items()
        ),
    )


def shape(name: str, schema: Schema) -> str:
    """A shape with an anchor: what it is and its fields."""
    told = fields(schema) or f"<p>{type_of(schema)}</p>"
    return (
        f'<article class="shape"><h3 id="shape-{escape(name)}">{escape(name)}</h3>'
        f"{prose(str(schema.get('description') or ''))}{told}</article>"
    )


def example_of(content: Schema, schemas: Mapping[str, Schema]) -> Any:
    """The first example of a body or answer of one media type; None without one."""
    if "example" in content:
        return content["example"]
    return _of_schema(content.get("schema") or {}, schemas)


def _of_schema(schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return _of_schema(schemas[str(schema["$ref"]).removeprefix(REF)], schemas)
    found = (_of_schema(one, schemas) for one in schema.get("anyOf", ()))
    return next((one for one in found if one is not None), None)


def sample(value: Any) -> str:
    """An example as it is written."""
    written = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return f"<pre>{escape(written)}</pre>"
