"""People who book, wait, answer and cancel as browsers do, and remember what they were told."""

import http.client
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from threading import Event as Signal
from threading import Lock
from time import monotonic, sleep
from urllib.parse import urlencode

from bench.journeys import FOUND, OK, TOKEN
from bench.load import HOST
from bench.soak.parts import PATIENCE
from bench.soak.stage import PARTY_MAX, Guest, Visit

GONE, UNPROCESSABLE = 410, 422
OFFER = re.compile(r'href="(/offers/[^"]+)"')
FAULT = 500
"""Never right: a service without its database answers with 503."""

BROKEN = {FAULT, 502, 503, 504}
NO_ANSWER = 0
"""Counted as a status: the connection ended first."""


MOODS = ("accept", "accept", "accept", "decline", "leave", "think")
"""What somebody who looks at what they have does about it, where it can be done."""

CANCELS = ("decline", "leave", "think")


class Stands(Enum):
    """How somebody stands at a visit."""

    OUT = "neither booked nor waiting"
    WAITS = "on the waiting list"
    BOOKED = "booked"


@dataclass(frozen=True)
class Told:
    """What the service has promised somebody; where it did not say, ``size`` and ``slot`` are None."""

    stands: Stands
    address: str = ""
    size: int | None = None
    slot: int | None = None


OUT = Told(Stands.OUT)


@dataclass
class Diary:
    """What the whole crowd met: answers by method and status with their seconds, and broken promises."""

    answers: list[tuple[float, str, int]] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def met(self, method: str, status: int) -> None:
        with self.lock:
            self.answers.append((monotonic(), method, status))


class NoAnswerError(Exception):
    """Whether the service did what it was asked is not known."""


class Visitor:
    """One person with a browser; between answers that were lost they know exactly how they stand."""

    def __init__(self, guest: Guest, port: int, visits: Sequence[Visit], diary: Diary) -> None:
        self.guest, self._port, self._diary = guest, port, diary
        self.told = dict.fromkeys(visits, OUT)
        self._may_be: dict[Visit, set[Stands]] = {}
        self._cookie = guest.cookie

    def act(self, chance: random.Random) -> None:
        """Do at one visit whatever comes to mind."""
        visit = chance.choice(list(self.told))
        try:
            self._be_sure(visit)
            told = self.told[visit]
            if told.stands is Stands.OUT:
                self._book(visit, chance)
            elif told.stands is Stands.WAITS:
                self._wait(visit, told, chance)
            elif chance.choice(MOODS) in CANCELS:
                self._cancel(visit, told)
            else:
                self._change(visit, told, chance)
        except NoAnswerError:
            pass

    def make_sure(self) -> None:
        """Find out how one stands wherever an answer was lost."""
        for visit in self.told:
            self._be_sure(visit)

    def _be_sure(self, visit: Visit) -> None:
        if visit not in self._may_be:
            return
        found = self._look(visit)
        expected = self._may_be.pop(visit)
        if found.stands not in expected:
            self._diary.broken.append(
                f"{visit.slug}, person {self.guest.person_id}: {found.stands.value}, though they can only be "
                + " or ".join(sorted(stands.value for stands in expected))
            )
        self.told[visit] = found

    def _look(self, visit: Visit) -> Told:
        status, location, _ = self._ask("GET", f"/events/{visit.slug}/wait")
        if status == OK:
            return OUT
        stands = Stands.BOOKED if location.startswith("/bookings/") else Stands.WAITS
        told = self.told[visit]
        return told if told.address == location else Told(stands, location)

    def _book(self, visit: Visit, chance: random.Random) -> None:
        slot, size = chance.choice(visit.slots), chance.randint(1, PARTY_MAX)
        fields = {"slot": slot, "party_size": size, "names": ""}
        location = self._press("book", visit, f"/visits/{visit.slug}/book", Stands.BOOKED, **fields)
        if location:
            self.told[visit] = Told(Stands.BOOKED, location.partition("?")[0], size, slot)
        else:
            self._join(visit, chance, size)

    def _join(self, visit: Visit, chance: random.Random, size: int) -> None:
        slots = chance.sample(visit.slots, chance.randint(1, 3))
        fields = {"slots": slots, "party_size": size}
        location = self._press("join the list", visit, f"/events/{visit.slug}/wait", Stands.WAITS, **fields)
        if location:
            self.told[visit] = Told(Stands.WAITS, location)

    def _wait(self, visit: Visit, told: Told, chance: random.Random) -> None:
        _, _, page = self._ask("GET", told.address)
        offer, mood = OFFER.search(page), chance.choice(MOODS)
        if offer is not None and mood == "accept":
            if self._press("accept", visit, offer[1], Stands.BOOKED):
                self.told[visit] = self._look(visit)
        elif offer is not None and mood == "decline":
            if self._press("decline", visit, f"{offer[1]}/decline", Stands.OUT):
                self.told[visit] = OUT
        elif offer is None and mood == "leave":
            if self._press("leave the list", visit, f"{told.address}/leave", Stands.OUT):
                self.told[visit] = OUT
        else:
            self.told[visit] = self._look(visit)

    def _change(self, visit: Visit, told: Told, chance: random.Random) -> None:
        slot, size = chance.choice(visit.slots), chance.randint(1, PARTY_MAX)
        self.told[visit] = Told(Stands.BOOKED, told.address)
        if self._press("change", visit, f"{told.address}/change", Stands.BOOKED, slot=slot, party_size=size, names=""):
            self.told[visit] = Told(Stands.BOOKED, told.address, size, slot)
        else:
            self.told[visit] = told

    def _cancel(self, visit: Visit, told: Told) -> None:
        if self._press("cancel", visit, f"{told.address}/cancel", Stands.OUT):
            self.told[visit] = OUT

    def _press(self, act: str, visit: Visit, path: str, leads_to: Stands, **fields: object) -> str:
        """Where the service sent them after it did so; empty where a rule stood against it.

        An offer may lapse at any time, and a waiting list let go whoever did not answer: that is no broken promise.
        """
        before = self.told[visit].stands
        status, location, page = self._ask("GET", path)
        if status == FOUND:  # what the page was for is over
            self._may_be[visit] = _outcomes(before, before)
            self._be_sure(visit)
            return ""
        token = TOKEN.search(page.encode())
        if token is None:
            if status != GONE:
                self._diary.broken.append(f"{act} {path}: no form, but {status}")
            return ""
        self._may_be[visit] = _outcomes(before, leads_to)
        status, location, _ = self._ask("POST", path, csrf_token=token[1].decode(), **fields)
        del self._may_be[visit]
        if status == FOUND:
            self._diary.acts[act] += 1
            return location
        if status != UNPROCESSABLE:
            self._diary.broken.append(f"{act} {path}: answered with {status}")
        elif before is Stands.WAITS:  # the offer ended meanwhile, and the place in the line with it
            self.told[visit] = self._look(visit)
        self._diary.acts[f"{act}: refused"] += 1
        return ""

    def _ask(self, method: str, path: str, **fields: object) -> tuple[int, str, str]:
        body = urlencode(fields, doseq=True) if method == "POST" else None
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection(HOST, self._port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self._diary.met(method, NO_ANSWER)
            raise NoAnswerError from error
        finally:
            connection.close()
        self._diary.met(method, answer.status)
        if answer.status == FAULT:
            self._diary.broken.append(f"{method} {path}: answered with {FAULT}")
        if answer.status in BROKEN:
            raise NoAnswerError
        if cookie := answer.headers.get("Set-Cookie", "").partition(";")[0]:
            self._cookie = cookie
        return answer.status, answer.headers.get("Location", ""), page


def _outcomes(before: Stands, after: Stands) -> set[Stands]:
    """What may be true when it is not known whether somebody got from one to the other."""
    return {before, after, Stands.OUT} if before is Stands.WAITS else {before, after}


def stroll(visitors: Sequence[Visitor], seed: int, stop: Signal) -> None:
    """One browser after the other does something, until it is time to stop."""
    chance = random.Random(seed)  # noqa: S311  any crowd will do
    while not stop.is_set():
        chance.choice(visitors).act(chance)
        sleep(chance.uniform(0, 0.1))
