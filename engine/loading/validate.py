"""Checks a document against a schema: each pydantic error becomes a Problem in Vietnamese, at its line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import Problem, Severity
from engine.loading.fields import Flag, SmallInt, StrictModel, Text, VietnameseDate, refusal
from engine.loading.schema_words import wording
from engine.loading.strict_yaml import Document, Loc, Node, existing, key_position_of, plain, position_of

__all__ = ["Flag", "SmallInt", "StrictModel", "Text", "VietnameseDate", "refusal", "validate"]

Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], document: Document, file: str) -> tuple[Model | None, tuple[Problem, ...]]:
    """The document as ``model``, and all its problems: those of reading it and those of the schema.

    The model is None as soon as one problem is an error. Never raises for bad input.
    """
    problems = list(document.problems)
    value: Model | None = None
    if document.root is not None:
        try:
            value = model.model_validate(plain(document.root))
        except ValidationError as error:
            details = error.errors(include_url=False)
            problems += _problems(model, document.root, details, file)
    if any(problem.severity is Severity.ERROR for problem in problems):
        value = None
    return value, tuple(sorted(set(problems)))


def _problems(
    model: type[BaseModel], root: Node, details: list[ErrorDetails], file: str
) -> Iterable[Problem]:
    by_path: dict[Loc, list[ErrorDetails]] = {}
    for detail in details:
        path = tuple(step for step, _ in existing(root, detail["loc"]))
        by_path.setdefault(path, []).append(detail)
    # A value that fits one branch of a union up to a point fails every other branch at its top:
    # only the error further in speaks of what the author wrote.
    deeper = {path[:length] for path in by_path for length in range(len(path))}
    for path, found in by_path.items():
        telling = [d for d in found if not (path in deeper and _is_wrong_type(d))]
        shapes = [d for d in telling if _is_wrong_type(d)]
        if len(shapes) > 1:
            telling = [d for d in telling if not _is_wrong_type(d)] + shapes[:1]
        for detail in telling:
            yield _problem(model, root, path, detail, shapes, file)


def _is_wrong_type(detail: ErrorDetails) -> bool:
    return detail["type"].endswith("_type") or detail["type"] == "none_required"


def _problem(
    model: type[BaseModel], root: Node, path: Loc, detail: ErrorDetails, shapes: list[ErrorDetails], file: str
) -> Problem:
    loc = detail["loc"]
    kind = detail["type"]
    known = _known_keys(model, loc) if kind == "extra_forbidden" else ()
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    if kind == "missing":
        name = str(loc[-1])
    code, message, hint = wording(detail, name, known, tuple(d["type"] for d in shapes))
    at_key = kind == "extra_forbidden" or detail.get("input") is None
    line, column = (key_position_of if at_key and path else position_of)(root, path)
    return Problem(file, line, column, Severity.ERROR, code, message, hint)


def _known_keys(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """The keys that are allowed beside the refused last step of ``loc``."""
    models = [model]
    for step in loc[:-1]:
        named = [m for m in models if m.__name__ == step]
        inner = [
            m
            for owner in models
            if isinstance(step, str) and step in owner.model_fields
            for m in _models_in(owner.model_fields[step].annotation)
        ]
        models = inner or named or models
    return tuple(dict.fromkeys(key for m in models for key in m.model_fields))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]
