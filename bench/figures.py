"""Figures beside their goals, as plain text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.load import Tally


@dataclass(frozen=True)
class Run:
    """One run of a scene, right after one of the bare application."""

    bare: Tally
    ours: Tally


def rate(tally: Tally) -> float:
    """Answers a second."""
    return len(tally.latencies) / tally.seconds


def percentile(tally: Tally, percent: int) -> float:
    """Milliseconds within which so many of a hundred answers came."""
    return tally.latencies[len(tally.latencies) * percent // 100] * 1000


def page_row(name: str, runs: Sequence[Run], sql: int, goals: Sequence[float], most_sql: int | None) -> list[str]:
    ratio = median(rate(run.ours) / rate(run.bare) for run in runs)
    return [
        *_shared(name, [run.ours for run in runs]),
        f"{ratio:.2f}",
        ", ".join(f"{goal:.2f} {_reached(ratio >= goal)}" for goal in goals),
        str(sql),
        f"{most_sql} {_reached(sql <= most_sql)}" if most_sql is not None else "",
    ]


def bare_row(runs: Sequence[Run]) -> list[str]:
    return [*_shared("bare Flask, one SELECT", [run.bare for run in runs]), "1.00", "", "1", ""]


def _shared(name: str, tallies: Sequence[Tally]) -> list[str]:
    return [
        name,
        f"{median(map(rate, tallies)):,.0f}",
        f"{median(percentile(tally, 50) for tally in tallies):.1f}",
        f"{median(percentile(tally, 95) for tally in tallies):.1f}",
        f"{median(tally.cpu / len(tally.latencies) for tally in tallies) * 1000:.2f}",
    ]


PAGE_HEADINGS = ["page", "requests/s", "p50 ms", "p95 ms", "CPU ms", "to bare", "goal", "SQL", "goal"]
OTHER_HEADINGS = ["figure", "found", "goal"]


def other_row(name: str, found: float, goal: float, *, most: bool, digits: int = 0) -> list[str]:
    """A figure that should reach the goal, or with ``most`` stay below it."""
    return [name, f"{found:,.{digits}f}", reached(found, goal, most=most)]


def reached(found: float, goal: float, *, most: bool) -> str:
    """The goal, and whether the figure reached it, or with ``most`` stayed below it."""
    return f"{goal:g} {_reached(found <= goal if most else found >= goal)}"


def _reached(is_so: bool) -> str:  # noqa: FBT001  the one thing that it is asked
    return "reached" if is_so else "missed"


def table(rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as they need; what begins with a digit stands on the right."""
    rows = list(rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(_cell(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cell(text: str, width: int) -> str:
    is_number = text.replace(",", "").replace(".", "").isdigit()
    return text.rjust(width) if is_number else text.ljust(width)
