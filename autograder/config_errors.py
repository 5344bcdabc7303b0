"""Reads YAML strictly, and turns pydantic's errors into lines about the file that somebody wrote.

A line reads `KEY PROBLEM (got VALUE) in FILE: PATH OF THE SECTION`, for example
`wall must be positive (got -1s) in grading_config.yml: sandbox.limits.call`.
"""

import re
from collections.abc import Hashable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from autograder.errors import ConfigError

WHOLE: Final = "whole"
"""The type of an error whose message names its key itself."""

Where = tuple[int | str, ...]


class _StrictLoader(yaml.SafeLoader):
    """YAML as people mean it: a key stands once, and `1e-7` is a number."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag.endswith(":merge"):
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                first = f"the first is on line {lines[key.value]}"
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key.value!r} ({first})", key.start_mark
                )
            lines[key.value] = line
        return super().construct_mapping(node, deep)


# YAML 1.1 wants a point in a float: PyYAML reads `1e-7` as a string.
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+"), list("-+0123456789")
)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in `path`, or a ConfigError with the line of what isn't YAML."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name} is not UTF-8 (byte {error.start})") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{error.problem or error.context} in {path.name}{where}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name} is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(data, dict):
        got = "nothing" if data is None else repr(data)
        raise ConfigError(f"{path.name} must hold keys such as `chapters:` (got {_short(got)})")
    return data


def describe(error: ValidationError, model: type[BaseModel], file: str) -> list[str]:
    """One line for each problem of `error`, in the file's order of keys."""
    return [_line(details, model, file) for details in error.errors(include_url=False)]


def _line(details: ErrorDetails, model: type[BaseModel], file: str) -> str:
    where: Where = tuple(part for part in details["loc"] if part != "[key]")
    if details["type"] == WHOLE:
        return _at(details["msg"], file, where)
    if not where:
        return _at(details["msg"], file, where)
    *parent, key = where
    section = tuple(parent)
    if details["type"] == "extra_forbidden":
        near = get_close_matches(str(key), _known_keys(model, section), n=1, cutoff=0.5)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        return _at(f"unknown key {key!r}{hint}", file, section)
    if isinstance(key, int) and section:  # an item of a list: name the list
        key, section = f"{section[-1]}[{key}]", section[:-1]
    return _at(f"{key} {_problem(details)}", file, section)


def _problem(details: ErrorDetails) -> str:
    kind, given, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "value":
        return details["msg"]
    if kind == "missing":
        return "is missing"
    wanted = {
        "literal_error": f"must be {str(context.get('expected', '')).replace(chr(39), '')}",
        "model_type": "must hold keys",
        "model_attributes_type": "must hold keys",
        "dict_type": "must hold keys",
        "tuple_type": "must be a list",
        "bool_type": "must be true or false",
        "int_type": "must be a whole number",
        "string_type": "must be text",
        "greater_than": "must be positive",
        "string_too_short": "must not be empty",
        "too_short": "must not be empty",
    }.get(kind, details["msg"])
    return f"{wanted} (got {_short('nothing' if given is None else repr(given))})"


def _at(problem: str, file: str, where: Where) -> str:
    path = ".".join(str(part) for part in where)
    return f"{problem} in {file}: {path}" if path else f"{problem} in {file}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _known_keys(model: type[BaseModel], where: Where) -> list[str]:
    """The keys that the section at `where` may have."""
    section: type[BaseModel] | None = model
    skip = False
    for part in where:
        if skip:  # `part` is a key of a dict whose values are sections
            skip = False
            continue
        if section is None or part not in section.model_fields:
            return []
        annotation = section.model_fields[str(part)].annotation
        skip = getattr(annotation, "__origin__", None) is dict
        section = _section_in(annotation)
    return list(section.model_fields) if section else []


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        if (found := _section_in(part)) is not None:
            return found
    return None
