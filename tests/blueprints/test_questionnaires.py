"""Writing a questionnaire as an admin: builder, preview, publishing, and who is asked which version."""

import pytest
from flask import Flask

from cop.core.access import Role
from cop.services.surveys.templates import ALL
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make
from tests.support.queries import count_queries
from tests.support.surveys import Surveys, needed_in_words

HOME = "/admin/questionnaires/"
HARD = "Was anything hard to access or take part in?"
DRAFT = f"{HOME}autumn-check/draft"


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def admin(make: Make, browse: Browse) -> Browse:
    return browse.sign_in(make.admin())


@pytest.fixture
def draft(admin: Browse) -> Browse:
    """An admin who has just begun an empty draft."""
    return admin.get(f"{HOME}new").submit("Begin the draft", title="Autumn check", code="autumn-check")


def add(browse: Browse, kind: str, /, **fields: object) -> Browse:
    browse.get(f"{DRAFT}/add", kind=kind)
    return browse.submit("Add it", **fields)


def shown(browse: Browse) -> list[str]:
    """The codes of the items of a draft, in order."""
    return [str(item["id"]) for item in browse.soup.select(".cop-roster > li")]


class TestTheList:
    def test_offers_every_template_before_anybody_is_asked(self, admin: Browse) -> None:
        admin.get(HOME)
        assert "Nothing is published or drafted yet." in admin.text
        assert all(template.name in admin.text for template in ALL)

    def test_shows_what_was_asked_and_what_is_drafted(self, draft: Browse, surveys: Surveys, make: Make) -> None:
        surveys.pulse([make.person("Amina"), make.person("Ben")])
        draft.get(HOME)
        rows = [" ".join(row.get_text(" ").split()) for row in draft.soup.select("tbody tr")]
        assert rows == [
            "Autumn check autumn-check With names Not yet 0 Go on with the draft : Autumn check",
            "How was it? event-pulse With names Version 1, 3 March 2026 2 None",
        ]

    def test_costs_the_same_for_one_and_for_three(self, draft: Browse) -> None:
        with count_queries() as few:
            draft.get(HOME)
        for code in ("winter-check", "spring-check"):
            draft.get(f"{HOME}new").submit("Begin the draft", title=code, code=code)
        with count_queries() as many:
            draft.get(HOME)
        assert len(many) == len(few)

    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.EVALUATOR, Role.HOST, Role.ADMIN])
    def test_is_for_admins_of_everything(self, role: Role, browse: Browse, make: Make) -> None:
        person = make.account("Pat")
        make.grant(person, role, programme=make.programme())
        assert browse.sign_in(person).get(HOME).status == 404


class TestBuilding:
    def test_begins_empty(self, draft: Browse) -> None:
        assert draft.heading == "Draft Autumn check"
        assert "There is no question yet." in draft.text
        assert "Add a question: there is none yet" in draft.text

    def test_begins_with_a_copy(self, admin: Browse) -> None:
        admin.get(f"{HOME}new").submit("Begin the draft", title="Our own", code="our-own", source="after-no-place")
        assert shown(admin) == ["clear", "fair", "feedback", "more"]
        assert "Without names" in admin.text

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            ("Autumn Check", "Use only small letters a to z, numbers and single hyphens, at most 40 in all"),
            ("new", "Use only small letters a to z, numbers and single hyphens, at most 40 in all"),
            ("application-x", "Use only small letters a to z, numbers and single hyphens, at most 40 in all"),
            ("event-pulse", "“event-pulse” is in use already. Choose another name for exports."),
            ("autumn-check", "“autumn-check” is in use already. Choose another name for exports."),
        ],
    )
    def test_needs_a_name_of_its_own(self, code: str, error: str, draft: Browse) -> None:
        draft.get(f"{HOME}new").submit("Begin the draft", title="Another", code=code)
        assert (draft.status, draft.errors) == (422, [error])
        assert 'value="Another"' in draft.html

    def test_adds_items_of_every_kind(self, draft: Browse) -> None:
        add(draft, "section", text="You", hint="About yourself")
        add(draft, "line", text="Where do you work?", characters="80")
        add(draft, "text", text="What do you do there?", words="50")
        add(draft, "number", text="How many are you?", code="n9")
        add(draft, "scale", text="How sure are you?", required=True)
        add(draft, "rating", text="It was clear.")
        add(draft, "choice", text="Will you come again?", options="Yes\nno | No, never", required=True)
        add(draft, "choices", text="What did you like?", options="The talk\nThe tea")
        assert shown(draft) == [
            *("you", "where_do_you_work", "what_do_you_do_there", "n9"),
            *("how_sure_are_you", "it_was_clear", "will_you_come_again", "what_did_you_like"),
        ]
        assert "Strongly disagree / Disagree" in draft.text
        assert "Yes / No, never" in draft.text
        assert "50 words at most" in draft.text
        assert "80 characters at most" in draft.text

    @pytest.mark.parametrize(
        ("kind", "fields", "error"),
        [
            ("line", {"text": ""}, "Enter a question"),
            ("section", {"text": ""}, "Enter a heading"),
            ("line", {"text": "Why?", "code": "Why"}, "Begin with a small letter, "),
            ("line", {"text": "Why?", "code": "submit"}, "Begin with a small letter, "),
            ("choice", {"text": "Why?", "options": "Yes"}, "Enter at least two answers, each on a line of its own"),
            ("choice", {"text": "Why?", "options": "Yes\nyes"}, "Two answers have the same short word. "),
            ("choice", {"text": "Why?", "options": "Ja\nНет"}, "Write a short word and a bar before “Нет”, "),
            ("choices", {"text": "Why?", "options": "a | \nb"}, "Give each answer words, at most 200 characters"),
            ("rating", {"text": "Why?", "labels": "One"}, "Enter 2 to 10 steps, each on a line of its own"),
            ("rating", {"text": "Why?", "labels": "One\nOne"}, "Use other words for each step, at most 200 characters"),
            ("text", {"text": "Why?", "words": "none"}, "Enter a whole number, like 12"),
            ("text", {"text": "Why?", "characters": "10001"}, "Enter a whole number from 1 to 10000"),
        ],
    )  # fmt: skip
    def test_refuses_what_makes_no_question(self, kind: str, fields: dict[str, str], error: str, draft: Browse) -> None:
        add(draft, kind, **{"hint": "What was typed", **fields})
        assert (draft.status, len(draft.errors)) == (422, 1)
        assert draft.errors[0].startswith(error)
        assert "What was typed" in draft.html
        assert shown(draft.get(DRAFT)) == []

    def test_adds_below_another_and_keeps_its_steps(self, draft: Browse) -> None:
        add(draft, "rating", text="First", labels="No\nYes")
        add(draft, "line", text="Last")
        draft.get(f"{DRAFT}/add", after="first")
        draft.click("Steps with words").submit("Add it", text="Second")
        assert shown(draft) == ["first", "second", "last"]
        assert draft.text.count("No / Yes") == 2

    def test_changes_words_and_keeps_the_short_words_of_answers(self, draft: Browse) -> None:
        add(draft, "choice", text="Again?", options="Yes\nnever | No, never")
        draft.get(f"{DRAFT}/items/again")
        assert draft.soup.select_one("#options").get_text().strip() == "yes | Yes\nnever | No, never"  # type: ignore[union-attr]
        draft.submit("Save", text="Once more?", options="yes | Of course\nnever | Certainly not")
        assert "Once more?" in draft.text
        assert "Of course / Certainly not" in draft.text
        assert shown(draft) == ["again"]
        draft.get(f"{DRAFT}/items/again")
        assert "yes | Of course\nnever | Certainly not" in draft.html

    def test_moves_and_removes(self, draft: Browse) -> None:
        for text in ("One", "Two", "Three"):
            add(draft, "line", text=text)
        draft.submit("Move up : Three")
        assert shown(draft) == ["one", "three", "two"]
        draft.submit("Move down : One")
        assert shown(draft) == ["three", "one", "two"]
        draft.click("Remove : One").submit("Yes, remove it")
        assert shown(draft) == ["three", "two"]

    def test_asks_only_some_and_then_everybody(self, draft: Browse) -> None:
        self.conditional(draft)
        assert "Only if: Again? “Yes”" in draft.text
        draft.get(f"{DRAFT}/items/again/remove").submit("Yes, remove it")
        assert draft.errors == ["“When?” hangs on its answer. Change that first."]
        draft.get(f"{DRAFT}/items/when/only-if", on="")
        draft.submit("Ask everybody")
        assert "Only if" not in draft.text

    def test_says_what_stands_against_publishing(self, draft: Browse) -> None:
        self.conditional(draft)
        draft.submit("Move up : When?")
        assert "Move “When?” to a page after the question it hangs on" in draft.text
        assert "Add a question to the page “Later”, or remove it" in draft.text
        draft.click("Publish it").submit("Publish it")
        assert draft.status == 422
        assert len(draft.errors) == 1
        draft.get(f"{HOME}autumn-check")
        assert "Nothing is published yet." in draft.text

    def test_offers_no_question_of_the_same_page_to_hang_on(self, draft: Browse) -> None:
        add(draft, "choice", text="Again?", options="Yes\nNo")
        add(draft, "line", text="When?")
        draft.get(f"{DRAFT}/items/when/only-if")
        assert "No earlier page has a question with answers to choose from." in draft.text

    def conditional(self, draft: Browse) -> None:
        """A second page whose question is asked only after one answer."""
        add(draft, "choice", text="Again?", options="Yes\nNo")
        add(draft, "section", text="Later")
        add(draft, "line", text="When?")
        draft.click("Ask only some : When?").click("Again?").submit("Save", values="yes")

    def test_two_who_write_do_not_overwrite_each_other(self, draft: Browse, make: Make) -> None:
        add(draft, "line", text="One")
        other = draft.another().sign_in(make.admin())
        draft.get(f"{DRAFT}/items/one")
        other.get(f"{DRAFT}/items/one").submit("Save", text="Another one")
        draft.submit("Save", text="One too many")
        assert draft.status == 422
        assert draft.errors[0].startswith("Somebody else has changed this draft meanwhile.")
        assert "One too many" in draft.html
        draft.submit("Save")
        assert "One too many" in draft.text

    def test_moving_in_a_list_that_has_changed_is_refused(self, draft: Browse, make: Make) -> None:
        for text in ("One", "Two"):
            add(draft, "line", text=text)
        other = draft.another().sign_in(make.admin()).get(DRAFT)
        other.submit("Move up : Two")
        draft.submit("Move up : Two")
        assert draft.status == 422
        assert shown(draft) == ["two", "one"]

    def test_title_introduction_and_mode(self, draft: Browse) -> None:
        draft.get(f"{DRAFT}/describe").submit(
            "Save", title="Winter check", introduction="Two minutes.", mode="anonymous"
        )
        assert draft.heading == "Draft Winter check"
        assert "Two minutes." in draft.text
        assert "Without names" in draft.text

    def test_a_draft_can_be_thrown_away(self, draft: Browse) -> None:
        draft.click("Throw the draft away").submit("Yes, throw it away")
        assert "The draft is gone." in draft.html
        assert draft.get(DRAFT).status == 404


class TestPreview:
    def test_shows_the_pages_as_they_will_look_and_keeps_nothing(self, draft: Browse) -> None:
        add(draft, "choice", text="Again?", options="Yes\nNo", required=True)
        add(draft, "section", text="Later")
        add(draft, "line", text="When?")
        draft.click("Ask only some : When?").click("Again?").submit("Save", values="yes")
        draft.click("Preview it as people see it")
        assert "There are 2 pages." in draft.text
        draft.click("Start").submit("Save and continue")
        assert draft.errors == ["Answer this question"]
        draft.submit("Save and continue", again="no")
        assert draft.heading == "Later"
        assert "“When?” is asked only of those who answered “Again?” with: Yes." in draft.text
        draft.submit("Save and continue")
        assert draft.heading == "Draft Autumn check"
        assert "Nothing was kept." in draft.html

    def test_of_an_empty_draft_says_so(self, draft: Browse) -> None:
        draft.get(f"{DRAFT}/preview")
        assert "There is no question yet" in draft.text

    def test_of_a_version(self, admin: Browse, surveys: Surveys, make: Make) -> None:
        surveys.pulse([make.person("Amina")])
        admin.get(f"{HOME}event-pulse").click("Version 1")
        assert admin.heading == "How was it?"
        assert "This is a preview." in admin.text
        assert admin.get(f"{HOME}event-pulse/versions/2").status == 404


class TestPublishing:
    def test_makes_a_version_that_is_asked_from_then_on(self, admin: Browse, surveys: Surveys, make: Make) -> None:
        amina, ben = make.person("Amina"), make.person("Ben")
        surveys.pulse([amina])
        admin.get(f"{HOME}event-pulse").submit("Change it in a draft")
        admin.get(f"{HOME}event-pulse/draft/items/e1_6").submit("Save", text="What should we change?")
        admin.get(f"{HOME}event-pulse/draft/items/e1_3_what/remove").submit("Yes, remove it")
        admin.get(f"{HOME}event-pulse/draft/items/e1_5").submit("Save", options="Yes\nA bit\nNo")
        admin.get(f"{HOME}event-pulse/draft/add", kind="line").submit("Add it", text="Your favourite?")
        admin.get(f"{HOME}event-pulse/draft/publish")
        bullets = admin.soup.select("main .govuk-list--bullet li")
        assert [" ".join(item.get_text(" ").split()) for item in bullets] == [
            f"Other answers to choose from, so the versions do not compare: {HARD}",
            "Changed: What should we change?",
            "New: Your favourite?",
            "Gone: What will you use?",
        ]
        admin.submit("Publish it")
        assert "Version 2 is published." in admin.html
        surveys.pulse([ben], "Another visit")
        assert [(each.person.name, each.questionnaire.version) for each in surveys.asks()] == [("Amina", 1), ("Ben", 2)]

    def test_while_somebody_is_answering_changes_nothing_for_them(
        self, admin: Browse, surveys: Surveys, make: Make
    ) -> None:
        """They are asked on, saved and counted in the version that they began."""
        amina = make.person("Amina")
        surveys.pulse([amina])
        asked = surveys.ask_of(amina)
        visitor = admin.another().get(surveys.address(asked))
        admin.get(f"{HOME}event-pulse").submit("Change it in a draft")
        admin.get(f"{HOME}event-pulse/draft/items/e1_1/remove").submit("Yes, remove it")
        admin.get(f"{HOME}event-pulse/draft/add", kind="line").submit("Add it", text="A must", required=True)
        admin.get(f"{HOME}event-pulse/draft/publish").submit("Publish it")
        again = visitor.another().get(surveys.address(asked))
        assert again.soup.select_one("#e1_1") is not None
        visitor.submit(**needed_in_words(asked))
        assert visitor.heading == "Thank you"
        admin.get(f"{HOME}event-pulse")
        rows = [" ".join(row.get_text(" ").split()) for row in admin.soup.select("tbody tr")]
        assert rows == ["Version 2 asked now Tuesday 3 March 2026 0 0", "Version 1 Tuesday 3 March 2026 1 1"]

    def test_goes_back_to_the_template_by_a_draft(self, admin: Browse, surveys: Surveys, make: Make) -> None:
        surveys.pulse([make.person("Amina")])
        admin.get(f"{HOME}event-pulse").submit("Change it in a draft")
        admin.get(f"{HOME}event-pulse/draft/items/e1_1/remove").submit("Yes, remove it")
        admin.get(f"{HOME}event-pulse").click("Begin a draft with the words of the template")
        assert "The draft that is there now is thrown away." in admin.text
        admin.submit("Yes, begin with the template")
        assert shown(admin)[0] == "e1_1"

    def test_the_template_waits_for_a_second_look_where_another_has_written(self, admin: Browse, make: Make) -> None:
        page = f"{HOME}event-pulse/draft/from-template"
        admin.get(page)
        other = admin.another().sign_in(make.admin())
        other.get(page).submit("Yes, begin with the template")
        other.get(f"{HOME}event-pulse/draft/items/e1_1/remove").submit("Yes, remove it")
        admin.submit("Yes, begin with the template")
        assert admin.status == 422
        assert "Somebody else has changed this draft meanwhile." in admin.text
        assert "The draft that is there now is thrown away." in admin.text
        admin.submit("Yes, begin with the template")
        assert shown(admin)[0] == "e1_1"

    def test_of_a_draft_that_changed_meanwhile_is_refused(self, draft: Browse, make: Make) -> None:
        add(draft, "line", text="One")
        draft.get(f"{DRAFT}/publish")
        add(draft.another().sign_in(make.admin()), "line", text="Two")
        draft.submit("Publish it")
        assert draft.status == 422
        draft.submit("Publish it")
        assert "Version 1 is published." in draft.html
