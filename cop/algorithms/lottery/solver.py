"""Linear and integer programmes on HiGHS (https://highs.dev): one thread, silent, warm from question to question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from highspy import HighsModelStatus

TOLERANCE = 1e-10
"""By how much HiGHS may miss a bound or a reduced cost. Chances and weights here are of the order of 0.001 to 1."""

INFINITE = float("inf")

Line = tuple[float, float, Sequence[int], Sequence[float]]
"""A row: lower and upper bound, columns, coefficients."""


class Unsolved(RuntimeError):  # noqa: N818
    """HiGHS gave up on a programme, which its answers to programmes of this size do not foresee."""


@dataclass(frozen=True)
class Solution:
    """``bound`` is what no solution can surpass; with whole numbers it may differ from ``value`` in the last digits.
    ``prices`` are the duals of the rows, in the sign of the objective, and empty with whole numbers.
    """

    value: float
    bound: float
    columns: Sequence[float]
    prices: Sequence[float]


class Programme:
    """Columns between bounds, rows between bounds, and an objective that may change between questions."""

    def __init__(self, lows: Sequence[float], highs: Sequence[float], *, whole: bool = False) -> None:
        from highspy import Highs, HighsVarType  # noqa: PLC0415  20 MB for the few processes that compute a lottery

        self._highs = Highs()  # type: ignore[no-untyped-call]
        self._whole = whole
        options = {
            "output_flag": False,
            "threads": 1,
            "random_seed": 0,
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
            "mip_feasibility_tolerance": 1e-9,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": TOLERANCE,
        }
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
        self.width = len(lows)
        self.height = 0
        self._highs.addCols(self.width, [0.0] * self.width, list(lows), list(highs), 0, [], [], [])
        if whole:
            for column in range(self.width):
                self._highs.changeColIntegrality(column, HighsVarType.kInteger)

    def add(self, lines: Iterable[Line]) -> None:
        lines = list(lines)
        starts: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for _, _, where, how_much in lines:
            starts.append(len(columns))
            columns += where
            values += how_much
        lows, highs = [line[0] for line in lines], [line[1] for line in lines]
        self._highs.addRows(len(lines), lows, highs, len(columns), starts, columns, values)
        self.height += len(lines)

    def weigh(self, costs: Sequence[float]) -> None:
        self._highs.changeColsCost(self.width, list(range(self.width)), list(costs))

    def bound_columns(self, lows: Sequence[float], highs: Sequence[float]) -> None:
        self._highs.changeColsBounds(self.width, list(range(self.width)), list(lows), list(highs))

    def bound_column(self, column: int, low: float, high: float) -> None:
        self._highs.changeColBounds(column, low, high)

    def bound_rows(self, lows: Sequence[float], highs: Sequence[float]) -> None:
        rows = list(range(self.height))
        self._highs.changeRowsBounds(self.height, rows, list(lows), list(highs))  # type: ignore[attr-defined]

    def bound_row(self, row: int, low: float, high: float) -> None:
        self._highs.changeRowBounds(row, low, high)

    def change(self, row: int, column: int, value: float) -> None:
        self._highs.changeCoeff(row, column, value)

    def maximise(self) -> Solution | None:
        """The best there is, or ``None`` where nothing is feasible. Raises ``Unsolved``."""
        return self._solve(most=True)

    def minimise(self) -> Solution | None:
        return self._solve(most=False)

    def _solve(self, *, most: bool) -> Solution | None:
        from highspy import HighsModelStatus, ObjSense  # noqa: PLC0415

        self._highs.changeObjectiveSense(ObjSense.kMaximize if most else ObjSense.kMinimize)
        none = (HighsModelStatus.kInfeasible, HighsModelStatus.kUnboundedOrInfeasible)
        status = self._run()
        if status not in (*none, HighsModelStatus.kOptimal):
            self._highs.clearSolver()
            status = self._run()
        if status in none:
            return None
        if status != HighsModelStatus.kOptimal:
            raise Unsolved(self._highs.modelStatusToString(status))
        solution, info = self._highs.getSolution(), self._highs.getInfo()
        value = info.objective_function_value
        bound = info.mip_dual_bound if self._whole else value
        return Solution(value, bound, solution.col_value, [] if self._whole else solution.row_dual)

    def _run(self) -> "HighsModelStatus":
        self._highs.run()
        return self._highs.getModelStatus()
