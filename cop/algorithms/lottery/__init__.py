"""A fair draw of a panel from a pool: everybody's chance as equal as the targets allow, and a seed that decides.

``lottery(pool)`` computes the chances and the tickets, ``draw(lottery.recorded, seed)`` draws, ``verify`` draws again.
Where no panel keeps all targets, ``conflict`` and ``relaxations`` say why and what would help. ``highest_scores`` is
the other policy. ``replacements``, ``fitting`` and ``ranking`` find who takes a place that becomes free.

Drawing needs nothing but SHA-256. Computing a lottery loads HiGHS, 20 MB, at the first call.
"""

from cop.algorithms.lottery.feasibility import NoPanel, conflict, obstacle, relaxations, unreachable
from cop.algorithms.lottery.lotteries import TICKETS, Lottery, Stage, lottery
from cop.algorithms.lottery.pools import Change, Contradiction, Demand, Person, Pool, Side, Target
from cop.algorithms.lottery.records import Recorded, draw, number_below, ranking, recorded, verify
from cop.algorithms.lottery.replacing import Fitting, Left, Replacement, fitting, left, replacements
from cop.algorithms.lottery.scores import Best, highest_scores
from cop.algorithms.lottery.solver import Unsolved

__all__ = [
    "TICKETS",
    "Best",
    "Change",
    "Contradiction",
    "Demand",
    "Fitting",
    "Left",
    "Lottery",
    "NoPanel",
    "Person",
    "Pool",
    "Recorded",
    "Replacement",
    "Side",
    "Stage",
    "Target",
    "Unsolved",
    "conflict",
    "draw",
    "fitting",
    "highest_scores",
    "left",
    "lottery",
    "number_below",
    "obstacle",
    "ranking",
    "recorded",
    "relaxations",
    "replacements",
    "unreachable",
    "verify",
]
