"""What counts as a look at the toolkit, and what does not: checked against series of visits whose counts are known."""

from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Sector
from cop.models.service import Observation
from cop.models.toolkit import RecentLook, Resource, ResourceItem
from cop.queries import toolkit_use as use
from scheduled import tend_toolkit
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.toolkit import Toolkit

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HALF_A_MINUTE = timedelta(seconds=30)


class Visits:
    """A resource with a file, and visitors who open it and take the file."""

    def __init__(self, browse: Browse, reading: Reads, resource: Resource, item: ResourceItem) -> None:
        self.browse, self.reading, self.resource, self.item = browse, reading, resource, item
        self.page = f"/toolkit/{resource.slug}"
        self.file = f"{self.page}/files/{item.public_id}"

    def open(self, browse: Browse | None = None, /, *, agent: str = CHROME, file: bool = False, **headers: str) -> int:
        """The status with which the page, or the file, answers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = (browse or self.browse).client
        return client.get(self.file if file else self.page, headers={"User-Agent": agent, **named}).status_code

    def seen(self) -> list[Observation]:
        with self.reading() as read:
            kinds = Observation.kind.in_([use.VIEWED, use.DOWNLOADED])
            return list(read.session.scalars(select(Observation).where(kinds).order_by(Observation.id)))

    def counted(self) -> tuple[int, int]:
        """Looks and downloads."""
        kinds = Counter(look.kind for look in self.seen())
        return kinds[use.VIEWED], kinds[use.DOWNLOADED]


@pytest.fixture
def visits(make: Make, work: Working, reading: Reads, browse: Browse) -> Visits:
    toolkit = Toolkit(make, work)
    resource = toolkit.draft()
    item = toolkit.file(resource)
    return Visits(browse, reading, toolkit.publish(resource), item)


def test_a_series_of_visits_counts_as_it_should(visits: Visits, make: Make, clock: FixedClock) -> None:
    """Every visit of which it is known beforehand whether it counts: nine looks and five downloads do."""
    brent, camden = make.organisation("Brent"), make.organisation("Camden")
    amina = visits.browse.another().sign_in(make.account("Amina", organisation=brent, sector=Sector.COUNCILLOR))
    femi = visits.browse.another().sign_in(make.account("Femi", organisation=camden, sector=Sector.COUNCIL_OFFICER))
    noor = visits.browse.another().sign_in(make.account("Noor"))
    staff = visits.browse.another().sign_in(make.admin())
    expected = [0, 0]

    def look(browse: Browse | None, *, counts: bool, file: bool = False, agent: str = CHROME, **headers: str) -> None:
        assert visits.open(browse, agent=agent, file=file, **headers) < 400
        expected[file] += counts
        assert visits.counted() == tuple(expected)

    look(amina, counts=True)
    look(amina, counts=False)  # pressed twice
    look(amina, counts=True, file=True)  # the file is another thing than its page
    look(amina, counts=False, agent=FIREFOX)  # she is one person on two machines
    look(femi, counts=True)
    look(femi, counts=True, file=True)
    look(femi, counts=False, file=True, Range="bytes=1000-")  # the same download goes on
    look(noor, counts=True)
    look(None, counts=True)
    look(None, counts=True, agent=FIREFOX)
    look(None, counts=False)
    look(None, counts=False, agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    look(None, counts=False, agent="curl/8.5.0", file=True)
    look(None, counts=False, agent="")
    look(None, counts=False, Sec_Purpose="prefetch;prerender")
    look(staff, counts=False)
    look(staff, counts=False, file=True)
    clock.move(HALF_A_MINUTE - timedelta(seconds=1))
    look(amina, counts=False)
    clock.move(timedelta(seconds=1))
    look(amina, counts=True)
    look(None, counts=True)
    look(None, counts=True, file=True)
    clock.move(timedelta(days=40))
    look(amina, counts=True, file=True)
    look(noor, counts=True)
    look(noor, counts=True, file=True)
    look(femi, counts=True)
    assert expected == [9, 5]

    with visits.reading(make.actor(make.admin("Nadia"))) as read:
        found = use.use(read)
        [line] = use.lines(read, found)
        councils = {council.name: (council.people, *council.rungs[:3]) for council in use.councils(read, found)}
    months = {month.month.isoformat(): (month.viewed, month.downloaded) for month in found.months if month.viewed}
    assert months == {"2026-03-01": (7, 3), "2026-04-01": (2, 2)}
    assert (line.viewed, line.downloaded, line.organisations.value) == (9, 5, 2)
    assert [figure.value for figure in found.ladder.people] == [3, 3, 0, 0, 0]
    assert [figure.value for figure in found.ladder.organisations] == [2, 2, 0, 0, 0]
    assert councils == {"Brent": (1, 1, 1, 0), "Camden": (1, 1, 1, 0)}


def test_a_look_says_for_whom_and_for_which_version(visits: Visits, make: Make) -> None:
    brent = make.organisation("Brent")
    amina = make.account(organisation=brent, sector=Sector.COUNCILLOR)
    visits.open(visits.browse.another().sign_in(amina))
    visits.open(file=True)
    viewed, taken = visits.seen()
    assert (viewed.person_id, viewed.organisation_id, viewed.sector) == (amina.id, brent.id, Sector.COUNCILLOR)
    assert (viewed.subject_kind, viewed.subject_id, viewed.value) == ("resource", visits.resource.id, 1)
    assert (taken.person_id, taken.organisation_id, taken.sector) == (None, None, None)
    assert (taken.subject_kind, taken.subject_id, taken.value) == ("resource item", visits.item.id, 1)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.FACILITATOR, Role.EVALUATOR, Role.REVIEWER, Role.HOST])
def test_staff_do_not_count(visits: Visits, make: Make, role: Role) -> None:
    person = make.account()
    make.grant(person, role, programme=make.programme()) if role is not Role.ADMIN else make.grant(person, role)
    assert visits.open(visits.browse.another().sign_in(person)) == 200
    assert visits.counted() == (0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Purpose": "prefetch"},
        {"Sec_Purpose": "prefetch"},
        {"Sec_Fetch_Mode": "no-cors"},
        {"Range": "bytes=500-999"},
    ],
)
def test_what_a_browser_asks_by_itself_does_not_count(visits: Visits, headers: dict[str, str]) -> None:
    visits.open(None, file=True, agent=CHROME, **headers)
    assert visits.counted() == (0, 0)


@pytest.mark.parametrize("wanted", ["bytes=0-", "bytes=0-99", "nonsense"])
def test_the_beginning_of_a_file_counts(visits: Visits, wanted: str) -> None:
    visits.open(file=True, Range=wanted)
    assert visits.counted() == (0, 1)


def test_whether_it_is_there_is_no_look(visits: Visits) -> None:
    assert visits.browse.client.head(visits.page, headers={"User-Agent": CHROME}).status_code == 200
    assert visits.browse.client.head(visits.file, headers={"User-Agent": CHROME}).status_code == 200
    assert visits.counted() == (0, 0)


def test_what_nobody_saw_does_not_count(visits: Visits, make: Make, work: Working) -> None:
    hidden = Toolkit(make, work).members_only()
    visits.browse.client.get(f"/toolkit/{hidden.slug}", headers={"User-Agent": CHROME})
    visits.browse.client.get("/toolkit/never-was", headers={"User-Agent": CHROME})
    assert visits.counted() == (0, 0)


def test_a_look_leaves_no_cookie_and_no_name(app: Flask, visits: Visits, reading: Reads, clock: FixedClock) -> None:
    answer = visits.browse.client.get(visits.page, headers={"User-Agent": CHROME})
    assert "Set-Cookie" not in answer.headers
    with reading() as read:
        [look] = read.session.scalars(select(RecentLook))
    assert len(look.visitor) == 16
    assert b"127.0.0.1" not in look.visitor
    clock.move(timedelta(minutes=11))
    with app.app_context():
        tend_toolkit.run()
    with reading() as read:
        assert read.session.scalars(select(RecentLook)).all() == []


def test_a_visitor_is_another_one_tomorrow(visits: Visits, reading: Reads, clock: FixedClock) -> None:
    visits.open()
    clock.move(timedelta(days=1))
    visits.open()
    with reading() as read:
        assert len(set(read.session.scalars(select(RecentLook.visitor)))) == 2
