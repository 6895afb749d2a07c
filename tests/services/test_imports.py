"""Imports: the plan says row by row what happens, then all of it or nothing; again changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

import cop.demo
from cop.core.access import VISITOR
from cop.core.errors import NotFound
from cop.formats.tables import Row, read_csv
from cop.queries import organisations as organisation_queries
from cop.queries import people as people_queries
from cop.services import imports
from cop.services.imports import Action, Importing, Plan, PlanRefused
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

ORGANISATIONS, PEOPLE = imports.ORGANISATIONS, imports.PEOPLE
DATA = Path(cop.demo.__path__[0]) / "data"


def rows(importing: Importing, text: str) -> list[Row]:
    return read_csv(text.encode(), importing.required, importing.optional)


def did(plan: Plan) -> list[str]:
    return [f"{line.line} {line.action} {line.subject}: {line.reason or ''}".removesuffix(": ") for line in plan.lines]


def test_the_members_of_the_network_are_imported_once(work: Working, reading: Reads) -> None:
    table = read_csv((DATA / "organisations.csv").read_bytes(), ORGANISATIONS.required, ORGANISATIONS.optional)
    with reading() as read:
        assert imports.plan_organisations(read, table).counts == {Action.CREATE: 90}
    with work() as unit:
        assert imports.import_organisations(unit, table).counts == {Action.CREATE: 90}
    with work() as unit:
        assert imports.import_organisations(unit, table).counts == {Action.UNCHANGED: 90}
    with reading() as read:
        assert organisation_queries.count(read, organisation_queries.Wanted(members_only=True)) == 90


def test_an_organisation_is_created_with_all_that_its_row_says(work: Working, reading: Reads) -> None:
    table = rows(
        ORGANISATIONS,
        "NAME,kind,membership,region,domains,joined_on,source\n"
        "Brent  Council,COUNCIL,Full,london,@brent.gov.uk BRENT.org,2024-02-29,A list\n",
    )
    with work() as unit:
        assert did(imports.import_organisations(unit, table)) == ["2 create Brent Council"]
    with reading() as read:
        found = organisation_queries.profile(read, slug="brent-council")
        made = found.organisation
        assert (made.kind, made.membership, made.region, str(made.joined_on), made.source, found.is_newer) == (
            "council",
            "full",
            "London",
            "2024-02-29",
            "A list",
            True,
        )
        assert [held.domain for held in made.domains] == ["brent.gov.uk", "brent.org"]
    with work() as unit:
        assert did(imports.import_organisations(unit, table)) == ["2 unchanged Brent Council"]


def test_blank_cells_and_missing_columns_erase_nothing(make: Make, work: Working, reading: Reads) -> None:
    make.organisation("Brent Council", slug="brent", region="London", source="A list", domains=["brent.gov.uk"])
    table = rows(ORGANISATIONS, "name,region,domains,joined_on\nBRENT COUNCIL,,brent.org,\n")
    with work() as unit:
        assert did(imports.import_organisations(unit, table)) == ["2 update Brent Council: changes domains"]
    with reading() as read:
        found = organisation_queries.profile(read, slug="brent").organisation
    assert (found.name, found.kind, found.membership, found.region, found.source) == (
        "Brent Council",
        "council",
        "full",
        "London",
        "A list",
    )
    assert [held.domain for held in found.domains] == ["brent.gov.uk", "brent.org"]


def test_what_differs_is_updated_and_named(make: Make, work: Working, reading: Reads) -> None:
    make.organisation("Brent", slug="brent")
    make.organisation("Demos")
    table = rows(ORGANISATIONS, "name,kind,membership,joined_on\nBrent,health body,,2020-01-31\nDemos,,full,\n")
    with work() as unit:
        assert did(imports.import_organisations(unit, table)) == [
            "2 update Brent: changes kind, joined_on",
            "3 unchanged Demos",
        ]
    with reading() as read:
        found = organisation_queries.profile(read, slug="brent").organisation
    assert (found.kind, found.membership, str(found.joined_on)) == ("health body", "full", "2020-01-31")


def test_addresses_of_many_alike_names_differ(work: Working, reading: Reads) -> None:
    table = rows(ORGANISATIONS, "name,kind,domains\nA B,other,a.org\nA-B,other,b.org\nNew,other,c.org\n")
    with work() as unit:
        imports.import_organisations(unit, table)
    with reading() as read:
        found = [organisation_queries.profile(read, slug=slug).organisation for slug in ("a-b", "a-b-2", "new-2")]
    assert [(item.name, item.domains[0].domain) for item in found] == [
        ("A B", "a.org"),
        ("A-B", "b.org"),
        ("New", "c.org"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",council,,,,,", "Enter a name"),
        (f"{'x' * 201},council,,,,,", "The name must have 200 characters or fewer"),
        ("New,,,,,,", "a new organisation needs a kind, one of: council, town or parish council"),
        ("New,castle,,,,,", "“castle” is none of: council, town or parish council"),
        ("New,council,gold,,,,", "“gold” is none of: full, associate, affiliate, supporter"),
        ("New,council,,Atlantis,,,", "“Atlantis” is none of: East Midlands"),
        ("New,council,,,nodot,,", "“nodot” is not an e-mail domain"),
        ("New,council,,,gmail.com,,", "“gmail.com” is used by many organisations"),
        ("New,council,,,brent.gov.uk,,", "“brent.gov.uk” already belongs to Brent"),
        ("New,council,,,first.org,,", "“first.org” already belongs to First"),
        ("New,council,,,,31/03/2024,", "“31/03/2024” is no date"),
        ("New,council,,,,20240331,", "“20240331” is no date"),
        ("New,council,,,,2023-02-29,", "“2023-02-29” is no date"),
        ("New,council,,,,2026-03-03,", "The date of joining must be today or in the past"),
        ("FIRST,council,,,,,", "the same as line 2"),
    ],
)
def test_a_faulty_row_stops_the_whole_import(row: str, reason: str, make: Make, work: Working, reading: Reads) -> None:
    make.organisation("Brent", domains=["brent.gov.uk"])
    header = "name,kind,membership,region,domains,joined_on,source"
    table = rows(ORGANISATIONS, f"{header}\nFirst,council,,,first.org,,\n{row}\n")
    with reading() as read:
        plan = imports.plan_organisations(read, table)
    assert [line.action for line in plan.lines] == [Action.CREATE, Action.REFUSE]
    assert str(plan.lines[1].reason).startswith(reason)
    with pytest.raises(PlanRefused, match=f"line 3: {reason}"), work() as unit:
        imports.import_organisations(unit, table)
    with reading() as read:
        assert organisation_queries.count(read, organisation_queries.Wanted()) == 1


def test_a_refusal_tells_how_many_more_there_are(reading: Reads) -> None:
    with reading() as read:
        plan = imports.plan_organisations(read, rows(ORGANISATIONS, "name,kind\nA,x\nB,council\nC,x\nD,x\n"))
    assert str(PlanRefused(plan)).endswith("(and 2 more lines)")
    assert [line.line for line in plan.refused] == [2, 4, 5]


def test_people_are_imported_once(make: Make, work: Working, reading: Reads) -> None:
    make.organisation("Brent Council", slug="brent")
    table = rows(
        PEOPLE,
        "email,name,organisation,sector,role_title\n"
        "Jo@Demo.Example,Jo Smith,BRENT council,council OFFICER,Health lead\n"
        "ali@demo.example,,brent,vcse,\n"
        "sam.lee@demo.example,,,,\n",
    )
    with work() as unit:
        assert imports.import_people(unit, table).counts == {Action.CREATE: 3}
    with work() as unit:
        assert did(imports.import_people(unit, table)) == [
            "2 unchanged jo@demo.example",
            "3 unchanged ali@demo.example",
            "4 unchanged sam.lee@demo.example",
        ]
    with reading() as read:
        found = [(item.name, item.email, item.organisation, item.sector) for item in people_queries.listed(read)]
        jo = people_queries.profile(read, public_id=people_queries.listed(read, words="jo@")[0].public_id)
    assert found == [
        ("Ali", "ali@demo.example", "Brent Council", "VCSE"),
        ("Jo Smith", "jo@demo.example", "Brent Council", "council officer"),
        ("Sam Lee", "sam.lee@demo.example", None, None),
    ]
    assert (jo.role_title, jo.prefers, jo.timezone, jo.email_verified_at) == (
        "Health lead",
        "email",
        "Europe/London",
        None,
    )


def test_people_who_moved_keep_their_history(make: Make, work: Working, reading: Reads, clock: FixedClock) -> None:
    old, _ = make.organisation("Old"), make.organisation("New")
    mover = make.person("Jo", "jo@demo.example", organisation=old)
    stayer = make.person("Ali", "ali@demo.example", organisation=old)
    newcomer = make.person("Sam", "sam@demo.example")
    clock.move(timedelta(days=10))
    table = rows(
        PEOPLE,
        "email,name,organisation,sector\n"
        "jo@demo.example,,New,councillor\nali@demo.example,Ali B,,health\nsam@demo.example,Sam,,resident\n",
    )
    with work() as unit:
        assert did(imports.import_people(unit, table)) == [
            "2 update jo@demo.example: changes organisation, sector",
            "3 update ali@demo.example: changes name, sector",
            "4 update sam@demo.example: changes sector",
        ]
    today = clock.now().date()
    with reading() as read:
        places = {
            person.email: [
                (place.organisation, place.relation, place.sector, place.to_on)
                for place in people_queries.places(read, person_id=person.id)
            ]
            for person in (mover, stayer, newcomer)
        }
        assert people_queries.profile(read, public_id=stayer.public_id).name == "Ali B"
    assert places == {
        "jo@demo.example": [("New", "elected to", "councillor", None), ("Old", "works for", None, today)],
        "ali@demo.example": [("Old", "works for", "health", None)],
        "sam@demo.example": [(None, "supported by", "resident", None)],
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Jo,,,", "Enter an e-mail address in the correct format"),
        ("jo,Jo,,,", "Enter an e-mail address in the correct format"),
        ("JO@first.example,Jo,,,", "the same as line 2"),
        ("a@b.example,Jo,Nowhere,,", "There is no organisation “Nowhere”"),
        ("a@b.example,Jo,,wizard,", "“wizard” is none of: resident"),
        (f"a@b.example,{'x' * 201},,,", "The name must have 200 characters or fewer"),
    ],
)
def test_a_faulty_person_stops_the_whole_import(row: str, reason: str, work: Working, reading: Reads) -> None:
    header = "email,name,organisation,sector,role_title"
    table = rows(PEOPLE, f"{header}\njo@first.example,Jo,,,\n{row}\n")
    with pytest.raises(PlanRefused, match=f"line 3: {reason}"), work() as unit:
        imports.import_people(unit, table)
    with reading() as read:
        assert people_queries.listed(read) == []


@pytest.mark.parametrize(
    ("importing", "header", "row"),
    [
        (ORGANISATIONS, "name,kind,domains", "Council {0},council,c{0}.org"),
        (PEOPLE, "email,name,organisation,sector", "p{0}@demo.example,Person {0},Demos,health"),
    ],
    ids=["organisations", "people"],
)
def test_the_number_of_statements_does_not_grow_with_the_file(
    importing: Importing, header: str, row: str, make: Make, work: Working
) -> None:
    make.organisation("Demos")
    counted = []
    for first, last in ((0, 2), (2, 600)):
        table = rows(importing, "\n".join([header, *(row.format(number) for number in range(first, last))]))
        with work() as unit, count_queries() as statements:
            assert importing.carry_out(unit, table).counts == {Action.CREATE: last - first}
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 6


def test_only_admins_import_and_plan(make: Make, work: Working, reading: Reads) -> None:
    for actor in (VISITOR, make.actor(make.account())):
        for importing in (ORGANISATIONS, PEOPLE):
            with pytest.raises(NotFound), reading(actor) as read:
                importing.plan(read, [])
            with pytest.raises(NotFound), work(actor) as unit:
                importing.carry_out(unit, [])


def test_two_imports_of_one_file_at_once_create_everything_once(work: Working) -> None:
    table = rows(ORGANISATIONS, "name,kind\n" + "".join(f"Council {number},council\n" for number in range(200)))

    def carry_out(_number: int) -> Plan:
        with work() as unit:
            return imports.import_organisations(unit, table)

    with ThreadPoolExecutor(2) as pool:
        plans = list(pool.map(carry_out, range(2)))
    assert sorted(str(dict(plan.counts)) for plan in plans) == sorted(
        [str({Action.CREATE: 200}), str({Action.UNCHANGED: 200})]
    )
