"""Summits: the answer to an invitation, the agenda, and lists of people to invite."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import dates
from cop.forms.accounts import SECTORS
from cop.forms.base import (
    Form,
    button,
    choices,
    dropdown,
    hidden_number,
    line,
    radios,
    text,
    tick,
    ticks,
    upload,
    whole_number,
)
from cop.forms.directory import KINDS, MEMBERSHIP_NAMES, REGIONS, Search
from cop.forms.events import PLACES_MOST, Choices
from cop.forms.programmes import ADDRESS_HINT, Answers
from cop.forms.sure import Sure, note
from cop.models.accounts import Sector
from cop.models.events import EventKind, PartState, Visibility
from cop.models.organisations import Membership, OrganisationKind
from cop.models.regions import Region
from cop.models.summits import Allergen, Answer, Invitation, Need, PartKind, WayOfEating

LIST_MOST = 100_000
"""Characters in a list of people that is pasted."""

ALLERGENS = [
    (Allergen.CELERY.value, _("Celery")),
    (Allergen.GLUTEN.value, _("Cereals with gluten, such as wheat, rye, barley and oats")),
    (Allergen.CRUSTACEANS.value, _("Crustaceans, such as prawns and crab")),
    (Allergen.EGGS.value, _("Eggs")),
    (Allergen.FISH.value, _("Fish")),
    (Allergen.LUPIN.value, _("Lupin")),
    (Allergen.MILK.value, _("Milk")),
    (Allergen.MOLLUSCS.value, _("Molluscs, such as mussels and squid")),
    (Allergen.MUSTARD.value, _("Mustard")),
    (Allergen.PEANUTS.value, _("Peanuts")),
    (Allergen.SESAME.value, _("Sesame")),
    (Allergen.SOYA.value, _("Soya")),
    (Allergen.SULPHITES.value, _("Sulphur dioxide and sulphites")),
    (Allergen.TREE_NUTS.value, _("Tree nuts, such as almonds and walnuts")),
]
WAYS = [
    (WayOfEating.VEGETARIAN.value, _("Vegetarian")),
    (WayOfEating.VEGAN.value, _("Vegan")),
    (WayOfEating.HALAL.value, _("Halal")),
    (WayOfEating.KOSHER.value, _("Kosher")),
]
NEEDS = [
    (Need.STEP_FREE.value, _("Step-free access")),
    (Need.HEARING_LOOP.value, _("A hearing loop")),
    (Need.BSL.value, _("A BSL interpreter")),
    (Need.INTERPRETER.value, _("An interpreter for another language (write which below)")),
    (Need.LARGE_PRINT.value, _("Large print")),
    (Need.EASY_READ.value, _("Easy read")),
    (Need.QUIET_SPACE.value, _("A quiet space")),
    (Need.ASSISTANT.value, _("A place for somebody who assists me")),
    (Need.TRAVEL.value, _("Help with travel")),
    (Need.CHILDCARE.value, _("Help with childcare")),
]
VISIBILITIES = [
    (Visibility.PUBLIC.value, _("Everybody: it stands on the summits page and in the calendar")),
    (Visibility.UNLISTED.value, _("Whoever has the link")),
    (Visibility.INVITED.value, _("Only those who are invited")),
]


class AnswerInvitation(Form):
    """``seen`` is the version of the answer that the page showed."""

    response = radios(
        _("Will you come?"),
        [
            (Answer.YES.value, _("Yes, I will come")),
            (Answer.NO.value, _("No, I cannot come")),
            (Answer.TENTATIVE.value, _("I do not know yet")),
        ],
        required=_("Choose whether you will come"),
    )
    breakouts = ticks(_("Which breakouts would you like to join? (optional)"), coerce=int)
    needs = ticks(_("Which of these do you need? (optional)"), NEEDS)
    access = text(_("What else would help you to take part? (optional)"), most=2_000, rows=3)
    ways = ticks(_("How do you eat? (optional)"), WAYS)
    allergens = ticks(
        _("Which of these must not be in your food? (optional)"),
        ALLERGENS,
        hint=_("The 14 allergens that caterers in the UK have to name."),
    )
    food = text(_("What else should the kitchen know? (optional)"), most=500, rows=2)
    seen = hidden_number()
    submit = button(_("Send my answer"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Nothing is read of what counts with a yes only when the answer is another."""
        super().validate(extra_validators)
        if self.response.data in {Answer.NO, Answer.TENTATIVE}:
            for name in ("breakouts", "needs", "access", "allergens", "ways", "food"):
                self[name].errors = ()
        return not self.errors

    @classmethod
    def of(cls, invitation: Invitation, held: Sequence[int], needs: Any) -> "AnswerInvitation":
        """The form as the answer stands, with the breakouts that still take place; ``needs`` has the fields' names."""
        answered = invitation.response is not Answer.NONE
        form = cls(response=invitation.response.value if answered else None, breakouts=held, obj=needs)
        planned = [part for part in invitation.event.parts if part.state is PartState.PLANNED]
        form.breakouts.choices = choices((part.id, part.title) for part in planned if part.kind == PartKind.BREAKOUT)
        return form

    def answers(self) -> dict[str, Any]:
        """The answer without what is needed, by the names of the service's reply."""
        return {
            "response": Answer(self.response.data),
            "breakouts": self.breakouts.data or [],
            "seen": self.seen.data,
        }

    def said(self) -> dict[str, Any]:
        """What is needed, by the names under which queries read it."""
        return {name: self[name].data for name in ("needs", "access", "allergens", "ways", "food")}


class NewSummit(Answers):
    programme_id = dropdown(_("Programme"), coerce=int)
    title = line(_("Title"), required=_("Enter a title"))
    summary = text(
        _("Summary"),
        hint=_("One or two sentences for lists, mails and calendars."),
        required=_("Enter a summary"),
        most=500,
        rows=3,
    )
    visibility = radios(
        _("Who can read about it?"),
        VISIBILITIES,
        hint=_("Only people who are invited can say that they come."),
        required=_("Choose who can read about it"),
    )
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)

    def __init__(self, programmes: Choices) -> None:
        super().__init__(data={"visibility": Visibility.PUBLIC.value})
        self.programme_id.choices = choices(programmes)

    def answers(self) -> dict[str, Any]:
        return {**super().answers(), "visibility": Visibility(self.visibility.data)}


class PlanPart(Sure):
    """A part of the day; what it is stays as it was planned, so the page that changes it drops that question."""

    kind = radios(
        _("What is it?"),
        [
            (PartKind.AGENDA, _("Part of the agenda: for everybody who comes")),
            (PartKind.BREAKOUT, _("A breakout: people choose it, and it may have a limit")),
        ],
        required=_("Choose what it is"),
        coerce=PartKind,
    )
    title = line(_("Title"), required=_("Enter a title"))
    on_date = dates.day(_("Date"), called=_("The date"), required=_("Enter the date"))
    start = dates.time_of_day(
        _("Begins at"),
        called=_("The beginning"),
        hint=_("For example, 10:30 or 2pm."),
        required=_("Enter when it begins"),
    )
    end = dates.time_of_day(_("Ends at"), called=_("The end"), required=_("Enter when it ends"))
    place = line(_("Room (optional)"), hint=_("Only where it differs from the place of the summit."), most=300)
    capacity = whole_number(
        _("Places (optional)"),
        hint=_("For a breakout. Without an answer there is no limit."),
        least=1,
        most=PLACES_MOST,
    )
    note = note()


class InvitePeople(Form):
    people = text(
        _("People, one a line"),
        hint=_(
            "For example: Amina Yusuf, amina@council.example, Brent Council. Names and addresses copied from a mail "
            "program or a spreadsheet will do, and so will an address alone. A name alone is for somebody whom you "
            "tell yourself."
        ),
        most=LIST_MOST,
        rows=8,
    )
    file = upload(
        _("Or a file"), hint=_("A CSV in UTF-8 whose first line names the columns: email, name, organisation.")
    )


Named = Sequence[tuple[str, Any]]

ANY = "any "
"""How a choice begins that stands for every event of a kind; no address of an event holds a space."""


class FindToInvite(Search):
    """Whom of the directory to invite; what is chosen stands in the address of the page."""

    kind = dropdown(_("Kind of organisation"), [("", _("All kinds")), *KINDS])
    region = dropdown(_("Region or nation"), [("", _("All of them")), *REGIONS])
    membership = dropdown(_("Membership of the network"), [("", _("Members or not")), *MEMBERSHIP_NAMES])
    sector = dropdown(_("Who they are"), [("", _("Everybody")), *SECTORS])
    came_to = dropdown(_("What they came to"))

    def __init__(self, asked: Mapping[str, str], kinds: Named, events: Named) -> None:
        super().__init__(asked)
        del self.q
        any_of = [(f"{ANY}{kind}", name) for kind, name in kinds]
        self.came_to.choices = choices([("", _("Anything or nothing")), *any_of, *events])

    def wanted(self) -> dict[str, Any]:
        """The answers by the names under which queries look."""
        asked = self.asked()
        words: tuple[tuple[str, Callable[[str], Any]], ...] = (
            ("kind", OrganisationKind),
            ("region", Region),
            ("membership", Membership),
            ("sector", Sector),
        )
        found = {name: word(asked[name]) for name, word in words if name in asked}
        came_to = asked.get("came_to", "")
        if came_to.startswith(ANY):
            return {**found, "came_to_kind": EventKind(came_to.removeprefix(ANY))}
        return {**found, "came_to": came_to} if came_to else found


class InviteFitting(Form):
    """``seen`` stands for those whom the page counted."""

    seen = hidden_number(required=_("Look again at whom you would invite"))


class SearchInvitations(Search):
    q = line(_("Name or e-mail address"))
    state = dropdown(_("State"))

    def __init__(self, asked: Mapping[str, str], states: Sequence[tuple[str, Any]]) -> None:
        super().__init__(asked)
        self.state.choices = choices([("", _("All")), *states])


class Remind(Form):
    tentative = tick(_("Also those who do not know yet"))


class Withdraw(Answers):
    reason = text(
        _("Reason (optional)"), hint=_("Somebody who had said yes reads it in their message."), most=500, rows=3
    )
