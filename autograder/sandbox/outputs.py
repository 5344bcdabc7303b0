"""The outputs of a cell as a worker sent them, in JSON (whose keys are text) → outputs that are
valid in a notebook, whatever came."""

import re
from typing import Any

import msgspec

from autograder.sandbox.errors import ProtocolError

MAX_OUTPUTS = 1002  # the worker's own cap, an error and a note
MAX_DEPTH = 20
ERROR_ROOM = 256 << 10  # characters beyond the limit: exceptions don't count against it in a worker
JSON_TYPE = re.compile(r"application/(.*\+)?json")  # as nbformat's schema has it


def clean_outputs(raw: Any) -> list[dict[str, Any]]:
    """Valid nbformat outputs, built anew; raises ProtocolError for what can't be one."""
    try:
        items = msgspec.json.decode(raw) if isinstance(raw, str) else None
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ProtocolError(f"outputs that are no JSON: {error!s:.200}") from None
    if not isinstance(items, list) or len(items) > MAX_OUTPUTS:
        raise ProtocolError("outputs that are none")
    return [_output(item) for item in items]


def cut_outputs(outputs: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """`outputs` up to the limit, with a note where some were cut. A worker keeps to its limit by
    itself, unless the submission has changed that."""
    left = limit + ERROR_ROOM
    kept = []
    for output in outputs:
        is_stream = output["output_type"] == "stream"
        cut = output | {"text": output["text"][:left]} if is_stream else output
        size = len(cut["text"] if is_stream else str(cut))
        if size <= left:
            kept.append(cut)
            left -= size
    if kept != outputs:
        note = f"[output cut: more than {limit} bytes]\n"
        kept.append({"output_type": "stream", "name": "stdout", "text": note})
    return kept


def _output(raw: Any) -> dict[str, Any]:
    match raw:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": text}
        case {
            "output_type": "error",
            "ename": str(name),
            "evalue": str(value),
            "traceback": list(lines),
        }:
            lines = [_text(line) for line in lines]
            return {"output_type": "error", "ename": name, "evalue": value, "traceback": lines}
        case {
            "output_type": "display_data" | "execute_result" as kind,
            "data": dict(data),
            "metadata": dict(metadata),
        }:
            output = {"output_type": kind, "data": _bundle(data), "metadata": _plain(metadata)}
            if kind == "execute_result":
                count = raw.get("execution_count")
                output["execution_count"] = count if type(count) is int else None
            return output
        case _:
            raise ProtocolError("an output of no known kind")


def _bundle(data: dict[Any, Any]) -> dict[str, Any]:
    """A MIME bundle: text, except for the JSON types."""
    bundle: dict[str, Any] = {}
    for mime, value in data.items():
        is_json = JSON_TYPE.fullmatch(str(mime))
        bundle[str(mime)] = _plain(value) if is_json else _text(value)
    return bundle


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(_plain(value))


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ProtocolError("an output nested too deeply")
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return value if value is None or type(value) in (bool, int, float, str) else str(value)
