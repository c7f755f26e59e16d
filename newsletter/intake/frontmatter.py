"""The block of settings above a Markdown text: YAML between ``---``, TOML between ``+++``, or a JSON object."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any

from newsletter.errors import IntakeError
from newsletter.intake.wording import fold

_FENCED = re.compile(
    r"\s*(?P<fence>---|\+\+\+)[ \t]*(?:\r\n|\r|\n).*?(?:(?<=\n)|(?<=\r))(?P=fence)[ \t]*(?:\r\n|\r|\n|$)",
    re.DOTALL,
)
_OBJECT = re.compile(r"\s*(?=\{\s*\"[^\"\r\n]{0,60}\"\s*:)")
_STAIRS = re.compile(r"[-?:][ \t]+(?:[-?:][ \t]+){19}")  # what begins with a set is looked for quickly
_LARGEST = 65_536
_DEEPEST = 200
_TOO_MUCH = "the front matter is too long or too deeply nested; keep only the keys of the article"


def divide(text: str) -> tuple[str, str]:
    """Return the fenced block with its fences, and the text below; joined, they are the input.

    Raises:
        IntakeError: if the block is opened and never closed.
    """
    if opened := _OBJECT.match(text):
        return _object(text, opened.end())
    match = _FENCED.match(text)
    if match:
        return text[: match.end()], text[match.end() :]
    if re.match(r"\s*(?:---|\+\+\+)[ \t]*[\r\n]+[\w'\"]+[ \t]*[:=]", text):
        raise IntakeError("the front matter is never closed; write its fence (--- or +++) again below it")
    return "", text


def _object(text: str, start: int) -> tuple[str, str]:
    """Divide a text at the end of the JSON object with which it begins."""
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise IntakeError(
            f"line {error.lineno}: the front matter is no JSON ({error.msg}); close it with }} on a line of its own"
        ) from None
    except (RecursionError, ValueError):
        raise IntakeError(_TOO_MUCH) from None
    rest = re.compile(r"[ \t]*(?:\r\n|\r|\n|$)").match(text, end)
    end = rest.end() if rest else end
    return text[:end], text[end:]


def settings(fenced: str) -> dict[str, Any]:
    """Return the keys of a fenced block, folded, every value as the words that were written.

    No value is guessed at: YAML 1.1 would make ``no`` false, ``12:30`` 750 and an unquoted date an object.

    Raises:
        IntakeError: if the block cannot be read, with its line.
    """
    if not fenced.strip():
        return {}
    bare = fenced.strip()
    fence, block = bare[:3], bare[3:-3]
    if len(block) > _LARGEST or _is_deep(block):
        raise IntakeError(_TOO_MUCH)
    found = _json(bare) if fence[0] == "{" else _toml(block) if fence == "+++" else _yaml(block)
    if not isinstance(found, Mapping):
        raise IntakeError('the front matter holds no keys; write lines such as "title: …"')
    return {fold(str(key)): value for key, value in found.items()}


def _is_deep(block: str) -> bool:
    """Tell whether libyaml, which recurses in C, could be led to exhaust its stack."""
    return block.count("[") + block.count("{") > _DEEPEST or _STAIRS.search(block) is not None


def _yaml(block: str) -> Any:
    import yaml

    try:
        node = yaml.compose(block, Loader=_loader())
        return (node and _built(node, {})) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise IntakeError(
            f"line {line}: the front matter is no YAML ({error.problem}); quote values with : or #"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise IntakeError("the front matter is no YAML; quote values with : or #") from None


@cache
def _loader() -> Any:
    """Return a loader of YAML that takes no word for anything but a word."""
    import yaml

    class Words(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
        def resolve(self, *_: object) -> str:
            return ""

        def descend_resolver(self, *_: object) -> None:
            pass

        def ascend_resolver(self) -> None:
            pass

    return Words


def _built(node: Any, made: dict[int, Any]) -> Any:
    """Return what a node of YAML holds; what is named twice is made once, or a few lines would fill the memory."""
    if isinstance(node.value, str):
        return node.value
    if id(node) not in made and node.id == "mapping":
        made[id(node)] = {_key(key): _built(value, made) for key, value in node.value}
    elif id(node) not in made:
        made[id(node)] = [_built(each, made) for each in node.value]
    return made[id(node)]


def _key(node: Any) -> str:
    if isinstance(node.value, str):
        return node.value
    line = node.start_mark.line + 1
    raise IntakeError(f"line {line}: the front matter is no YAML (a key is no word); quote values with : or #")


def _toml(block: str) -> Any:
    try:
        return _worded(tomllib.loads(block.replace("\r\n", "\n").replace("\r", "\n")))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise IntakeError(f"the front matter is no TOML: {error}; strings need quotes") from None


def _json(block: str) -> Any:
    try:
        return _worded(json.loads(block))
    except (RecursionError, ValueError):
        raise IntakeError(_TOO_MUCH) from None


def _worded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _worded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_worded(each) for each in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)
