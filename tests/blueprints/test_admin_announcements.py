"""The pages on which staff write to audiences."""

from datetime import timedelta

import pytest
from flask import Flask

from cop.core.access import Role
from cop.core.audiences import ANY_EVENT, Audience
from cop.models.accounts import Person, Sector
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.queries import count_queries
from tests.support.telling import Telling

PATH = "/admin/announcements"


@pytest.fixture
def telling(app: Flask, make: Make) -> Telling:
    make.programme()
    return Telling(app, make)


@pytest.fixture
def staff(browse: Browse, telling: Telling) -> Browse:
    return browse.sign_in(telling.ada)


@pytest.fixture
def readers(telling: Telling) -> list[Person]:
    return [
        telling.reader(name, f"{name.lower()}@a.example", sector=sector)
        for name, sector in (("Ann", Sector.COUNCILLOR), ("Bob", Sector.RESIDENT), ("Cem", Sector.COUNCILLOR))
    ]


def write(staff: Browse, **said: object) -> Browse:
    values = {"subject": "News for {name}", "body": "Come to the **hub**.\n\n- tea", **said}
    return staff.get(PATH).click("Write an announcement").submit("Save the draft", **values)


class TestWriting:
    def test_leads_from_the_list_to_how_many_would_get_it(self, staff: Browse, readers: list[Person]) -> None:
        assert "None has been written yet" in staff.get(PATH).text
        page = write(staff, sectors=["councillor"])
        assert "The draft is saved. Nobody has got it." in page.text
        assert "2 people would get it now" in page.text
        assert "from this sector: Councillor" in page.text
        assert "Ann" in page.text
        assert "Bob" not in page.text
        assert "News for {name}" in staff.get(PATH).text

    def test_says_who_is_left_out(self, staff: Browse, make: Make) -> None:
        make.account("Zoe")
        page = write(staff)
        assert "1 person would get it now" in page.text
        assert "1 other fits the audience and is left out" in page.text
        assert "Everybody to whom we may write" in page.text

    def test_tells_every_part_of_an_audience(self, staff: Browse, make: Make) -> None:
        make.visit("A morning", slug="a-morning")
        page = write(
            staff,
            kinds=["council"],
            memberships=["full"],
            roles=["host", "lead"],
            event="a-morning",
            attended=True,
            interest=True,
            consent=True,
        )
        for words in (
            "who wants to hear of the next round",
            "who agreed to news",
            "who came to A morning",
            "at an organisation of this kind: Council",
            "at a member of this kind: Full members",
            "with this role: Hosts, Leads of organisations",
            "0 people would get it now",
        ):
            assert words in page.text
        page = page.click("Change the words or the audience").submit("Save the draft", event=ANY_EVENT, attended=False)
        assert "who booked any event of the programme" in page.text

    def test_can_be_changed_and_keeps_what_was_said(self, staff: Browse, readers: list[Person]) -> None:
        page = write(staff, sectors=["councillor"], consent=True).click("Change the words or the audience")
        soup = page.soup
        assert soup.select("input[name=subject]")[0]["value"] == "News for {name}"
        assert [tick["value"] for tick in soup.select("input[name=sectors][checked]")] == ["councillor"]
        assert soup.select("input[name=consent]")[0].has_attr("checked")
        assert not soup.select("input[name=interest]")[0].has_attr("checked")
        page = page.submit("Save the draft", sectors=["resident"])
        assert "1 person would get it now" in page.text

    def test_loses_nothing_that_was_typed(self, staff: Browse) -> None:
        page = write(staff, subject="", body="Much to say", kinds=["council"])
        assert page.status == 422
        assert page.errors == ["Enter a subject"]
        assert "Much to say" in page.soup.select("textarea")[0].get_text()
        assert page.soup.select("input[name=kinds][checked]")[0]["value"] == "council"
        page = page.submit("Save the draft", subject="Dear {friend}")
        assert page.errors == ["{friend} stands for nothing: use {name} or {programme}"]

    def test_two_at_once_do_not_overwrite_each_other(self, staff: Browse, telling: Telling) -> None:
        draft = telling.draft()
        first = staff.another().sign_in(telling.ada).get(f"{PATH}/{draft.public_id}/edit")
        second = staff.get(f"{PATH}/{draft.public_id}/edit")
        first.submit("Save the draft", subject="First")
        page = second.submit("Save the draft", subject="Second")
        assert page.status == 422
        assert "Somebody else has changed this announcement" in page.errors[0]
        assert page.soup.select("input[name=subject]")[0]["value"] == "Second"

    def test_keeps_what_was_typed_where_somebody_has_sent_it_meanwhile(
        self, staff: Browse, telling: Telling, readers: list[Person]
    ) -> None:
        draft = telling.draft()
        page = staff.get(f"{PATH}/{draft.public_id}/edit")
        telling.send(draft)
        page.submit("Save the draft", subject="Second")
        assert page.status == 422
        assert "under way already" in page.errors[0]
        assert page.soup.select("input[name=subject]")[0]["value"] == "Second"


class TestLooking:
    def test_shows_the_letter_as_somebody_reads_it(
        self, staff: Browse, telling: Telling, readers: list[Person]
    ) -> None:
        draft = telling.draft(subject="News for {name}", body="Come to the **hub**, {name}. <b>Tea</b>")
        page = staff.get(f"{PATH}/{draft.public_id}/preview")
        assert "News for Ada Admin" in page.text
        page = page.click("Ann")
        assert "News for Ann" in page.text
        frame = staff.get(str(page.soup.select("iframe")[0]["src"]), follow=False)
        assert "Come to the <strong>hub</strong>, Ann. &lt;b&gt;Tea" in frame.html
        assert "/unsubscribe/…" in frame.html

    def test_sends_a_test_to_oneself_alone(
        self, staff: Browse, telling: Telling, readers: list[Person], mailbox: Mailbox
    ) -> None:
        page = staff.get(f"{PATH}/{telling.draft().public_id}/preview").submit("Send a test to myself")
        assert "to nobody else" in page.text
        (mail,) = mailbox.deliver()
        assert mail.message["To"].addresses[0].display_name == "Ada Admin"


class TestSending:
    def test_now_and_to_its_end(self, staff: Browse, telling: Telling, readers: list[Person], mailbox: Mailbox) -> None:
        page = write(staff, consent=True).click("Send it")
        assert "3 people would get it now" in page.text
        page = page.submit("Send it")
        assert "It is going out." in page.text
        assert "Scheduled" in page.text
        telling.release()
        page = staff.get(page.path)
        assert "Going out" in page.text
        assert "Waiting to be sent 3" in page.text
        mailbox.deliver()
        telling.release()
        page = staff.get(page.path)
        assert "Sent 3" in page.text
        assert [cell.get_text(strip=True) for cell in page.soup.select("tbody th")] == ["Cem", "Bob", "Ann"]
        assert "Stop it" not in page.text

    def test_at_a_time_that_can_be_taken_back(self, staff: Browse, telling: Telling, readers: list[Person]) -> None:
        page = write(staff).click("Send it")
        when = {"send_at-day": "5", "send_at-month": "3", "send_at-year": "2026", "send_at-time": "9am"}
        page = page.submit("Send it", when="later", stage="2", **when)
        assert "It goes out on 5 March 2026" in page.text.replace("Thursday ", "")
        assert "2 letters an hour" in page.text
        page = page.click("Take it back").submit("Take it back")
        assert "It is a draft again" in page.text
        assert "Send it" in page.text

    def test_says_what_is_wrong_with_the_time(self, staff: Browse, readers: list[Person], clock: FixedClock) -> None:
        page = write(staff).click("Send it")
        assert page.submit("Send it", when="later").errors == ["Enter the time at which it is to go"]
        when = {"send_at-day": "1", "send_at-month": "3", "send_at-year": "2026", "send_at-time": "9am"}
        page = page.submit("Send it", when="later", stage="7", **when)
        assert page.errors == ["Choose a time that is still to come"]
        assert page.soup.select("input[name=stage]")[0]["value"] == "7"
        assert page.submit("Send it", when="now", stage="0").status == 422

    def test_to_nobody_is_refused(self, staff: Browse) -> None:
        page = write(staff, interest=True).click("Send it").submit("Send it")
        assert page.errors == ["Nobody would get it. Choose another audience first."]

    def test_midway_can_be_stopped(
        self, staff: Browse, telling: Telling, readers: list[Person], mailbox: Mailbox, clock: FixedClock
    ) -> None:
        page = write(staff, consent=True).click("Send it").submit("Send it", stage="1")
        telling.release()
        mailbox.deliver()
        clock.move(timedelta(hours=1))
        telling.release()
        page = staff.get(page.path)
        assert "The audience now 3" in page.text
        page = page.click("Stop it")
        assert "1 letter was sent and cannot be called back. 1 that waits will not be sent" in page.text
        page = page.submit("Stop it")
        assert "Stopped. 1 letter is not sent." in page.text
        assert staff.get(f"{page.path}/stop").status == 404
        assert staff.get(f"{page.path}/edit").status == 404
        assert staff.get(f"{page.path}/send").status == 404


def test_only_admins_of_the_whole_service_get_in(browse: Browse, make: Make, telling: Telling) -> None:
    draft = telling.draft(Audience(consent=True))
    programme_admin = make.account("Programme admin")
    make.grant(programme_admin, Role.ADMIN, programme=make.programme())
    browse.sign_in(programme_admin)
    for path in ("", f"/{draft.public_id}", f"/{draft.public_id}/preview", "/new/health-inequalities"):
        assert browse.get(f"{PATH}{path}").status == 404
    assert browse.post(f"{PATH}/{draft.public_id}/test").status == 404
    browse.sign_in(telling.ada)
    assert browse.get("/admin/").soup.select_one(f"a[href='{PATH}/']")
    assert browse.get(f"{PATH}/unknown").status == 404


def test_lists_take_the_same_statements_however_long(
    app: Flask, staff: Browse, telling: Telling, readers: list[Person]
) -> None:
    draft = telling.draft()
    counts = []
    for name in ("Dee", "Eve"):
        with count_queries() as list_of:
            staff.get(PATH)
        with count_queries() as draft_of:
            staff.get(f"{PATH}/{draft.public_id}")
        counts.append((len(list_of), len(draft_of)))
        telling.draft()
        telling.draft()
        telling.reader(name, f"{name.lower()}@a.example")
    assert counts[0] == counts[1]
