"""Write the texts that Home Assistant and the card read, or check them."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import sys
from typing import Final

from .texts import TextsError, Tree, nest, parse, resolve

ROOT: Final = Path(__file__).parent.parent
TRANSLATIONS: Final = Path("custom_components/piggy/translations")
WORDS: Final = Path("custom_components/piggy/frontend/words")


def build(root: Path) -> dict[Path, str]:
    """Return the content of every generated file, by its path below the root."""
    english_file = root / "strings/en.json"
    with _named(english_file):
        english = parse(english_file.read_text("utf-8"))
    files = {}
    problems = []
    for path in sorted((root / "strings").glob("*.json")):
        try:
            with _named(path):
                tree = nest(resolve(parse(path.read_text("utf-8")), english))
        except TextsError as error:
            problems.append(f"{error}")
            continue
        files[WORDS / path.name] = _dump(tree.pop("card"))
        files[TRANSLATIONS / path.name] = _dump(tree)
    TextsError.raise_for(problems)
    return files


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Prefix each error about a file's texts with the file's name."""
    try:
        yield
    except ValueError as error:
        lines = f"{error}".splitlines()
        message = "\n".join(f"strings/{path.name}: {line}" for line in lines)
        raise TextsError(message) from error


def _dump(tree: Tree | str) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _stale(root: Path, built: dict[Path, str]) -> Iterator[Path]:
    """Yield the outdated generated files, and those that are no longer generated."""
    for path, content in built.items():
        file = root / path
        if not file.exists() or file.read_text("utf-8") != content:
            yield path
    for folder in (TRANSLATIONS, WORDS):
        for file in sorted((root / folder).glob("*.json")):
            if (path := file.relative_to(root)) not in built:
                yield path


def main(arguments: list[str], root: Path = ROOT) -> str | None:
    """Run the command; return what is wrong, if anything is."""
    parser = argparse.ArgumentParser(prog="scripts/translations", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check: bool = parser.parse_args(arguments).check
    try:
        built = build(root)
    except TextsError as error:
        return f"{error}"
    stale = list(_stale(root, built))
    if check:
        names = "\n".join(f"{path}: stale" for path in stale)
        return f"{names}\nRun scripts/translations." if stale else None
    for path in stale:
        file = root / path
        if path in built:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(built[path], "utf-8")
        else:
            file.unlink()
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
