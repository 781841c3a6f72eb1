"""JSON schemas of results.json (draft 2020-12).

`GRADESCOPE` is the whole of Gradescope's format, with every key that the specification names and
no other (https://gradescope-autograders.readthedocs.io/en/latest/specs/). `RESULTS` is what this
grader promises on top of it: scores and a status for each test, text only, and `extra_data`.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "number", "minimum": 0}
TEXTS: Schema = {"type": "array", "items": TEXT}
ANYTHING: Schema = {"type": "object"}
VISIBILITY: Schema = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT: Schema = {"enum": ["text", "html", "simple_format", "md", "ansi"]}


def closed(properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object with these keys and no others, all required but `optional`."""
    required = [key for key in properties if key not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_TEST: Schema = {
    "score": NUMBER,
    "max_score": NUMBER,
    "status": {"enum": ["passed", "failed"]},
    "name": TEXT,
    "name_format": FORMAT,
    "number": TEXT,
    "output": TEXT,
    "output_format": FORMAT,
    "tags": TEXTS,
    "visibility": VISIBILITY,
    "extra_data": ANYTHING,
}
_LEADER: Schema = {
    "name": TEXT,
    "value": {"type": ["number", "string"]},
    "order": {"enum": ["asc", "desc"]},
}
_TOP: Schema = {
    "score": NUMBER,
    "execution_time": NUMBER,
    "output": TEXT,
    "output_format": FORMAT,
    "test_output_format": FORMAT,
    "test_name_format": FORMAT,
    "visibility": VISIBILITY,
    "stdout_visibility": VISIBILITY,
    "extra_data": ANYTHING,
    "tests": {"type": "array", "items": closed(_TEST, optional=tuple(_TEST))},
    "leaderboard": {"type": "array", "items": closed(_LEADER, optional=("order",))},
}

GRADESCOPE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "results.json of a Gradescope autograder",
    **closed(_TOP, optional=tuple(_TOP)),
    "anyOf": [
        {"required": ["score"]},
        {
            "required": ["tests"],
            "properties": {"tests": {"minItems": 1, "items": {"required": ["score"]}}},
        },
    ],
}

_PLACE: Schema = closed(
    {"file": TEXT, "line": {"type": "integer", "minimum": 0}, "text": TEXT, "function": TEXT}
)
_NUMBERS: Schema = {"type": "array", "items": {"type": ["number", "null"]}}
_CURVES: Schema = closed(
    {
        "x_label": TEXT,
        "y_label": TEXT,
        "x": {"type": "array", "items": NUMBER},
        "lines": {"type": "array", "items": closed({"label": TEXT, "y": _NUMBERS})},
        "band": {
            "anyOf": [
                closed({"label": TEXT, "low": _NUMBERS, "high": _NUMBERS}),
                {"type": "null"},
            ]
        },
    }
)
_IMAGES: Schema = closed(
    {
        "height": {"type": "integer"},
        "width": {"type": "integer"},
        "labels": TEXTS,
        "rows": TEXTS,
        "pixels": {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9+/=]*$"}},
    }
)
_MATRIX: Schema = closed(
    {
        "row_label": TEXT,
        "column_label": TEXT,
        "labels": TEXTS,
        "counts": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    }
)
_FIGURE: Schema = closed(
    {
        "title": TEXT,
        "alternative": TEXT,
        "curves": {"anyOf": [_CURVES, {"type": "null"}]},
        "images": {"anyOf": [_IMAGES, {"type": "null"}]},
        "matrix": {"anyOf": [_MATRIX, {"type": "null"}]},
    }
)
_CHECK_EXTRA: Schema = closed(
    {
        "check": {"type": "string", "minLength": 1},
        "title": TEXT,
        "part": {"type": "string", "minLength": 1},
        "function": TEXT,
        "points": COUNT,
        "score": COUNT,
        "public": {"type": "boolean"},
        "telling": {"type": "boolean"},
        "outcome": {"enum": ["passed", "partial", "failed", "not run", "grader error"]},
        "message": TEXT,
        "place": {"anyOf": [_PLACE, {"type": "null"}]},
        "carried": TEXT,
        "mistake": TEXT,
        "output": TEXT,
        "staff": TEXT,
        "stood_in": TEXTS,
        "measured": {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [TEXT, NUMBER],
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "seconds": COUNT,
        "figures": {"type": "array", "items": _FIGURE},
    }
)
_DERIVATION: Schema = closed(
    {
        "spec": ANYTHING,
        **{
            name: of
            for name, of in _CHECK_EXTRA["properties"].items()
            if name not in ("check", "title", "part", "function", "points", "public", "telling")
        },
    }
)
_LOAD: Schema = closed(
    {
        "problem": TEXT,
        "place": {"anyOf": [_PLACE, {"type": "null"}]},
        "skipped": {"type": "array", "items": closed({"place": _PLACE, "reason": TEXT})},
        "found": TEXTS,
        "missing": TEXTS,
        "suggestions": {
            "type": "array",
            "items": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
        },
        "stubs": TEXTS,
        "remarks": TEXTS,
        "output": TEXT,
    }
)
_HAND_GRADED: Schema = closed(
    {"part": TEXT, "title": TEXT, "max_score": COUNT, "score": {"type": ["number", "null"]}}
)
_PROVENANCE: Schema = closed(
    {
        "platform": TEXT,
        "key": TEXT,
        "people": {
            "type": "array",
            "items": closed(
                {"id": TEXT, "login": TEXT, "name": TEXT, "squashed": {"type": "boolean"}}
            ),
        },
        "late": {"type": ["boolean", "null"]},
        "submitted": TEXT,
        "due": TEXT,
        "prefixes": TEXTS,
        "anonymous": {"type": "boolean"},
    }
)
_IDENTITY: Schema = closed({"name": TEXT, "platform": TEXT, "senders": TEXTS, "content": TEXT})
_REMARK: Schema = closed({"text": TEXT, "audience": {"enum": ["student", "staff", "both"]}})
_COUNTEREXAMPLE: Schema = closed(
    {
        "given": TEXTS,
        "gives": TEXT,
        "question": TEXT,
        "code": TEXT,
        "size": {"type": "integer", "minimum": 1},
        "needs": TEXTS,
    }
)
_HINTS: Schema = closed(
    {
        "function": TEXT,
        "part": TEXT,
        "right": TEXTS,
        "idea": TEXT,
        "counterexample": {"anyOf": [_COUNTEREXAMPLE, {"type": "null"}]},
        "compared": {"type": "integer", "minimum": 0},
    }
)
_EXTRA: Schema = closed(
    {
        "format": {"const": 1},
        "assignment": TEXT,
        "id": TEXT,
        "authors": TEXTS,
        "files": TEXTS,
        "hand_graded": {"type": "array", "items": _HAND_GRADED},
        "load": _LOAD,
        "isolation": TEXT,
        "seed": {"type": "integer"},
        "remarks": {"type": "array", "items": _REMARK},
        "conventions": TEXTS,
        "derivations": {"type": "array", "items": _DERIVATION},
        "uses": {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [TEXT, TEXTS],
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "problem": TEXT,
        "seconds": COUNT,
        "provenance": {"anyOf": [_PROVENANCE, {"type": "null"}]},
        "identity": {"anyOf": [_IDENTITY, {"type": "null"}]},
        "fingerprint": TEXT,
        "hints": {"type": "array", "items": _HINTS},
    }
)

RESULTS: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "results.json of autograder",
    **closed(
        {
            **_TOP,
            "output_format": {"const": "text"},
            "test_output_format": {"const": "text"},
            "test_name_format": {"const": "text"},
            "tests": {
                "type": "array",
                "items": closed(
                    {
                        **_TEST,
                        "number": {"type": "string", "pattern": r"^.+\.[0-9]+$"},
                        "name_format": {"const": "text"},
                        "output_format": {"const": "text"},
                        "extra_data": _CHECK_EXTRA,
                    },
                    optional=("tags",),
                ),
            },
            "extra_data": _EXTRA,
        },
        optional=("leaderboard",),
    ),
}
