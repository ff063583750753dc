"""One mutant, and all mutants of a Python module."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one change; `lines` are those of the statement that has it."""

    module: str
    function: str
    lines: range
    before: str
    after: str
    source: str
    occurrence: int = 1

    @property
    def key(self) -> str:
        """Return a name that stays the same while the change itself does."""
        return "\n".join((self.function, self.before, self.after, str(self.occurrence)))

    @property
    def diff(self) -> str:
        """Return what was changed, with its place."""
        removed = (f"- {line}" for line in self.before.splitlines())
        added = (f"+ {line}" for line in self.after.splitlines())
        place = f"{self.module}:{self.lines.start} {self.function}".rstrip()
        return "\n".join((place, *removed, *added))


def changed_lines(old: str, new: str) -> tuple[range, str, str]:
    """Return the lines of `old` that differ, and both texts, without indentation."""
    before, after = old.splitlines(), new.splitlines()
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = [code for code in codes if code[0] != "equal"]
    (_, start, _, start_after, _), (_, _, end, _, end_after) = changed[0], changed[-1]
    return (
        range(start + 1, max(end, start + 1) + 1),
        _stripped(before[start:end]),
        _stripped(after[start_after:end_after]),
    )


def numbered(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Return the mutants without repeated ones; equal changes are counted."""
    sources: set[str] = set()
    counts: dict[str, int] = {}
    found = []
    for mutant in mutants:
        if mutant.source not in sources:
            sources.add(mutant.source)
            count = counts[mutant.key] = counts.get(mutant.key, 0) + 1
            found.append(replace(mutant, occurrence=count))
    return found


def python_mutants(module: str, source: str) -> list[Mutant]:
    """Return all mutants of a Python module."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    collector = _Collector()
    wrapper.visit(collector)
    mutants = []
    for function, lines, node, changed in collector.found:
        mutated = wrapper.module.deep_replace(node, changed)
        code = cst.ensure_type(mutated, cst.Module).code
        if code != source:
            _, before, after = changed_lines(source, code)
            mutants.append(Mutant(module, function, lines, before, after, code))
    return numbered(mutants)


def _stripped(lines: Sequence[str]) -> str:
    return "\n".join(line.strip() for line in lines)


# ---------------------------------------------------------------------- the operators


def _first_string(node: cst.BaseString) -> Iterator[cst.CSTNode]:
    """Change a string in one way; other changes would test the same."""
    yield from list(mutators.operator_string(node))[:1]


def _arguments(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Make an argument None, or leave out one that has a name.

    Without a positional one, the call would fail in almost every case.
    """
    if isinstance(node.func, cst.Name) and node.func.value in UNCHANGED_CALLS:
        return
    for mutated in mutators.operator_arg_removal(node):
        left_out = [arg for arg in node.args if arg not in mutated.args]
        if len(mutated.args) == len(node.args) or left_out[0].keyword:
            yield mutated


def _condition(node: cst.If | cst.While) -> Iterator[cst.CSTNode]:
    """Negate a condition that no other operator changes."""
    if isinstance(node.test, (cst.Name, cst.Attribute, cst.Call, cst.NamedExpr)):
        parens = {"lpar": [cst.LeftParen()], "rpar": [cst.RightParen()]}
        negated = cst.UnaryOperation(cst.Not(), node.test.with_changes(**parens))
        yield node.with_changes(test=negated)


def _statement(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """Remove a call whose result is not used."""
    yield cst.Pass()


UNCHANGED_CALLS: Final = {"cast", "isinstance", "len", "super"}
OPERATORS: Final[Sequence[tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]]] = [
    *(
        (kind, operator)
        for kind, operator in mutators.mutation_operators
        if operator not in (mutators.operator_string, mutators.operator_arg_removal)
    ),
    (cst.BaseString, _first_string),
    (cst.Call, _arguments),
    (cst.If, _condition),
    (cst.While, _condition),
    (cst.Expr, _statement),
]

# What they say is checked by mypy, or not at all.
SKIPPED: Final = (
    cst.Annotation,
    cst.Decorator,
    cst.Import,
    cst.ImportFrom,
    cst.TypeAlias,
    cst.TypeParameters,
)


def _is_text(node: cst.CSTNode) -> bool:
    """Return whether a node is a docstring or writes to the log."""
    if not isinstance(node, cst.Expr):
        return False
    if isinstance(node.value, cst.BaseString):
        return True
    function = node.value.func if isinstance(node.value, cst.Call) else None
    owner = function.value if isinstance(function, cst.Attribute) else None
    return isinstance(owner, cst.Name) and owner.value in ("LOGGER", "_LOGGER")


class _Collector(cst.CSTVisitor):
    """Lists changes: the function, its lines, the node, and the changed node."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, range, cst.CSTNode, cst.CSTNode]] = []
        self._names: list[str] = []
        self._starts: list[int] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, SKIPPED) or _is_text(node):
            return False
        place = self.get_metadata(PositionProvider, node, None)
        if isinstance(node, (cst.BaseStatement, cst.SimpleStatementLine)) and place:
            self._starts.append(place.start.line)
        if isinstance(node, (cst.ClassDef, cst.FunctionDef)):
            self._names.append(node.name.value)
        if place and self._starts:
            lines = range(self._starts[-1], place.end.line + 1)
            for kind, operator in OPERATORS:
                if isinstance(node, kind):
                    name = ".".join(self._names)
                    self.found += [
                        (name, lines, node, mutated) for mutated in operator(node)
                    ]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, SKIPPED) or _is_text(original_node):
            return
        if isinstance(original_node, (cst.ClassDef, cst.FunctionDef)):
            self._names.pop()
        if isinstance(original_node, (cst.BaseStatement, cst.SimpleStatementLine)):
            self._starts.pop()
