"""Reports of attendance, in the shapes in which several services have written them over the years."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.formats.attendance_reports import (
    Interval,
    Kind,
    Refused,
    Report,
    Reported,
    Skip,
    minutes_in,
    minutes_together,
    read_report,
    sheets,
    union,
)
from cop.formats.attendance_reports.times import LONGEST, find_duration, find_stamp
from cop.models.attendance_reports import ReportKind

LONDON = ZoneInfo("Europe/London")
FIXTURES = Path(__file__).with_name("attendance_reports")
NAMES = sorted(path.name for path in FIXTURES.iterdir())
DAY = date(2026, 9, 22)
DAYS = {
    "teams-webinar.csv": date(2026, 6, 10),
    "teams-2021.csv": date(2021, 3, 4),
    "teams-2020.csv": date(2021, 3, 4),
    "teams-2020-german.csv": date(2021, 3, 4),
}
AMINA, OLU = "amina.khan@brent.example", "olu.adeyemi@ccin.example"


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def read(name: str) -> Report:
    return read_report(fixture(name), day=DAYS.get(name, DAY), zone=LONDON)


def read_text(text: str, day: date = DAY) -> Report:
    return read_report(text.encode(), day=day, zone=LONDON)


def refusal(data: bytes, day: date = DAY) -> str:
    with pytest.raises(Refused) as refused:
        read_report(data, day=day, zone=LONDON)
    return str(refused.value)


def at(hour: int, minute: int, second: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=LONDON).astimezone(UTC)


def facts(report: Report) -> list[tuple[int, str, str, int | None, str]]:
    return [(each.line, each.name, each.email, each.minutes, each.skipped or "") for each in report.people]


MEETING = [
    (12, "Olu Adeyemi", OLU, 75, "organiser"),
    (13, "Amina Khan", AMINA, 63, ""),
    (14, "Bronwen Evans", "b.evans@swansea.example", 45, ""),
    (15, "Tom O’Neill", "tom.oneill@oldham.example", 1, ""),
    (16, "Jo Marsh", "", 40, ""),
    (17, "", "", 9, "telephone"),
]


@pytest.mark.parametrize(
    "name",
    [
        "teams-meeting.csv",
        "teams-meeting-narrow-spaces.csv",
        "teams-meeting-saved-again.csv",
        "teams-meeting-saved-semicolons.csv",
    ],
)
def test_teams_is_read_alike_however_it_was_saved(name: str) -> None:
    report = read(name)
    assert report.kind is Kind.TEAMS
    assert (report.met_from, report.met_until) == (at(14, 48, 5), at(16, 3, 26))
    assert facts(report) == MEETING
    assert all(person.came for person in report.people)


def test_teams_who_joined_again_or_with_two_devices_was_there_once() -> None:
    bronwen = read("teams-meeting.csv").people[2]
    assert bronwen.intervals == (Interval(at(15, 0), at(15, 20)), Interval(at(15, 35), at(16, 0)))
    assert bronwen.also == ("Evans, Bronwen (Communities)",)


def test_teams_without_each_joining_counts_what_it_says_and_not_the_time_between() -> None:
    whole = fixture("teams-meeting.csv").decode("utf-16")
    report = read_text(whole.split("3. In-Meeting")[0])
    assert facts(report) == MEETING
    assert [len(person.intervals) for person in report.people] == [1, 1, 0, 1, 1, 1]


def test_teams_webinar_goes_by_the_address_of_the_registration() -> None:
    report = read("teams-webinar.csv")
    assert facts(report) == [
        (12, "Olu Adeyemi", OLU, 70, "organiser"),
        (13, "Amina K", AMINA, 50, ""),
        (14, "Priya Shah", "priya.shah@rochdale.example", 60, ""),
        (15, "Ben Moss", "ben.moss@oldham.example", None, ""),
    ]
    assert [person.came for person in report.people] == [True, True, True, False]
    assert report.people[2].intervals == (
        Interval(at(10, 0, 20, date(2026, 6, 10)), at(10, 59, 50, date(2026, 6, 10))),
    )


def test_teams_that_may_not_say_times_says_who_came() -> None:
    report = read("teams-only-who-attended.csv")
    assert [(person.email, person.came, person.minutes) for person in report.people] == [
        (OLU, True, None),
        (AMINA, True, None),
    ]
    assert (report.met_from, report.met_until) == (at(15, 0), at(16, 0))


@pytest.mark.parametrize(
    "language", ["german", "french", "spanish", "italian", "dutch", "portuguese", "welsh", "unknown"]
)
def test_teams_in_any_language(language: str) -> None:
    report = read(f"teams-{language}.csv")
    assert (report.kind, report.met_from, report.met_until) == (Kind.TEAMS, at(14, 48, 5), at(16, 3, 26))
    assert facts(report) == [(10, "Olu Adeyemi", OLU, 75, "organiser"), (11, "Amina Khan", AMINA, 50, "")]
    assert report.people[1].intervals == (Interval(at(15, 0), at(15, 20)), Interval(at(15, 30), at(16, 0)))


@pytest.mark.parametrize(
    ("name", "people"),
    [
        (
            "teams-2021.csv",
            [(9, "Olu Adeyemi", OLU, 63, "organiser"), (10, "Amina Khan", AMINA, 50, ""), (12, "Jo Marsh", "", 55, "")],
        ),
        (
            "teams-2020.csv",
            [(2, "Olu Adeyemi", "", 61, ""), (3, "Khan, Amina", "", 50, ""), (4, "Jo Marsh", "", 55, "")],
        ),
        ("teams-2020-german.csv", [(2, "Olu Adeyemi", "", 61, ""), (3, "Amina Khan", "", 50, "")]),
        (
            "teams-live-event.csv",
            [(2, "Olu Adeyemi", OLU, 60, ""), (3, "Amina Khan", AMINA, 45, ""), (5, "Anonymous", "", 54, "")],
        ),
    ],
)
def test_teams_of_earlier_years(name: str, people: list[tuple[int, str, str, int | None, str]]) -> None:
    report = read(name)
    assert report.kind is Kind.TEAMS
    assert facts(report) == people


def test_teams_list_of_joining_in_words_that_nobody_knows() -> None:
    rows = ["Henkilö\tTapahtuma\tAika", *(f"Amina\tabc\t4.3.2021, 10:{minute}:00" for minute in ("00", "20", "40"))]
    report = read_text("\n".join(rows), date(2021, 3, 4))
    assert facts(report) == [(2, "Amina", "", 20, "")]


def test_teams_list_may_begin_with_somebody_leaving() -> None:
    rows = "Full Name\tUser Action\tTimestamp\nAmina\tLeft\t9/22/26, 3:00:00 PM\nAmina\tJoined\t9/22/26, 3:10:00 PM\n"
    report = read_text(rows + "Ben\tJoined\t9/22/26, 3:20:00 PM\n")
    assert facts(report) == [(2, "Amina", "", 10, ""), (4, "Ben", "", 0, "")]


def test_teams_live_events_tell_the_time_in_utc() -> None:
    amina = read("teams-live-event.csv").people[1]
    assert amina.intervals == (Interval(datetime(2026, 9, 22, 14, 5, tzinfo=UTC), at(15, 50)),)


def test_teams_names_are_as_people_say_them() -> None:
    amina, jo = read("teams-2020.csv").people[1:]
    assert (amina.name, amina.also) == ("Khan, Amina", ("Amina Khan",)), "without an address it may be two names"
    assert (jo.name, jo.also) == ("Jo Marsh", ())


def test_teams_people_of_one_name_are_not_mixed_up() -> None:
    heading = "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole"
    stays = "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole"
    report = read_text(f"""1. Summary
Meeting title\tTwo of one name

2. Participants
{heading}
Sam Lee\t9/22/26, 3:00:00 PM\t9/22/26, 4:00:00 PM\t40m\tsam@a.example\t\tPresenter
Sam Lee\t9/22/26, 3:00:00 PM\t9/22/26, 4:00:00 PM\t50m\tsam@b.example\t\tPresenter

3. In-Meeting Activities
{stays}
Sam Lee\t9/22/26, 3:00:00 PM\t9/22/26, 3:30:00 PM\t30m\tsam@b.example\tPresenter
Sam Lee\t9/22/26, 3:10:00 PM\t9/22/26, 3:20:00 PM\t10m\t\tPresenter
""")
    assert facts(report) == [(6, "Sam Lee", "sam@a.example", 40, ""), (7, "Sam Lee", "sam@b.example", 30, "")]


def test_teams_title_may_look_like_headings() -> None:
    text = fixture("teams-french.csv").decode("utf-16").replace("Titre de la réunion\tZoë", "Nom\tEntrée et durée, Zoë")
    assert [person.line for person in read_text(text).people] == [10, 11]


@pytest.mark.parametrize(
    ("name", "people"),
    [
        (
            "zoom-webinar.csv",
            [
                (7, "Olu Adeyemi", OLU, 75, "host"),
                (10, "Grace Mbeki", "grace@energy.example", 73, "panellist"),
                (11, "Rob Field", "rob.field@plymouth.example", None, "panellist"),
                (14, "Amina Khan", AMINA, 50, ""),
                (16, "Bronwen Evans", "b.evans@swansea.example", 60, ""),
                (17, "Ben Moss", "ben.moss@oldham.example", None, ""),
                (21, "", "", 40, "telephone"),
            ],
        ),
        (
            "zoom-webinar-2026.csv",
            [
                (7, "Olu Adeyemi", OLU, 75, "host"),
                (10, "Amina Khan", AMINA, 55, ""),
                (12, "Ben Moss", "ben.moss@oldham.example", None, ""),
            ],
        ),
    ],
)
def test_zoom_webinars(name: str, people: list[tuple[int, str, str, int | None, str]]) -> None:
    report = read(name)
    assert (report.kind, report.met_from, report.met_until) == (Kind.ZOOM_WEBINAR, at(14, 50), at(16, 5))
    assert facts(report) == people
    assert [person.name for person in report.people if not person.came and not person.skipped] == ["Ben Moss"]


def test_zoom_webinar_tells_roles_by_the_order_where_its_titles_are_foreign() -> None:
    titles = {
        "Host Details": "Gastgeber",
        "Panelist Details": "Podium",
        "Attendee Details": "Gäste",
        "Other": "Weitere",
    }
    text = fixture("zoom-webinar.csv").decode("utf-8-sig")
    for title, word in titles.items():
        text = text.replace(title, word)
    assert facts(read_text(text)) == facts(read("zoom-webinar.csv"))


def test_zoom_registration_gives_name_and_organisation() -> None:
    amina = read("zoom-webinar.csv").people[3]
    assert (amina.name, amina.also, amina.organisation) == ("Amina Khan", ("Amina",), "Brent Council")
    assert amina.intervals == (Interval(at(15, 0, 10), at(15, 50, 10)),)


@pytest.mark.parametrize(
    ("name", "people"),
    [
        (
            "zoom-meeting.csv",
            [
                (2, "Olu Adeyemi", OLU, 75, "host"),
                (3, "Amina, Brent", AMINA, 60, ""),
                (4, "Jo Marsh", "", 53, ""),
                (7, "Lee Holt", "", None, ""),
                (8, "", "", 40, "telephone"),
            ],
        ),
        (
            "zoom-meeting-with-summary.csv",
            [(5, "Olu Adeyemi", OLU, 75, "host"), (6, "Amina Khan", AMINA, 60, ""), (7, "Jo Marsh", "", 18, "")],
        ),
        ("zoom-meeting-unique-users.csv", [(2, "Amina Khan", AMINA, 60, ""), (3, "Jo Marsh", "", 53, "")]),
    ],
)
def test_zoom_meetings(name: str, people: list[tuple[int, str, str, int | None, str]]) -> None:
    report = read(name)
    assert report.kind is Kind.ZOOM_MEETING
    assert facts(report) == people


def test_zoom_waiting_room_is_not_the_meeting() -> None:
    report = read("zoom-meeting.csv")
    assert [person.name for person in report.people if not person.came] == ["Lee Holt"]
    assert report.people[2].intervals[0].joined_at == at(15, 2)
    assert report.people[1].also == ("Amina Khan",)


def test_zoom_registrations_are_no_attendance() -> None:
    assert refusal(fixture("zoom-registrations.csv")).startswith("line 6: this does not say who came; in Zoom, take")


def test_eventbrite_counts_who_was_checked_in() -> None:
    report = read("eventbrite.csv")
    assert report.kind is Kind.EVENTBRITE
    assert [(person.line, person.name, person.email, person.came, person.organisation) for person in report.people] == [
        (2, "Amina Khan", AMINA, True, "Brent Council"),
        (3, "Ben Moss", "ben.moss@oldham.example", False, "Oldham Council"),
        (4, "Jo Marsh", "bookings@rochdale.example", True, "Rochdale"),
        (5, "Lee Holt", "bookings@rochdale.example", True, "Rochdale"),
        (6, "", "", True, ""),
        (7, "Rob Field", "rob.field@plymouth.example", False, ""),
    ]
    assert {person.minutes for person in report.people} == {None}


def test_eventbrite_of_other_years_has_other_columns() -> None:
    assert facts(read("eventbrite-older.csv")) == [(2, "Amina Khan", AMINA, None, "")]
    assert refusal(fixture("eventbrite-without-status.csv")).startswith("line 1: this does not say who came; export it")
    strange = fixture("eventbrite-older.csv").replace(b"Checked In", b"Lost")
    assert refusal(strange) == "line 2: “Lost” is no attendee status that we know"


def test_tables_say_who_came_and_how_long() -> None:
    report = read("table.csv")
    assert report.kind is Kind.TABLE
    assert [(person.line, person.name, person.email, person.came, person.minutes) for person in report.people] == [
        (2, "Amina Khan", AMINA, True, 60),
        (3, "Ben Moss", "ben.moss@oldham.example", False, None),
        (4, "", "priya.shah@rochdale.example", True, 13),
        (5, "Zoë Lark", "", True, None),
    ]


def test_tables_with_times_are_of_the_event_s_day() -> None:
    amina, owl, ben = read("table-times.csv").people
    assert (amina.line, amina.minutes, amina.intervals[0]) == (3, 90, Interval(at(15, 0), at(16, 0)))
    assert owl.intervals == (Interval(at(23, 50), at(0, 20, day=date(2026, 9, 23))),)
    assert (ben.came, ben.minutes, ben.intervals) == (True, None, ())


def test_tables_may_name_the_day_in_a_column_of_its_own() -> None:
    table = "Name,Date,Time in\nAmina,22/09/2026,15:00\n"
    assert [person.name for person in read_text(table).people] == ["Amina"]
    assert refusal(table.replace("22/", "23/").encode()) == (
        "line 2: the report is of 23 September 2026, and the event is on 22 September 2026"
    )


def test_tables_of_names_alone_say_that_they_came() -> None:
    people = read("table-names.csv").people
    assert [person.name for person in people] == [
        "Amina Khan",
        '=HYPERLINK("http://evil.example")',
        "Naam Odd",
        "رؤى حسن",
    ]
    assert {(person.came, person.email) for person in people} == {(True, "")}


@pytest.mark.parametrize(
    ("rows", "came"),
    [("Name,Minutes\nA,0\n", False), ("Name,Minutes\nA,1\n", True), ("Name,Attended\nA,\n", False)],
)
def test_tables_in_doubt_are_taken_at_their_word(rows: str, *, came: bool) -> None:
    assert read_text(rows).people[0].came is came


def test_kinds_are_those_of_the_database() -> None:
    assert [kind.value for kind in Kind] == [kind.value for kind in ReportKind]


# Dates


def teams(*times: str, registered: str = "") -> str:
    heading = "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\tRegistration Time"
    people = (f"P{number}\t{time}\t{time}\t0s\t\t\tPresenter\t{registered}" for number, time in enumerate(times))
    return "\n".join(["1. Summary", "Meeting title\tDates", "", "2. Participants", heading, *people])


@pytest.mark.parametrize("day", [date(2026, 2, 3), date(2026, 3, 2)])
def test_the_day_of_the_event_settles_dates_that_can_be_read_in_two_ways(day: date) -> None:
    report = read_text(teams("2/3/26, 3:00:00 PM"), day)
    assert report.people[0].intervals[0].joined_at == at(15, 0, day=day)


def test_the_whole_file_tells_how_it_writes_dates() -> None:
    text = teams("2/3/26, 3:00:00 PM", registered="1/31/26, 9:00:00 AM")
    assert read_text(text, date(2026, 2, 3)).people[0].minutes == 0
    message = "line 6: the report is of 3 February 2026, and the event is on 2 March 2026"
    assert refusal(text.encode(), date(2026, 3, 2)) == message


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (
            ["2/3/26, 3:00 PM"],
            "line 6: the report is of 2 March 2026 or 3 February 2026, and the event is on 22 September 2026",
        ),
        (
            ["22/9/26, 15:00", "9/22/26, 15:00"],
            "line 7: “9/22/26, 15:00” is no day, in the way in which the file writes",
        ),
        (["22/9/26, 15:00", "22/8/26, 15:00"], "line 7: “22/8/26, 15:00” is not on 22 September 2026, the day of the"),
        (["21/9/26, 15:00"], "line 6: the report is of 21 September 2026, and the event is on 22 September 2026"),
        (["22/9/26, 15:00", "48:05.0"], "line 7: “48:05.0” is no time that we can read"),
        (["22/9/26, 25:00"], "line 6: “22/9/26, 25:00” is no time that we can read"),
        (["22/9/26, 13:00 PM"], "line 6: “22/9/26, 13:00 PM” is no time that we can read"),
        (["31/2/26, 15:00"], "line 6: “31/2/26, 15:00” is no time that we can read"),
    ],
)
def test_dates_that_do_not_fit_are_refused_with_their_line(times: list[str], message: str) -> None:
    assert refusal(teams(*times).encode()).startswith(message)


def test_a_meeting_may_go_on_past_midnight() -> None:
    report = read_text(teams("22/9/26, 23:50:00", "23/9/26, 00:10:00"))
    assert len(report.people) == 2


@pytest.mark.parametrize(
    "text",
    [
        "9/22/26, 2:48:05 PM",
        "9/22/2026 2:48:05 p.m.",
        "22/09/2026, 14:48:05",
        "22.09.26, 14:48:05",
        "22. 9. 2026 14:48:05",
        "22.9.2026, 14.48.05",
        "22-9-2026 14:48:05",
        "22/09/2026 à 14:48:05",
        "2026-09-22 14:48:05",
        "2026-09-22T13:48:05Z",
        "2026-09-22T14:48:05.123+01:00",
        "2026-09-22 13:48:05 UTC",
        "2026-09-22 14:48:05 (UTC+01:00)",
        "2026-09-22 14:48:05 BST",
        "Sep 22, 2026 14:48:05",
        "September 22, 2026 02:48:05 PM",
        "Tuesday, September 22, 2026 2:48:05 PM",
        "22 Sept 2026 14:48:05",
        "22 de septiembre de 2026, 14:48:05",
        "22 settembre 2026 alle 14:48:05",  # codespell:ignore
        "22 Medi 2026 2:48:05 yh",
    ],
)
def test_times_are_read_as_many_countries_write_them(text: str) -> None:
    report = read_text(teams(text))
    assert report.people[0].intervals[0].joined_at == at(14, 48, 5)


@pytest.mark.parametrize(
    ("text", "month"),
    [("3 juin 2026", 6), ("3 juillet 2026", 7), ("3. März 2026", 3), ("3 août 2026", 8), ("3 Mehefin 2026", 6)],
)
def test_months_have_names_in_several_languages(text: str, month: int) -> None:
    stamp = find_stamp(1, text)
    assert stamp is not None
    assert (stamp.day, stamp.clock) == (date(2026, month, 3), None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 7s", 3607),
        ("59 Min. 0 Sek.", 3540),
        ("1 Std. 2 Min. 3 Sek.", 3723),
        ("1 u 2 min 3 sec", 3723),
        ("2 ore 5 min", 7500),  # codespell:ignore
        ("1awr 2mun 3eil", 3723),
        ("1:02:03", 3723),
        ("0:31", 1860),
        ("62", 3720),
        ("12,5", 750),
        ("62 minutes", 3720),
    ],
)
def test_durations_are_read_as_many_countries_write_them(text: str, seconds: int) -> None:
    assert find_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "1x", "1h 7", "h", "--", "9" * 61])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert find_duration(text) is None


def test_durations_that_no_meeting_has_are_refused() -> None:
    hours = LONGEST // timedelta(hours=1) + 1
    assert refusal(f"Name,Minutes\nA,{hours}h\n".encode()) == f"line 2: “{hours}h” is no duration that we can read"


def test_nobody_leaves_before_joining() -> None:
    assert refusal(b"Name,Joined,Left\nA,15:00,14:00\n") == (
        "line 2: somebody leaves at 14:00, before joining at 15:00"
    )
    assert refusal(teams("22/9/26, 15:00").replace("15:00\t22/9/26, 15:00", "15:00\t22/9/26, 14:00").encode()) == (
        "line 6: somebody leaves at 22/9/26, 14:00, before joining at 22/9/26, 15:00"
    )


# Files


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: the file is empty"),
        (b"\xff\xfe", "line 1: the file is empty"),
        (b"\n,,\n\t\n", "line 1: the file is empty"),
        (b"PK\x03\x04...", "line 1: this is a workbook; open it and save the sheet with the people as “CSV UTF-8”"),
        (b"\xff\xfeN\x00a\x00m", "line 1: the file is damaged here, or is no text"),
        (b"Name\nA\n\x81\n", "line 3: the file is damaged here, or is no text"),
        (b"Name\nA\0\n", "line 2: the line holds a NUL byte"),
        (
            b'Name\nA\n"B\n',
            "line 3: a quotation mark is not closed or stands in the wrong place, or a cell is too long",
        ),
        (b"Name\n" + b"a" * 201, "line 2: the name is longer than 200 characters"),
        (b"Name\n" + b"a" * 32_768, "line 2: a cell has more than 32,767 characters"),
        (
            b"Name\n" + b"a" * 200_000,
            "line 2: a quotation mark is not closed or stands in the wrong place, or a cell is",
        ),
        (b"Name\n" + b"a," * 200 + b"a", "line 2: the row has more than 200 cells"),
        (
            b"Colour,Shape\nred,round\n",
            "line 1: no list of people is in it; we read attendance reports of Teams and Zoom",
        ),
        (b"Name,Email\n", "line 1: the report names nobody"),
        (b"Name,Attended\nA,perhaps\n", "line 2: “perhaps” is neither yes nor no"),
        (b"1. Summary\nMeeting title\tEmpty\n", "line 1: the report has no table of participants"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_line_and_reason(data: bytes, message: str) -> None:
    assert refusal(data).startswith(message)


def test_large_files_are_refused() -> None:
    assert refusal(b"x" * (sheets.MOST_BYTES + 1)) == "line 1: the file is larger than 5 MB"
    many = b"Name\n" + b"A\n" * sheets.MOST_ROWS
    assert refusal(many) == "line 20001: the file has more than 20,000 rows"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_files_of_every_origin_are_read_alike(encoding: str, delimiter: str, line_end: str) -> None:
    rows = ["Name,Email,Organisation", "Zoë Lark,zoe@brent.example,Brent"]
    text = line_end.join(rows).replace(",", delimiter)
    report = read_report(text.encode(encoding), day=DAY, zone=LONDON)
    assert report.people == (Reported(2, "Zoë Lark", "zoe@brent.example", came=True, organisation="Brent"),)


def test_a_spreadsheet_may_name_its_separator() -> None:
    assert read_text("sep=;\r\nName;Notes\r\nAmina;a,b,c,d\r\n").people[0].line == 3


def test_lines_are_counted_through_cells_of_several_lines() -> None:
    report = read_text('Name,Notes\n"Amina","one\ntwo"\n\nBen,\n')
    assert [(person.line, person.name) for person in report.people] == [(2, "Amina"), (5, "Ben")]


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("Amina@Brent.example", "amina@brent.example"),
        ("mailto:amina@brent.example", "amina@brent.example"),
        ("amina.k_brent.example#EXT#@ccin.onmicrosoft.example", "amina.k@brent.example"),
        ("amina@", ""),
        ("a@b.example c@d.example", ""),
        ("n/a", ""),
    ],
)
def test_addresses_are_plain_or_none(cell: str, email: str) -> None:
    assert read_text(f"Name,Email\nAmina,{cell}\n").people[0].email == email


@pytest.mark.parametrize(
    "number", ["441632960001", "+44 1632 960001", "+44 7*** ***123", "(01632) 960 001", "Call-in User_1"]
)
def test_of_telephone_numbers_nothing_is_kept(number: str) -> None:
    heading = "Name (original name),Email,Total duration (minutes),Guest"
    person = read_text(f"{heading}\n{number},,40,Yes\n").people[0]
    assert person == Reported(2, "", "", came=True, minutes=40, skipped=Skip.TELEPHONE)


# Adding up


def interval(start: int, end: int) -> Interval:
    return Interval(at(15, 0) + timedelta(minutes=start), at(15, 0) + timedelta(minutes=end))


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted), max_size=8)


@settings(deadline=None)
@given(spans=SPANS)
def test_a_union_holds_the_same_minutes_once(spans: list[list[int]]) -> None:
    minutes = {minute for start, end in spans for minute in range(start, end)}
    together = union(interval(start, end) for start, end in spans)
    assert minutes_in(together) == len(minutes)
    assert all(one.left_at < two.joined_at for one, two in pairwise(together))
    assert union([*together, *together]) == together


def test_two_reports_of_one_meeting_add_up() -> None:
    person = Reported(2, "Amina", AMINA, came=True)
    first = replace(person, minutes=30, intervals=(interval(0, 30),))
    second = replace(person, minutes=30, intervals=(interval(20, 50),))
    untimed = replace(person, minutes=12)
    assert minutes_together([first, second]) == 50
    assert minutes_together([first, first]) == 30
    assert minutes_together([first, untimed]) == 42
    assert minutes_together([untimed, untimed]) == 24
    assert minutes_together([person]) is None


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (29, 0), (30, 1), (89, 1), (90, 2)])
def test_minutes_are_whole_to_the_nearest(seconds: int, minutes: int) -> None:
    start = at(15, 0)
    assert minutes_in([Interval(start, start + timedelta(seconds=seconds))]) == minutes


# Whatever it is given, it reads or refuses.


def holds(data: bytes, day: date) -> None:
    try:
        report = read_report(data, day=day, zone=LONDON)
    except Refused as refused:
        said = str(refused)
    else:
        are_sound(report)
        return
    assert re.fullmatch(r"line [1-9]\d*: \S.*", said)


def are_sound(report: Report) -> None:
    assert report.people
    for person in report.people:
        assert person.line > 0
        assert person.intervals == union(person.intervals)
        assert person.minutes is None or person.minutes >= 0
        assert not person.intervals or person.minutes == minutes_in(person.intervals)
        assert person.skipped is not Skip.TELEPHONE or not (person.name or person.email or person.also)
        assert not {"\n", "\t", "\0"}.intersection(person.name + person.email + person.organisation)


@pytest.mark.parametrize("name", NAMES)
def test_truncated_fixtures_are_read_or_refused(name: str) -> None:
    data = fixture(name)
    for end in range(0, len(data), max(1, len(data) // 60)):
        holds(data[:end], DAYS.get(name, DAY))


@settings(deadline=None)
@given(data=st.binary(max_size=600))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    holds(data, DAY)


@settings(max_examples=150, deadline=None)
@given(
    one=st.sampled_from(NAMES),
    other=st.sampled_from(NAMES),
    cut=st.floats(0, 1),
    resume=st.floats(0, 1),
    between=st.binary(max_size=8),
)
def test_spliced_fixtures_are_read_or_refused(one: str, other: str, cut: float, resume: float, between: bytes) -> None:
    head, tail = fixture(one), fixture(other)
    holds(head[: int(len(head) * cut)] + between + tail[int(len(tail) * resume) :], DAYS.get(one, DAY))


HEADINGS = st.sampled_from(
    [
        "Name",
        "First Name",
        "Surname",
        "Email",
        "Role",
        "Join Time",
        "Leave Time",
        "First Join",
        "Duration",
        "Attended",
        "Topic",
        "Start Time",
        "Minutes",
        "User Action",
        "Timestamp",
        "Participant ID (UPN)",
        "Attendee Status",
        "Name (original name)",
        "In waiting room",
        "Order #",
        "Registration Email",
        "Time in Session (minutes)",
        "Organisation",
        "Rolle",
        "Erster Beitritt",
    ]
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "Yes",
            "No",
            "--",
            "22/09/2026 15:00",
            "9/22/26 4:00 PM",
            "15:00",
            "16:00",
            "1h 2m",
            "60",
            "a@b.example",
            "+44 1632 960001",
            "Joined",
            "Left",
            "Organizer",
            "Checked In",
            "A (B)",
            "B; A",
            "2026-09-22T15:00Z",
            "0001-01-01 00:00",
            "31/12/2099 23:59",
            "=1+1",
        ]
    ),
)


@settings(max_examples=200, deadline=None)
@given(headings=st.lists(HEADINGS, min_size=1, max_size=8), rows=st.lists(st.lists(CELLS, max_size=8), max_size=6))
def test_tables_of_any_columns_are_read_or_refused(headings: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    holds(text.getvalue().encode(errors="replace"), DAY)


@settings(deadline=None)
@given(text=st.text(alphabet="0123456789/.-: ,apmAPMTZ+()hSep", max_size=30), offset=st.integers(-14, 14))
def test_any_text_is_a_time_or_none(text: str, offset: int) -> None:
    stamp = find_stamp(1, text, timezone(timedelta(hours=offset)))
    assert stamp is None or stamp.has_date or stamp.clock
