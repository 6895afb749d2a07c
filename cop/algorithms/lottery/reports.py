"""A draw as plain data that goes round the world as JSON, and whether what such a report says holds.

It holds numbers and ids, and nothing of what people are: whoever doubts a draw needs no more to draw again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from cop.algorithms.lottery.feasibility import conflict, relaxations, unreachable
from cop.algorithms.lottery.lotteries import LARGEST_GAP, Lottery, Stage
from cop.algorithms.lottery.pools import Change, Demand, Pool
from cop.algorithms.lottery.records import Recorded, draw, recorded
from cop.algorithms.lottery.scores import highest_scores

LOTTERY = "lottery"
HIGHEST_SCORES = "highest-scores"

NO_REPORT = "this is not the report of a draw"


def seed_of(words: str) -> bytes:
    """The seed that any words stand for: their SHA-256 in UTF-8."""
    return sha256(words.encode()).digest()


def report(
    pool: Pool,
    record: Recorded,
    *,
    seed: str,
    panel: Iterable[str],
    policy: str,
    stage: str,
    gap: float,
    binding: Sequence[Mapping[str, Any]],
    unreachable: Iterable[str],
) -> dict[str, Any]:
    """``chances`` of all people of the pool are what the tickets of the record say. ``unreachable`` are those who are
    on no panel that keeps what is asked, those fixed out among them, and ``minimum_chance`` is that of all others.
    """
    lost = {*unreachable, *pool.outside}
    tickets = record.tickets()
    chances = {person.id: tickets.get(person.id, 0) / record.total for person in pool.people}
    return {
        "policy": policy,
        "pool": pool.digest(),
        "seed": seed,
        "panel": sorted(panel),
        "chances": dict(sorted(chances.items())),
        "minimum_chance": min(chance for name, chance in chances.items() if name not in lost),
        "gap": gap,
        "stage": stage,
        "binding": [dict(each) for each in binding],
        "unreachable": sorted(lost),
        "lottery": [{"weight": number, "panel": list(names)} for number, names in record.panels],
        "digest": record.digest(),
        "relaxations": [],
    }


def report_of_lottery(pool: Pool, found: Lottery, seed: str) -> dict[str, Any]:
    """Of a lottery from which the words of the seed draw."""
    return report(
        pool,
        found.recorded,
        seed=seed,
        panel=draw(found.recorded, seed_of(seed)),
        policy=LOTTERY,
        stage=str(found.stage),
        gap=found.gap,
        binding=in_words(found.binding),
        unreachable=found.unreachable,
    )


def report_of_scores(pool: Pool, scores: Mapping[str, int], seed: str) -> dict[str, Any]:
    """Of the panel with the highest scores: a lottery with one panel. Raises what ``highest_scores`` raises."""
    best = highest_scores(pool, scores, seed_of(seed))
    return report(
        pool,
        recorded(pool.digest(), [(1, best.panel)]),
        seed=seed,
        panel=best.panel,
        policy=HIGHEST_SCORES,
        stage=str(Stage.FINISHED),
        gap=0.0,
        binding=in_words(pool.binding(best.panel)),
        unreachable=unreachable(pool),
    )


def report_without_panel(pool: Pool, policy: str, seed: str) -> dict[str, Any]:
    """Of a pool of which no panel keeps all that is asked: what contradicts itself, and the smallest changes."""
    return {
        "policy": policy,
        "pool": pool.digest(),
        "seed": seed,
        "panel": None,
        "conflict": in_words(conflict(pool) or ()),
        "relaxations": [changes_in_words(changes) for changes in relaxations(pool)],
    }


def in_words(demands: Iterable[Demand]) -> list[dict[str, Any]]:
    """Demands as plain data; the limit for organisations has no attribute and no value."""
    return [
        {"attribute": each.feature, "value": each.value, "side": str(each.side), "bound": each.bound}
        for each in demands
    ]


def changes_in_words(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [{**in_words([each.demand])[0], "becomes": each.becomes} for each in changes]


def fault_of(told: Any) -> str | None:
    """Why a report does not hold, in a sentence; ``None`` if it does.

    The panel is drawn again from the recorded lottery and the seed, and the chances are computed again. Without the
    pool nobody can tell whether the panels keep the targets, nor what else the report claims (``policy``, ``stage``,
    ``gap``, ``binding``, ``unreachable``): only that it does not contradict itself.
    """
    if fault := _fault_of_form(told):
        return fault
    try:
        record = recorded(told["pool"], ((each["weight"], each["panel"]) for each in told["lottery"]))
        if told["digest"] != record.digest():
            return "the digest of the report is not that of its lottery"
        if told["panel"] != list(draw(record, seed_of(told["seed"]))):
            return "the seed does not draw this panel from the recorded lottery"
    except ValueError:  # panels without people or tickets, more tickets than can be drawn from, a seed that is no text
        return NO_REPORT
    return _fault_of_chances(record, told) or _fault_of_claims(record, told)


def _fault_of_form(told: Any) -> str | None:
    if not isinstance(told, Mapping):
        return NO_REPORT
    if missing := sorted(FORMS.keys() - told.keys()):
        return f"{NO_REPORT}: it lacks {', '.join(missing)}"
    if odd := [key for key, is_right in FORMS.items() if not is_right(told[key])]:
        return f"{NO_REPORT}: no report has such a value of {', '.join(odd)}"
    return None


def _fault_of_chances(record: Recorded, told: Mapping[str, Any]) -> str | None:
    chances, lost = told["chances"], set(told["unreachable"])
    tickets = record.tickets()
    right = {name: tickets.get(name, 0) / record.total for name in {*chances, *tickets}}
    if chances != right:
        return "the chances are not those of the recorded lottery"
    if len(told["unreachable"]) > len(lost) or not lost <= chances.keys() or any(chances[name] for name in lost):
        return "unreachable names somebody twice, or who has a chance, or who is not in the pool"
    if told["minimum_chance"] != min(chance for name, chance in chances.items() if name not in lost):
        return "the smallest chance is not that of the recorded lottery"
    return None


def _fault_of_claims(record: Recorded, told: Mapping[str, Any]) -> str | None:
    if len({len(panel) for _, panel in record.panels}) > 1:
        return "the panels of the recorded lottery are not of one size"
    if told["policy"] == HIGHEST_SCORES and len(record.panels) > 1:
        return "the highest scores are one panel, and the recorded lottery has several"
    if told["stage"] != Stage.BEGUN and told["gap"] > LARGEST_GAP:
        return "the stage says that the smallest chance is proven, and the gap says that it is not"
    return None


def _is_text(told: Any) -> bool:
    return isinstance(told, str)


def _is_share(told: Any) -> bool:
    """From 0 to 1: neither NaN nor infinite, and no truth value, which Python takes for a number."""
    return type(told) in {int, float} and 0 <= told <= 1


def _are_names(told: Any) -> bool:
    return isinstance(told, list) and all(map(_is_text, told))


def _are_panels(told: Any) -> bool:
    return isinstance(told, list) and all(
        isinstance(each, Mapping) and type(each.get("weight")) is int and _are_names(each.get("panel")) for each in told
    )


FORMS: Mapping[str, Callable[[Any], bool]] = {
    "policy": lambda told: told in (LOTTERY, HIGHEST_SCORES),
    "pool": _is_text,
    "seed": _is_text,
    "panel": _are_names,
    "chances": lambda told: isinstance(told, Mapping) and all(map(_is_share, told.values())),
    "minimum_chance": _is_share,
    "gap": _is_share,
    "stage": lambda told: told in list(Stage),
    "binding": lambda told: isinstance(told, list) and all(isinstance(each, Mapping) for each in told),
    "unreachable": _are_names,
    "lottery": _are_panels,
    "digest": _is_text,
}
"""What every report has, and whether it looks like it."""
