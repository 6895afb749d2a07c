"""``cop lottery``: the fair draw on plain files. It needs no database and no settings."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from cop.algorithms.lottery import Contradiction, NoPanel, Person, Pool, Stage, Target, Unsolved, lottery
from cop.algorithms.lottery.reports import (
    HIGHEST_SCORES,
    LOTTERY,
    fault_of,
    report_of_lottery,
    report_of_scores,
    report_without_panel,
)
from cop.algorithms.lottery.scores import LARGEST
from cop.core.clock import Clock, SystemClock
from cop.core.errors import Refusal
from cop.formats.tables import Row, TableError, read_csv

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SCORE = "score"
TARGET_COLUMNS = frozenset({"attribute", "value", "minimum", "maximum"})
DIGITS = 6

LONGEST = timedelta(minutes=5)
"""After this the best lottery so far counts."""

QUIET = timedelta(seconds=2)
"""For so long nothing is said of how it goes on."""


@click.command("lottery")
@click.argument("pool", type=FILE, required=False, metavar="POOL.csv")
@click.argument("targets", type=FILE, required=False, metavar="TARGETS.csv")
@click.option("--places", type=click.IntRange(min=1), help="How many people are chosen.")
@click.option("--seed", metavar="S", help="Any words; the seed is their SHA-256.")
@click.option("--per-organisation", type=click.IntRange(min=1), metavar="M", help="At most so many colleagues.")
@click.option("--fixed-in", default="", metavar="ID,…", help="On the panel whatever the draw says.")
@click.option("--fixed-out", default="", metavar="ID,…", help="Off the panel whatever the draw says.")
@click.option("--policy", type=click.Choice([LOTTERY, HIGHEST_SCORES]), default=LOTTERY, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the report there.")
@click.option("--verify", type=FILE, metavar="REPORT", help="Draw again what a report says.")
def lottery_command(
    *,
    pool: Path | None,
    targets: Path | None,
    places: int | None,
    seed: str | None,
    per_organisation: int | None,
    fixed_in: str,
    fixed_out: str,
    policy: str,
    out: Path | None,
    verify: Path | None,
) -> None:
    """Draw a panel from a pool, so that the smallest chance of anybody is as large as the targets allow.

    POOL.csv has the columns id and organisation, score where the highest scores are chosen, and one for each
    attribute. TARGETS.csv has attribute, value, minimum and maximum; a blank is no limit. The report is JSON. Where no
    panel keeps all targets, it names the smallest changes, and the exit status is 1.

    After five minutes it takes the best lottery that it has found, and says that it is not proven to be the fairest.

    With --verify REPORT, draw again from the recorded lottery and the seed, and say whether the report holds.
    """
    context = click.get_current_context()
    if verify is not None:
        given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if given != ["verify"]:
            raise click.UsageError("--verify takes a report and nothing else")
        _verify(verify)
        return
    if pool is None or targets is None or places is None or seed is None:
        raise click.UsageError("give POOL.csv, TARGETS.csv, --places and --seed, or --verify REPORT")
    if not _is_text(seed):
        raise Refusal("the seed is no text in UTF-8")
    rows = _rows(pool, frozenset({"id", "organisation"} | ({SCORE} if policy == HIGHEST_SCORES else set())))
    attributes = set().union(*(row.values for row in rows)) - {"id", "organisation", SCORE}
    try:
        asked = Pool(
            [_person(pool, row, attributes) for row in rows],
            places,
            [_target(targets, row, attributes) for row in _rows(targets, TARGET_COLUMNS, others=False)],
            per_organisation,
            _ids(fixed_in),
            _ids(fixed_out),
        )
        watch = _Watch(context.obj or SystemClock(), asked)
        told = _drawn(asked, policy, _scores(pool, rows) if policy == HIGHEST_SCORES else {}, seed, watch)
    except Contradiction as error:
        raise Refusal(str(error)) from None
    except (Unsolved, ArithmeticError) as error:
        raise Refusal(f"the solver gave up: {error}") from None
    text = json.dumps(told, indent=1, ensure_ascii=False)
    if out is None:
        click.echo(text)
    else:
        out.write_text(f"{text}\n", encoding="utf-8")
    if told["panel"] is None:
        raise Refusal("no panel keeps all that is asked; the report names the smallest changes")


def _is_text(words: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in words)


class _Watch:
    """Says on standard error that the work goes on, and is true when the time for it is up."""

    def __init__(self, clock: Clock, pool: Pool) -> None:
        self._clock = clock
        self._what = f"the chances of {len(pool.people)} people for {pool.places} places"
        self._began = self._said = clock.now()

    def __call__(self) -> bool:
        now = self._clock.now()
        if now - self._said >= QUIET:
            self._said = now
            _say(f"{(now - self._began).seconds} s of {LONGEST.seconds} at most: {self._what}")
        return now - self._began >= LONGEST


def _say(step: str) -> None:
    click.echo(f"· {step}", err=True)


def _drawn(pool: Pool, policy: str, scores: Mapping[str, int], seed: str, watch: _Watch) -> dict[str, Any]:
    try:
        if policy == HIGHEST_SCORES:
            return report_of_scores(pool, scores, seed)
        found = lottery(pool, stop=watch)
    except NoPanel:
        return report_without_panel(pool, policy, seed)
    if found.stage is not Stage.FINISHED:
        _say(f"the best that was found; not proven to be the fairest (stage {found.stage}, gap {found.gap:.2g})")
    return report_of_lottery(pool, found, seed)


def _rows(path: Path, required: frozenset[str], *, others: bool = True) -> Sequence[Row]:
    try:
        return read_csv(path.read_bytes(), required, others=others)
    except TableError as error:
        raise Refusal(f"{path.name}, {error}") from None


def _person(path: Path, row: Row, attributes: set[str]) -> Person:
    name = row.values["id"]
    if not name:
        raise _fault(path, row, "the id is missing")
    features = {attribute: row.values[attribute] for attribute in sorted(attributes) if row.values[attribute]}
    return Person(name, features, row.values["organisation"] or None)


def _target(path: Path, row: Row, attributes: set[str]) -> Target:
    attribute, value = row.values["attribute"].lower(), row.values["value"]
    if attribute not in attributes:
        raise _fault(path, row, f"unknown attribute “{row.values['attribute']}”; the pool has no such column")
    if not value:
        raise _fault(path, row, "the value is missing")
    minimum, maximum = _bound(path, row, "minimum"), _bound(path, row, "maximum")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise _fault(path, row, f"the minimum {minimum} is above the maximum {maximum}")
    return Target(attribute, value, minimum or 0, maximum)


def _bound(path: Path, row: Row, which: str) -> int | None:
    text = row.values[which]
    if text and not (text.isascii() and text.isdigit() and len(text) <= len(str(10**6))):
        raise _fault(path, row, f"the {which} “{text}” is no whole number")
    return int(text) if text else None


def _scores(path: Path, rows: Sequence[Row]) -> Mapping[str, int]:
    """All scores in whole numbers of the smallest unit that any of them has."""
    found = {row.values["id"]: _score(path, row) for row in rows}
    decimals = max((_decimals(score) for score in found.values()), default=0)
    scores = {name: int(score.scaleb(decimals)) for name, score in found.items()}
    if any(abs(score) > LARGEST for score in scores.values()):
        raise Refusal(
            f"{path.name}: scores have at most {len(str(LARGEST)) - 1} digits, those after the point included"
        )
    return scores


def _score(path: Path, row: Row) -> Decimal:
    try:
        score = Decimal(row.values[SCORE])
    except InvalidOperation:
        raise _fault(path, row, f"the score “{row.values[SCORE]}” is no number") from None
    if not score.is_finite() or score.adjusted() > DIGITS or _decimals(score) > DIGITS:
        raise _fault(path, row, f"the score “{row.values[SCORE]}” has too many digits")
    return score


def _decimals(score: Decimal) -> int:
    """Digits after the point, without noughts at the end."""
    return max(-int(score.normalize().as_tuple().exponent), 0)


def _fault(path: Path, row: Row, reason: str) -> Refusal:
    return Refusal(f"{path.name}, line {row.line}: {reason}")


def _ids(text: str) -> frozenset[str]:
    """Ids between commas. Raises ``Contradiction`` for one that stands there twice."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Contradiction(f"fixed twice: {', '.join(twice)}")
    return frozenset(names)


def _verify(path: Path) -> None:
    name = click.format_filename(path, shorten=True)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        told = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_once)
    except _Twice:
        raise Refusal(f"{name} says something twice") from None
    except (ValueError, RecursionError):
        raise Refusal(f"{name} is no JSON") from None
    if fault := fault_of(told):
        raise Refusal(f"{name} does not hold: {fault}")
    click.echo(
        f"{name} holds: the seed draws these {len(told['panel'])} people, and the chances are right\n"
        "Not checked, for only the pool and its targets can tell: that each panel keeps the targets, "
        f"policy {told['policy']}, stage {told['stage']}, gap {told['gap']:.2g}, "
        f"binding ({len(told['binding'])}), unreachable ({len(told['unreachable'])})"
    )


def _no_number(words: str) -> Any:
    """Python reads NaN and Infinity, which JSON does not know."""
    raise ValueError(words)


class _Twice(Exception):  # noqa: N818  it never leaves this module
    """A name stands twice in one object: one thing for who reads it and another for who checks it."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found
