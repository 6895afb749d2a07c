"""``cop lottery`` from outside: a process without a database, files, and a report that anybody can check."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from click.testing import CliRunner

from cop import cli
from cop.algorithms.lottery import Pool, draw, recorded
from cop.algorithms.lottery.reports import seed_of
from cop.commands.lottery import lottery_command
from tests.support.clock import FixedClock
from tests.support.lotteries import feasible_panels, leximin, small_pool

COP = str(Path(sys.executable).with_name("cop"))
ROOT = Path(__file__).parents[2]

Done = CompletedProcess[str]
Run = Callable[..., Done]

POOL = [
    ["id", "organisation", "sector", "rural"],
    *([f"p{n}", f"o{n % 4}", ("resident", "officer")[n % 2], ("yes", "no", "")[n % 3]] for n in range(9)),
]
TARGETS = [["attribute", "value", "minimum", "maximum"], ["sector", "resident", "1", "2"], ["rural", "yes", "", "2"]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A real process, without any of the settings."""

    def ran(*arguments: object) -> Done:
        return subprocess.run(  # noqa: S603  our own command
            [COP, "lottery", *map(str, arguments)],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return ran


@pytest.fixture
def command() -> Callable[..., tuple[int, str]]:
    """The same in this process: its status and what it says."""

    def ran(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(lottery_command, [str(each) for each in arguments])
        return done.exit_code, done.stdout or str(done.exception)

    return ran


Command = Callable[..., tuple[int, str]]


def write(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    return write(tmp_path / "pool.csv", POOL)


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    return write(tmp_path / "targets.csv", TARGETS)


def files_of(pool: Pool, folder: Path) -> list[object]:
    """The arguments that say the same as this pool."""
    features = sorted({target.feature for target in pool.targets})
    people = [
        [each.id, each.organisation or "", *(each.features.get(feature, "") for feature in features)]
        for each in pool.people
    ]
    bounds = [[each.feature, each.value, each.minimum, _blank(each.maximum)] for each in pool.targets]
    asked: list[object] = [
        write(folder / "pool.csv", [["id", "organisation", *features], *people]),
        write(folder / "targets.csv", [TARGETS[0], *bounds]),
        "--places",
        pool.places,
    ]
    asked += ["--per-organisation", pool.per_organisation] if pool.per_organisation else []
    asked += ["--fixed-in", ",".join(sorted(pool.inside)), "--fixed-out", ",".join(sorted(pool.outside))]
    return asked


def _blank(bound: int | None) -> int | str:
    return "" if bound is None else bound


def test_a_process_draws_and_another_verifies(run: Run, pool: Path, targets: Path, tmp_path: Path) -> None:
    done = run(pool, targets, "--places", 3, "--seed", "ein Wörtchen", "--per-organisation", 1, "--out", "r.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told = json.loads((tmp_path / "r.json").read_text())
    assert {
        "panel",
        "chances",
        "minimum_chance",
        "gap",
        "stage",
        "binding",
        "unreachable",
        "lottery",
        "seed",
        "relaxations",
    } <= told.keys()
    assert (len(told["panel"]), told["seed"], told["relaxations"]) == (3, "ein Wörtchen", [])
    again = run("--verify", "r.json")
    assert (again.returncode, again.stderr) == (0, "")
    told["panel"] = sorted({*told["chances"]} - {*told["panel"]})[:3]
    (tmp_path / "r.json").write_text(json.dumps(told))
    refused = run("--verify", "r.json")
    assert refused.returncode == 1
    assert refused.stderr == (
        "cop: r.json does not hold: the seed does not draw this panel from the recorded lottery\n"
    )


def test_the_same_files_and_seed_give_the_same_report(command: Command, pool: Path, targets: Path) -> None:
    first, second = (command(pool, targets, "--places", 3, "--seed", "s") for _ in range(2))
    assert first == second
    assert first[0] == 0


def test_the_order_of_rows_means_nothing_and_another_seed_may_draw_others(
    command: Command, pool: Path, targets: Path, tmp_path: Path
) -> None:
    turned = write(tmp_path / "turned.csv", [POOL[0], *reversed(POOL[1:])])
    found = [json.loads(command(each, targets, "--places", 3, "--seed", "s")[1]) for each in (pool, turned)]
    assert found[0] == found[1]
    drawn = {
        tuple(json.loads(command(pool, targets, "--places", 3, "--seed", f"seed {n}")[1])["panel"]) for n in range(9)
    }
    assert len(drawn) > 1


@pytest.mark.parametrize("number", range(0, 60, 4))
def test_chances_are_those_of_the_recorded_lottery_and_the_best_there_are(
    command: Command, tmp_path: Path, number: int
) -> None:
    asked = small_pool(number)
    possible = feasible_panels(asked)
    status, text = command(*files_of(asked, tmp_path), "--seed", number)
    told = json.loads(text.partition("\ncop: ")[0]) if text.startswith("{") else {}
    if not possible:
        assert status == 1
        assert (told["panel"], bool(told["relaxations"] or told["conflict"])) == (None, True)
        return
    assert status == 0
    weights = {tuple(each["panel"]): each["weight"] for each in told["lottery"]}
    assert weights.keys() <= set(possible)
    total = sum(weights.values())
    ids = {person.id for person in asked.people}
    exact = {name: Fraction(sum(w for panel, w in weights.items() if name in panel), total) for name in ids}
    assert told["chances"] == {name: float(chance) for name, chance in exact.items()}
    reached = {name for panel in possible for name in panel}
    assert set(told["unreachable"]) == ids - reached
    assert told["minimum_chance"] == min(told["chances"][name] for name in reached)
    assert told["minimum_chance"] == pytest.approx(min(leximin(possible).values()), abs=1e-6)
    assert tuple(told["panel"]) in possible


def test_highest_scores(command: Command, tmp_path: Path, targets: Path) -> None:
    scored = [[*POOL[0], "score"], *([*row, f"{n % 5}.{n:02}"] for n, row in enumerate(POOL[1:]))]
    pool = write(tmp_path / "scored.csv", scored)
    status, text = command(pool, targets, "--places", 3, "--seed", "s", "--policy", "highest-scores")
    told = json.loads(text)
    assert status == 0
    scores = {str(row[0]): float(row[-1]) for row in scored[1:]}
    panels = feasible_panels(_as_pool(3))
    best = max(sum(scores[name] for name in panel) for panel in panels)
    assert sum(scores[name] for name in told["panel"]) == pytest.approx(best)
    assert told["lottery"] == [{"weight": 1, "panel": told["panel"]}]
    assert {name for name, chance in told["chances"].items() if chance == 1} == set(told["panel"])
    (tmp_path / "r.json").write_text(text)
    assert command("--verify", tmp_path / "r.json")[0] == 0


def _as_pool(places: int) -> Pool:
    from cop.algorithms.lottery import Person, Target  # noqa: PLC0415  beside its use

    people = [Person(row[0], {"sector": row[2], **({"rural": row[3]} if row[3] else {})}, row[1]) for row in POOL[1:]]
    return Pool(people, places, [Target("sector", "resident", 1, 2), Target("rural", "yes", 0, 2)])


def test_what_cannot_be_kept_names_the_smallest_changes(run: Run, pool: Path, targets: Path, tmp_path: Path) -> None:
    write(targets, [*TARGETS, ["sector", "officer", "3", ""]])
    done = run(pool, targets, "--places", 3, "--seed", "s")
    assert done.returncode == 1
    assert done.stderr == "cop: no panel keeps all that is asked; the report names the smallest changes\n"
    told = json.loads(done.stdout)
    ways = [[(each["value"], each["bound"], each["becomes"]) for each in way] for way in told["relaxations"]]
    assert sorted(ways) == [[("officer", 3, 2)], [("resident", 1, 0)]]
    assert {each["value"] for each in told["conflict"]} == {"officer", "resident"}


@pytest.mark.parametrize(
    ("people", "rules", "more", "sentence"),
    [
        ([["organisation", "sector"]], TARGETS, (), "pool.csv, line 1: missing column: id"),
        ([["id", "sector"]], TARGETS, (), "pool.csv, line 1: missing column: organisation"),
        ([*POOL, POOL[1]], TARGETS, (), "the same person twice: p0"),
        ([*POOL, ["", "o1", "resident", ""]], TARGETS, (), "pool.csv, line 11: the id is missing"),
        (POOL, [TARGETS[0], ["region", "Wales", "1", ""]], (), "targets.csv, line 2: unknown attribute “region”"),
        (POOL, [TARGETS[0], ["sector", "", "1", ""]], (), "targets.csv, line 2: the value is missing"),
        (POOL, [TARGETS[0], ["sector", "officer", "3", "2"]], (), "line 2: the minimum 3 is above the maximum 2"),
        (POOL, [TARGETS[0], ["sector", "officer", "many", ""]], (), "the minimum “many” is no whole number"),
        (POOL, [TARGETS[0], ["sector", "officer", "-1", ""]], (), "the minimum “-1” is no whole number"),
        (POOL, [*TARGETS, TARGETS[1]], (), "the same target twice"),
        (POOL, [["attribute", "value"]], (), "targets.csv, line 1: missing column: maximum, minimum"),
        (POOL, TARGETS, ("--fixed-in", "p1,nobody"), "fixed, but not in the pool: nobody"),
        (POOL, TARGETS, ("--fixed-in", "p1", "--fixed-out", "p1"), "fixed in and out: p1"),
        (POOL, TARGETS, ("--fixed-in", "p1,p1"), "fixed twice: p1"),
        (POOL, TARGETS, ("--policy", "highest-scores"), "pool.csv, line 1: missing column: score"),
        (POOL[:3], TARGETS, (), "there are more places than people"),
    ],
)
def test_files_that_are_wrong_are_refused_in_one_line(
    command: Command, tmp_path: Path, people: list[Any], rules: list[Any], more: tuple[str, ...], sentence: str
) -> None:
    pool, targets = write(tmp_path / "pool.csv", people), write(tmp_path / "targets.csv", rules)
    status, text = command(pool, targets, "--places", 3, "--seed", "s", *more)
    assert status == 1
    assert sentence in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("score", "sentence"),
    [("good", "is no number"), ("nan", "has too many digits"), ("1e9", "has too many digits"), ("0.1234567", "digits")],
)
def test_scores_that_are_wrong(command: Command, tmp_path: Path, targets: Path, score: str, sentence: str) -> None:
    rows = [[*POOL[0], "score"], *([*row, "3.5"] for row in POOL[1:])]
    rows[4][-1] = score
    pool = write(tmp_path / "pool.csv", rows)
    status, text = command(pool, targets, "--places", 3, "--seed", "s", "--policy", "highest-scores")
    assert (status, sentence in text) == (1, True)


def _weigh(told: dict[str, Any], weight: Callable[[int], object]) -> None:
    for each in told["lottery"]:
        each["weight"] = weight(each["weight"])


def _too_many(told: dict[str, Any]) -> None:
    _weigh(told, lambda weight: weight << 256)
    record = recorded(told["pool"], ((each["weight"], each["panel"]) for each in told["lottery"]))
    told["digest"] = record.digest()


def _again(told: dict[str, Any], change: Callable[[], object]) -> None:
    """Change the lottery, and all that follows from it, so that the report agrees with itself."""
    change()
    record = recorded(told["pool"], ((each["weight"], each["panel"]) for each in told["lottery"]))
    chances = {**dict.fromkeys(told["chances"], 0.0), **{n: t / record.total for n, t in record.tickets().items()}}
    smallest = min(chance for name, chance in chances.items() if name not in told["unreachable"])
    panel = list(draw(record, seed_of(told["seed"])))
    told.update(digest=record.digest(), panel=panel, chances=chances, minimum_chance=smallest)


def _unreachable(told: dict[str, Any], times: int) -> None:
    told["chances"]["nobody"] = 0.0
    told["unreachable"] += ["nobody"] * times


FORGED: Mapping[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a seed": (lambda told: told.update(seed="another"), "the seed does not draw"),
    "a chance": (lambda told: told["chances"].update(p1=0.9), "the chances are not those"),
    "a weight": (lambda told: told["lottery"][0].update(weight=7), "the digest of the report"),
    "the pool": (lambda told: told.update(pool="another"), "the digest of the report"),
    "the smallest chance": (lambda told: told.update(minimum_chance=0.9), "the smallest chance is not"),
    "somebody hidden": (lambda told: told["chances"].popitem(), "the chances are not those"),
    "half of it": (lambda told: told.pop("lottery"), "this is not the report of a draw"),
    "no numbers": (lambda told: told["lottery"][0].update(weight="many"), "this is not the report of a draw"),
    "a weight in words": (lambda told: _weigh(told, str), "no report has such a value of lottery"),
    "a weight with a point": (lambda told: _weigh(told, float), "no report has such a value of lottery"),
    "a weight that is true": (lambda told: _weigh(told, bool), "no report has such a value of lottery"),
    "no weight": (lambda told: _weigh(told, lambda _: 0), "this is not the report of a draw"),
    "more tickets than can be drawn": (_too_many, "this is not the report of a draw"),
    "a panel in one word": (
        lambda told: told["lottery"][0].update(panel="p1"),
        "no report has such a value of lottery",
    ),
    "panels of two sizes": (lambda told: _again(told, told["lottery"][0]["panel"].pop), "are not of one size"),
    "a seed that is no text": (lambda told: told.update(seed="\ud800"), "this is not the report of a draw"),
    "an infinite gap": (lambda told: told.update(gap=float("1e999")), "is no JSON"),
    "a gap beyond 1": (lambda told: told.update(gap=7), "no report has such a value of gap"),
    "a chance that is true": (lambda told: told["chances"].update(p1=True), "no report has such a value of chances"),
    "no stage": (lambda told: told.pop("stage"), "it lacks stage"),
    "no claims at all": (
        lambda told: [told.pop(key) for key in ("gap", "binding", "policy", "unreachable")],
        "it lacks binding, gap, policy, unreachable",
    ),
    "a stage of its own": (lambda told: told.update(stage="perfect"), "no report has such a value of stage"),
    "a stage that is a list": (lambda told: told.update(stage=["finished"]), "no report has such a value of stage"),
    "a stage against its gap": (lambda told: told.update(gap=0.2), "the gap says that it is not"),
    "a policy of its own": (lambda told: told.update(policy="friends"), "no report has such a value of policy"),
    "another policy": (lambda told: told.update(policy="highest-scores"), "the recorded lottery has several"),
    "binding in words": (lambda told: told.update(binding="sector"), "no report has such a value of binding"),
    "somebody unreachable who was drawn": (
        lambda told: told["unreachable"].append(told["panel"][0]),
        "unreachable names somebody",
    ),
    "somebody unreachable who is not there": (lambda told: told["unreachable"].append("x"), "unreachable names"),
    "unreachable twice": (lambda told: _unreachable(told, 2), "unreachable names somebody twice"),
    "unreachable things": (lambda told: told["unreachable"].append([]), "no report has such a value of unreachable"),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_report_that_somebody_changed_does_not_hold(
    command: Command, pool: Path, targets: Path, tmp_path: Path, what: str
) -> None:
    change, sentence = FORGED[what]
    told = json.loads(command(pool, targets, "--places", 3, "--seed", "seed 4")[1])
    change(told)
    (tmp_path / "r.json").write_text(json.dumps(told))
    status, text = command("--verify", tmp_path / "r.json")
    assert status == 1
    assert sentence in text


HOSTILE = {
    "words": "no JSON",
    "a list": "[]",
    "nothing in it": "{}",
    "null": "null",
    "a text": '"words"',
    "nothing": "",
    "infinite": '{"gap": Infinity}',
    "no number": '{"gap": NaN}',
    "deep": "[" * 200_000,
    "deep and closed": '{"a": ' * 50_000 + "1" + "}" * 50_000,
    "a very long number": f'{{"gap": {"9" * 5_000}}}',
    "another encoding": '{"panel": []}'.encode("utf-16").decode("latin-1"),
    "twice": '{"panel": [], "panel": null}',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_report_is_no_report(command: Command, tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_bytes(text.encode("latin-1"))
    status, said = command("--verify", tmp_path / "r.json")
    assert status == 1
    assert said in {"r.json is no JSON", TWICE} or said.startswith("r.json does not hold: this is not the report")


TWICE = "r.json says something twice"


def test_a_report_may_begin_as_some_editors_save_it(
    command: Command, pool: Path, targets: Path, tmp_path: Path
) -> None:
    text = command(pool, targets, "--places", 3, "--seed", "s")[1]
    (tmp_path / "r.json").write_text(text, encoding="utf-8-sig")
    assert command("--verify", tmp_path / "r.json")[0] == 0


def test_a_report_with_a_strange_name_is_read(command: Command, pool: Path, targets: Path, tmp_path: Path) -> None:
    report = tmp_path / os.fsdecode(b"r\xff.json")
    report.write_text(command(pool, targets, "--places", 3, "--seed", "s")[1])
    assert command("--verify", report)[0] == 0


def test_it_says_what_it_cannot_check(command: Command, pool: Path, targets: Path, tmp_path: Path) -> None:
    told = json.loads(command(pool, targets, "--places", 3, "--seed", "s")[1])
    told.update(gap=0.25, stage="begun", binding=[{}, {}])
    _unreachable(told, 1)
    (tmp_path / "r.json").write_text(json.dumps(told))
    status, said = command("--verify", tmp_path / "r.json")
    assert status == 0
    assert said.splitlines() == [
        "r.json holds: the seed draws these 3 people, and the chances are right",
        (
            "Not checked, for only the pool and its targets can tell: that each panel keeps the targets, "
            "policy lottery, stage begun, gap 0.25, binding (2), unreachable (1)"
        ),
    ]


@pytest.mark.parametrize(
    "more",
    [("--places", 3), ("--seed", "s"), ("--policy", "lottery"), ("--out", "x.json"), ("--fixed-in", ""), ("pool.csv",)],
)
def test_a_report_is_verified_without_anything_else(
    command: Command, pool: Path, targets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[object]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.json").write_text(command(pool, targets, "--places", 3, "--seed", "s")[1])
    assert command("--verify", "r.json")[0] == 0
    assert command(*more, "--verify", "r.json")[0] == 2
    assert not (tmp_path / "x.json").exists()


class TestTime:
    """The clock goes on whenever somebody looks at it."""

    @staticmethod
    def drawn(pool: Path, targets: Path, each: timedelta) -> tuple[dict[str, Any], list[str]]:
        class Passing(FixedClock):
            def now(self) -> datetime:
                self.move(each)
                return self.at

        asked = [str(pool), str(targets), "--places", "3", "--seed", "s"]
        done = CliRunner().invoke(lottery_command, asked, obj=Passing())
        assert done.exit_code == 0
        return json.loads(done.stdout), done.stderr.splitlines()

    def test_nothing_is_said_of_a_quick_draw(self, pool: Path, targets: Path) -> None:
        told, said = self.drawn(pool, targets, timedelta(milliseconds=1))
        assert (told["stage"], said) == ("finished", [])

    def test_a_long_draw_says_that_it_goes_on(self, pool: Path, targets: Path) -> None:
        told, said = self.drawn(pool, targets, timedelta(seconds=1))
        assert told["stage"] == "finished"
        assert said[0] == "· 2 s of 300 at most: the chances of 9 people for 3 places"
        assert said[1] == "· 4 s of 300 at most: the chances of 9 people for 3 places"

    def test_after_five_minutes_the_best_that_was_found_counts(
        self, command: Command, pool: Path, targets: Path, tmp_path: Path
    ) -> None:
        told, said = self.drawn(pool, targets, timedelta(minutes=3))
        assert told["stage"] == "begun"
        assert told["gap"] > 0.01
        assert said[-1] == (
            f"· the best that was found; not proven to be the fairest (stage begun, gap {told['gap']:.2g})"
        )
        (tmp_path / "r.json").write_text(json.dumps(told))
        assert command("--verify", tmp_path / "r.json")[0] == 0


def test_is_one_of_the_commands_and_asks_for_what_it_needs(command: Command, pool: Path, targets: Path) -> None:
    assert cli.cop.commands["lottery"] is lottery_command
    assert command(pool, targets, "--places", 3)[0] == 2
    assert command("--verify", pool, targets)[0] == 2
