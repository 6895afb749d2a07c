"""The page of what somebody agrees to, and the one on which staff note it."""

import pytest

from cop.models.accounts import Person
from cop.models.telling import How, Purpose
from cop.services import consents
from tests.support.browse import Browse
from tests.support.make import Make, Working


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def own(browse: Browse, amina: Person) -> Browse:
    return browse.sign_in(amina)


class TestOnesOwn:
    PATH = "/account/consents"

    def test_nothing_is_agreed_to_before_somebody_says_so(self, own: Browse) -> None:
        page = own.get(self.PATH)
        assert "You agree" not in [tag.get_text() for tag in page.soup.select(".govuk-tag")]
        assert "Nothing has been withdrawn" in page.text
        assert not page.soup.select("input[type=checkbox]")

    def test_each_is_agreed_to_and_withdrawn_by_one_press(self, own: Browse) -> None:
        page = own.post(f"{self.PATH}/quotes/give")
        assert "Thank you" in page.text
        assert "Agreed on 2 March 2026, on this service." in page.text
        assert len(page.soup.select(".govuk-tag--green")) == 1
        page = own.post(f"{self.PATH}/quotes/withdraw")
        assert "do not agree any more" in page.text
        assert not page.soup.select(".govuk-tag--green")
        assert "2 March 2026 by Amina Yusuf" in " ".join(page.soup.select("table")[0].get_text().split())

    def test_news_that_are_turned_off_are_said_to_be(self, own: Browse) -> None:
        own.post(f"{self.PATH}/news/give")
        assert "You turned news off" not in own.get(self.PATH).text
        own.get("/account/messages").submit(topics=[])
        assert "You turned news off" in own.get(self.PATH).text

    def test_an_unknown_purpose_is_no_page(self, own: Browse) -> None:
        assert own.post(f"{self.PATH}/spam/give").status == 404
        assert own.post(f"{self.PATH}/spam/withdraw").status == 404

    def test_the_account_leads_there(self, own: Browse) -> None:
        assert own.get("/account").soup.select_one(f"a[href='{self.PATH}']")


class TestForStaff:
    @pytest.fixture
    def staff(self, browse: Browse, make: Make) -> Browse:
        return browse.sign_in(make.admin())

    def test_note_what_was_said_by_telephone(self, staff: Browse, amina: Person) -> None:
        page = staff.get(f"/admin/people/{amina.public_id}/consents")
        assert "Nothing yet" in page.text
        page = page.submit(purpose="photographs", how="telephone")
        assert "Noted: Amina Yusuf agrees." in page.text
        assert "Agreed on 2 March 2026, by telephone; noted by Ada Admin." in page.text
        assert "photographs" not in [radio["value"] for radio in page.soup.select("input[name=purpose]")]
        page = staff.post(f"/admin/people/{amina.public_id}/consents/photographs/withdraw")
        assert "Noted: this is withdrawn." in page.text
        assert "by Ada Admin" in page.text

    def test_say_what_is_missing(self, staff: Browse, amina: Person) -> None:
        page = staff.get(f"/admin/people/{amina.public_id}/consents").submit(how="paper")
        assert page.status == 422
        assert "Choose what they agree to" in page.text
        assert page.soup.select("input[name=how][value=paper]")[0].has_attr("checked")

    def test_need_no_form_where_everything_is_agreed_to(self, staff: Browse, amina: Person, work: Working) -> None:
        with work() as unit:
            for purpose in Purpose:
                consents.note(unit, public_id=amina.public_id, purpose=purpose, how=How.PAPER)
        page = staff.get(f"/admin/people/{amina.public_id}/consents")
        assert "Note what they said" not in page.text

    def test_come_from_the_record_and_nobody_else_does(self, browse: Browse, make: Make, amina: Person) -> None:
        path = f"/admin/people/{amina.public_id}/consents"
        assert browse.sign_in(amina).get(path).status == 404
        assert browse.post(f"{path}/news/withdraw").status == 404
        browse.sign_in(make.admin())
        assert browse.get(f"/admin/people/{amina.public_id}").soup.select_one(f"a[href='{path}']")
