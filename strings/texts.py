"""Parse a language's file, resolve its references and compare it with English."""

from collections import Counter
from collections.abc import Iterable, Iterator
import json
import re
from typing import Any, Final

type Tree = dict[str, Tree | str]
type Texts = dict[str, str]

# Home Assistant's syntax. The core's common strings are not published in every
# language, so a reference can only lead to another of our own texts.
REFERENCE: Final = re.compile(r"\[%key:([^%]*)%\]")
OURS: Final = "component::piggy::"
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class TextsError(ValueError):
    """The texts cannot be used; each line of the message is one reason."""

    @classmethod
    def raise_for(cls, problems: Iterable[str]) -> None:
        """Raise if there is any problem."""
        if lines := "\n".join(problems):
            raise cls(lines)


def parse(source: str) -> Texts:
    """Parse a file to its texts by path, such as `entity::image::qr_code::name`."""
    return dict(_flatten(json.loads(source, object_pairs_hook=_unique)))


def nest(texts: Texts) -> Tree:
    """Return texts by path as the tree that a file holds."""
    tree: dict[str, Any] = {}
    for path, text in texts.items():
        *parents, key = path.split("::")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[key] = text
    return tree


def resolve(texts: Texts, english: Texts) -> Texts:
    """Return a language's texts without references, in the order of English.

    Where English has nothing but a reference, the language follows it unless it has a
    text of its own.
    """
    merged = {path: texts.get(path, text) for path, text in english.items()}
    TextsError.raise_for((*_differences(texts, english), *_repeats(merged)))
    resolved = {path: _resolve(merged, path) for path in merged}
    TextsError.raise_for(
        f"{path}: other placeholders than in English"
        for path, text in resolved.items()
        if _placeholders(text) != _placeholders(_resolve(english, path))
    )
    return resolved


def _unique(pairs: list[tuple[str, Tree | str]]) -> Tree:
    counts = Counter(key for key, _ in pairs)
    TextsError.raise_for(
        f"{key}: given twice in one object"
        for key, count in counts.items()
        if count > 1
    )
    return dict(pairs)


def _flatten(tree: Tree, parent: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield f"{parent}{key}", value
        else:
            yield from _flatten(value, f"{parent}{key}::")


def _differences(texts: Texts, english: Texts) -> Iterator[str]:
    for path, text in english.items():
        if path not in texts and not REFERENCE.fullmatch(text):
            yield f"{path}: missing"
    for path in texts.keys() - english.keys():
        yield f"{path}: not a key of the English file"


def _repeats(texts: Texts) -> Iterator[str]:
    first: dict[str, str] = {}
    for path, text in texts.items():
        if not REFERENCE.fullmatch(text) and first.setdefault(text, path) != path:
            yield f"{path}: a repeat; write [%key:{OURS}{first[text]}%]"


def _resolve(texts: Texts, path: str, passed: tuple[str, ...] = ()) -> str:
    if path in passed:
        message = f"{path}: its references form a circle"
        raise TextsError(message)

    def follow(match: re.Match[str]) -> str:
        target = match[1].removeprefix(OURS)
        if target == match[1] or target not in texts:
            message = f"{path}: unknown reference {match[0]}"
            raise TextsError(message)
        return _resolve(texts, target, (*passed, path))

    text = REFERENCE.sub(follow, texts[path])
    if "[%" in text:
        message = f"{path}: malformed reference"
        raise TextsError(message)
    return text


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
