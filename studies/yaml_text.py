"""YAML 1.2 (and so JSON) from outside, as plain JSON values with the line of each part."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

Path = tuple[str | int, ...]
DEEPEST = 40
"""Levels of nesting; a study document has about ten, and reading costs more with each."""
TIMESTAMP = "tag:yaml.org,2002:timestamp"


class JsonConstructor(SafeConstructor):
    """Makes what JSON could hold: dates stay the text they were written as."""


JsonConstructor.add_constructor(TIMESTAMP, SafeConstructor.construct_yaml_str)


def read_yaml(text: str) -> tuple[Any, Mapping[Path, int]]:
    """The value, and the line (from 1) on which each part of it begins.

    Raises ValidationError with a sentence that names the line: for what is not YAML, for equal
    keys, and for aliases, by which a small text could unfold into an endless one.
    """
    try:
        _refuse_what_unfolds(text)
        value = _yaml().load(text)
        lines = dict(_lines(_yaml().compose(text)))
    except MarkedYAMLError as error:
        raise ValidationError(
            f"{_line_of(error)}This is not YAML or JSON: {error.problem}."
        ) from None
    except (YAMLError, ValueError, TypeError) as error:
        raise ValidationError(f"This is not YAML or JSON: {error}.") from None
    except RecursionError:
        raise ValidationError("This is nested too deeply.") from None
    _refuse_what_json_lacks(value, (), lines)
    return value, lines


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = JsonConstructor
    return yaml


def _line_of(error: MarkedYAMLError) -> str:
    return f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""


def _refuse_what_unfolds(text: str) -> None:
    depth = 0
    for event in _yaml().parse(text):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise ValidationError(f"line {line}: This is nested too deeply.")
        if isinstance(event, AliasEvent):
            raise ValidationError(f"line {line}: An alias (*) cannot be used here.")


def _refuse_what_json_lacks(value: Any, path: Path, lines: Mapping[Path, int]) -> None:
    """Infinities, and keys that are not texts."""
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise ValidationError(f"line {lines.get(path, 1)}: The key {key!r} is not a text.")
            _refuse_what_json_lacks(part, (*path, key), lines)
    elif isinstance(value, list):
        for position, part in enumerate(value):
            _refuse_what_json_lacks(part, (*path, position), lines)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValidationError(f"line {lines.get(path, 1)}: {value} is not a finite number.")
    elif isinstance(value, str) and "\x00" in value:
        raise ValidationError(f"line {lines.get(path, 1)}: A text cannot hold the character NUL.")


def _lines(node: Node | None, path: Path = ()) -> Iterator[tuple[Path, int]]:
    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*path, key.value))
            # A fault is best looked for at its key, not where its value begins.
            yield (*path, key.value), key.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*path, position))
