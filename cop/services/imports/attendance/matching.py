"""Who in a report is who among those who booked: by the address, else by the name, and who comes near.

Nothing here knows the database. An address is proof; a name is never more than a question to a person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cop.formats.attendance_reports.headings import plain
from cop.models.attendance_reports import Match

ALIKE = 60
"""Out of 100: names that are less like one another are not proposed."""

PROPOSED = 5


@dataclass(frozen=True)
class Holder:
    """One seat of the event, with the name of whoever is expected in it; None for a guest nobody named."""

    seat_id: int
    booking_id: int
    name: str | None
    booker: str
    person_id: int | None = None
    public_id: str | None = None


@dataclass(frozen=True)
class Spoken:
    """Somebody as a report speaks of them. ``key`` tells them from the others of the report."""

    key: int
    names: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True)
class Found:
    """``person_id`` is set where the address belongs to somebody we know, whether they have a seat or not."""

    match: Match
    holder: Holder | None = None
    person_id: int | None = None


NOBODY = Found(Match.NONE)


def recognise(people: Sequence[Spoken], holders: Sequence[Holder], owners: Mapping[str, int]) -> Mapping[int, Found]:
    """By key. ``owners`` says to whom addresses belong."""
    shared = Counter(person.email for person in people if person.email)
    own = {holder.person_id: holder for holder in holders if holder.person_id is not None}
    parties: dict[int, list[Holder]] = defaultdict(list)
    for holder in holders:
        parties[holder.booking_id].append(holder)
    found: dict[int, Found] = {}
    for person in people:
        owner = owners.get(person.email) if person.email else None
        seat = own.get(owner) if owner is not None else None
        party = parties[seat.booking_id] if seat else ()
        found[person.key] = _by_address(person, owner, seat, party, is_shared=shared[person.email] > 1)
    return found | _by_name(people, holders, found)


def _by_address(
    person: Spoken, owner: int | None, seat: Holder | None, party: Iterable[Holder], *, is_shared: bool
) -> Found:
    """Several people of one party may have one address; then their names decide among them, and nothing else."""
    if not person.email:
        return NOBODY
    names = _forms(person)
    named = [holder for holder in party if holder.name and plain(holder.name) in names]
    if len(named) == 1:
        return Found(Match.EMAIL, named[0], owner)
    if is_shared:
        return Found(Match.AMBIGUOUS)
    return Found(Match.EMAIL, seat, owner) if owner is not None else NOBODY


def _by_name(people: Sequence[Spoken], holders: Sequence[Holder], found: Mapping[int, Found]) -> dict[int, Found]:
    """Those whom no address led to a seat, where exactly their name is among those who booked.

    Somebody we know by their address is not taken for a namesake who is in the report with an address of their own.
    """
    taken = {each.holder.seat_id for each in found.values() if each.holder}
    called: dict[str, list[Holder]] = defaultdict(list)
    for holder in holders:
        if holder.name and plain(holder.name):
            called[plain(holder.name)].append(holder)
    fits: dict[int, list[Holder]] = {}
    for person in people:
        known = found[person.key]
        if known.match is Match.AMBIGUOUS or known.holder:
            continue
        named = {holder.seat_id: holder for form in sorted(_forms(person)) for holder in called.get(form, ())}
        free = [holder for holder in named.values() if known.person_id is None or holder.seat_id not in taken]
        if free:
            fits[person.key] = free
    claimed = Counter(holder.seat_id for holders in fits.values() for holder in holders)
    return {
        key: Found(Match.NAME, named[0])
        if len(named) == 1 and claimed[named[0].seat_id] == 1
        else Found(Match.AMBIGUOUS)
        for key, named in fits.items()
    }


def _forms(person: Spoken) -> set[str]:
    return {form for name in person.names if (form := plain(name))}


def proposals(names: Iterable[str], holders: Sequence[Holder]) -> Sequence[Holder]:
    """Whose names come near one of these, the nearest first; for a person who decides."""
    from rapidfuzz import process  # noqa: PLC0415  4 MB that most workers never need

    choices = {index: plain(holder.name) for index, holder in enumerate(holders) if holder.name}
    best: dict[Any, float] = {}
    for form in filter(None, map(plain, names)):
        for _, score, index in process.extract(form, choices, scorer=_likeness, limit=PROPOSED, score_cutoff=ALIKE):
            best[index] = max(score, best.get(index, 0))
    return [holders[index] for index in sorted(best, key=lambda index: (-best[index], index))[:PROPOSED]]


def _likeness(one: str, other: str, **options: Any) -> float:
    """Whichever way round the words stand, and also where one of them is left out or shortened."""
    from rapidfuzz import fuzz  # noqa: PLC0415  as above

    return max(fuzz.token_sort_ratio(one, other, **options), 0.9 * fuzz.token_set_ratio(one, other, **options))
