"""The house's rules about source code, each a function from a parsed module to what breaks it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

CLOCKS = frozenset(
    {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.time_ns",
        "time.monotonic",
        "time.perf_counter",
        "func.now",
        "func.current_timestamp",
        "func.current_date",
        "func.localtimestamp",
        "func.clock_timestamp",
        "func.statement_timestamp",
    }
)
SQL_CLOCK = re.compile(
    r"\bnow\(\)|\b(?:current_timestamp|current_date|localtimestamp|(?:clock|statement)_timestamp\(\))\b", re.IGNORECASE
)
ENDS_A_TRANSACTION = frozenset({"commit", "rollback"})


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Path from the root and syntax tree of every module below the folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def clocks_read(tree: ast.Module) -> list[str]:
    """Which clocks a module asks, by their names; in SQL, ``sql`` stands for them."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (name := _last_two(node)) in CLOCKS:
            found.append(name)
        elif isinstance(node, ast.ImportFrom) and node.module in {"time", "sqlalchemy.func"}:
            found += [f"{node.module}.{item.name}" for item in node.names if f"{node.module}.{item.name}" in CLOCKS]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found += ["sql"] * bool(SQL_CLOCK.search(node.value))
    return found


def transactions_ended(tree: ast.Module) -> list[int]:
    """Lines that commit or roll back."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ENDS_A_TRANSACTION
    ]


def strangers(tree: ast.Module, *first: str) -> list[str]:
    """Public functions that touch a session without being given one of ``first`` as their first parameter."""
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not _is_given(node, first)
    ]


def _is_given(function: ast.FunctionDef, first: tuple[str, ...]) -> bool:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    if names and names[0] in first:
        return True
    keywords = {argument.arg for argument in function.args.kwonlyargs}
    if {"work", "read", "session"} & {*names, *keywords}:
        return False
    return not any(isinstance(node, ast.Attribute) and node.attr == "session" for node in ast.walk(function))


def texts(tree: ast.Module) -> Iterator[re.Pattern[str]]:
    """Every string of a module as a pattern: what an f-string fills in matches anything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.compile(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr):
            pieces = [re.escape(str(piece.value)) if isinstance(piece, ast.Constant) else ".+" for piece in node.values]
            yield re.compile("".join(pieces))


def _last_two(node: ast.Attribute) -> str:
    owner = node.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return f"{name}.{node.attr}"
