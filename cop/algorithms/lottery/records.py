"""The lottery as it is put on record, and the draw: whole numbers and SHA-256 only, so the same on every machine."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cop.algorithms.lottery.pools import Contradiction
from cop.core import chain

VERSION = 1
SHORTEST_SEED = 16


@dataclass(frozen=True)
class Recorded:
    """Panels with their numbers of tickets, ``panels`` in the order of their people. ``pool`` is the digest of the
    pool that they are for.

    Raises ``Contradiction`` for panels out of order, double, empty, or without tickets.
    """

    pool: str
    panels: tuple[tuple[int, tuple[str, ...]], ...]

    def __post_init__(self) -> None:
        names = [panel for _, panel in self.panels]
        if not names or names != sorted(set(names)):
            raise Contradiction("the panels of a record are in order, and each stands there once")
        if any(not panel or list(panel) != sorted(set(panel)) for panel in names):
            raise Contradiction("the people of a panel are in order, and each stands there once")
        if any(number < 1 for number, _ in self.panels):
            raise Contradiction("a panel of a record has a ticket or more")

    @property
    def total(self) -> int:
        """How many tickets there are."""
        return sum(number for number, _ in self.panels)

    def tickets(self) -> dict[str, int]:
        """On how many tickets each person is; divided by ``total`` that is their chance, exactly."""
        found: dict[str, int] = {}
        for number, panel in self.panels:
            for name in panel:
                found[name] = found.get(name, 0) + number
        return dict(sorted(found.items()))

    def canonical(self) -> str:
        """JSON in ASCII: ids in order, then each panel as its tickets and the places of its people in that list."""
        people = sorted({name for _, panel in self.panels for name in panel})
        place = {name: number for number, name in enumerate(people)}
        panels = [[number, [place[name] for name in panel]] for number, panel in self.panels]
        return chain.canonical({"version": VERSION, "pool": self.pool, "people": people, "panels": panels})

    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return chain.digest(self.canonical())


def recorded(pool: str, panels: Iterable[tuple[int, Iterable[str]]]) -> Recorded:
    """In order. Tickets of the same panel are added up."""
    found: dict[tuple[str, ...], int] = {}
    for number, panel in panels:
        names = tuple(sorted(panel))
        found[names] = found.get(names, 0) + number
    return Recorded(pool, tuple((found[names], names) for names in sorted(found)))


def draw(lottery: Recorded, seed: bytes) -> tuple[str, ...]:
    """The panel that this seed draws, by id.

    Tickets are numbered from 0, panel after panel in the order of the record, and ``number_below`` picks one. Raises
    ``Contradiction`` for a seed of fewer than 16 bytes.
    """
    ticket = number_below(lottery.total, seed, f"draw {lottery.digest()}")
    for number, panel in lottery.panels:
        if ticket < number:
            return panel
        ticket -= number
    raise AssertionError("a ticket beyond the last")


def verify(lottery: Recorded, seed: bytes, panel: Iterable[str]) -> bool:
    """Whether the seed draws this panel from the record."""
    return draw(lottery, seed) == tuple(sorted(panel))


def number_below(limit: int, seed: bytes, purpose: str) -> int:
    """A whole number from 0 to ``limit - 1``, all equally likely.

    Block ``n`` (from 0) is the SHA-256 of the seed, a byte 0, the purpose in UTF-8, a byte 0 and ``n`` in decimal.
    Read as one large number (the first byte counts most), it is cut to its first bits, as many as ``limit - 1`` has;
    the first block whose bits are below ``limit`` decides. To take what is left of a division instead would favour
    small numbers. Raises ``Contradiction`` for a seed of fewer than 16 bytes and for a limit beyond 256 bits.
    """
    if len(seed) < SHORTEST_SEED:
        raise Contradiction("a seed has at least 16 bytes")
    bits = (limit - 1).bit_length()
    if limit < 1 or bits > sha256().digest_size * 8:
        raise Contradiction("there is nothing to draw from")
    number = limit
    block = 0
    while number >= limit:
        digest = _hash(seed, purpose, str(block))
        number = int.from_bytes(digest, "big") >> (len(digest) * 8 - bits)
        block += 1
    return number


def ranking(ids: Iterable[str], seed: bytes, purpose: str = "ranking") -> tuple[str, ...]:
    """All ids in an order drawn from the seed, such as reserves in advance: by the SHA-256 of the seed, a byte 0, the
    purpose, a byte 0 and the id. Nobody's place depends on who else is there. Raises ``Contradiction`` for a seed of
    fewer than 16 bytes.
    """
    if len(seed) < SHORTEST_SEED:
        raise Contradiction("a seed has at least 16 bytes")
    return tuple(sorted(set(ids), key=lambda name: (_hash(seed, purpose, name), name)))


def _hash(seed: bytes, purpose: str, last: str) -> bytes:
    return sha256(b"\0".join([seed, purpose.encode(), last.encode()])).digest()
