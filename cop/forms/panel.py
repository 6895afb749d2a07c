"""What the panel of a course says: scores, conflicts, choices, and words to those who have a place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import ValidationError

from cop.core.criteria import SCORES, Criterion, Score
from cop.forms import base
from cop.forms.directory import Search
from cop.models.cohorts import DecisionOutcome

REASON = 2_000
RANK_MOST = 9_999


class ReviewPage(base.Form):
    """Scores by each of ``CRITERIA``. ``is_whole`` asks for all that is needed before the chair can count it."""

    CRITERIA: tuple[Criterion, ...] = ()

    comment = base.text(
        _("Is there anything else that the panel should know? (optional)"),
        hint=_("Only the chair reads this."),
        most=REASON,
        rows=3,
    )
    revision = base.hidden_number()
    act = base.hidden_word(["save", "submit"])
    is_whole = False

    def validate(self, extra_validators: Any = None) -> bool:
        fits: bool = super().validate(extra_validators)
        for criterion in self.CRITERIA:
            score, reason = self[f"score_{criterion.code}"], self[f"reason_{criterion.code}"]
            if score.data not in {None, "", *map(str, SCORES)}:
                fits = _fault(score, gettext("Choose one of the scores"))
            elif self._needs_all() and not score.data:
                fits = _fault(score, gettext("Choose a score for “%(title)s”", title=criterion.title))
            if self._needs_all() and not reason.data and not reason.errors:
                fits = _fault(reason, gettext("Give your reason for the score of “%(title)s”", title=criterion.title))
        return fits

    def _needs_all(self) -> bool:
        return self.is_whole or self.act.data == "submit"

    def scores(self) -> dict[str, Score]:
        return {
            criterion.code: Score(
                _score(self[f"score_{criterion.code}"].data),
                self[f"reason_{criterion.code}"].data or "",
            )
            for criterion in self.CRITERIA
        }


def _score(text: str | None) -> int | None:
    return int(text) if text in {str(score) for score in SCORES} else None


def _fault(field: Any, message: str) -> bool:
    field.errors = [*field.errors, message]
    return False


def review_form(
    criteria: Sequence[Criterion], scores: Mapping[str, Score], *, comment: str, revision: int, is_whole: bool
) -> ReviewPage:
    """A form for these criteria, filled with what was said before."""
    fields: dict[str, Any] = {}
    filled: dict[str, Any] = {"comment": comment, "revision": revision}
    for criterion in criteria:
        levels = [
            (str(score), gettext("%(score)s: %(level)s", score=score, level=level) if level else str(score))
            for score, level in zip(SCORES, criterion.levels, strict=True)
        ]
        fields[f"score_{criterion.code}"] = base.loose_radios(criterion.title, levels, hint=criterion.about)
        fields[f"reason_{criterion.code}"] = base.text(
            _("Why this score for “%(title)s”?", title=criterion.title), most=REASON, rows=3
        )
        given = scores.get(criterion.code, Score())
        filled[f"score_{criterion.code}"] = str(given.score) if given.score else None
        filled[f"reason_{criterion.code}"] = given.reason
    made = type("CourseReview", (ReviewPage,), {**fields, "CRITERIA": tuple(criteria)})
    form: ReviewPage = made(data=filled)
    form.is_whole = is_whole
    return form


class DeclareConflict(base.Form):
    reason = base.text(
        _("Why should you not judge this application?"),
        hint=_("For example: you know who wrote it, or you helped them to write it. One sentence is enough."),
        required=_("Say why you should not judge this application"),
        most=REASON,
        rows=3,
    )


class Moderate(base.Form):
    reason = base.text(
        _("What did the panel say?"),
        required=_("Enter what the panel said"),
        most=REASON,
        rows=4,
    )
    score = base.line(
        _("Score that the panel sets (optional)"),
        hint=_("From 1 to 5, like 3.5. It counts in the place of the mean. Leave it empty if the mean stands."),
        most=5,
    )

    def validate_score(self, field: Any) -> None:
        if field.data and self.number is None:
            raise ValidationError(_("Enter a score from 1 to 5, like 3.5"))

    @property
    def number(self) -> float | None:
        try:
            number = round(float(self.score.data or ""), 2)
        except ValueError:
            return None
        return number if min(SCORES) <= number <= max(SCORES) else None


OUTCOMES = [
    ("", _("Undecided")),
    (DecisionOutcome.OFFER.value, _("Offer")),
    (DecisionOutcome.RESERVE.value, _("Reserve")),
    (DecisionOutcome.DECLINE.value, _("Decline")),
]


class Choose(base.Form):
    """Choices for many applications at once, each under its number.

    ``was`` of a row is what the page showed as chosen, so that only what somebody changed counts as theirs.
    """

    NUMBERS: tuple[int, ...] = ()

    revision = base.hidden_number(required=_("Open the page again and choose there"))
    reason = base.line(
        _("Why do you change who has an offer or is a reserve?"),
        hint=_("These places were drawn, so a change needs a reason. It is published in the report: name nobody."),
        most=500,
    )

    def typed(self, number: int) -> tuple[str, str]:
        """Outcome and rank as they stand in the row."""
        return self[f"outcome_{number}"].data or "", " ".join(self[f"rank_{number}"].raw_data or [])

    def changed(self) -> list[int]:
        """The numbers of rows that say something else than the page showed."""
        return [number for number in self.NUMBERS if as_shown(*self.typed(number)) != self[f"was_{number}"].data]


def as_shown(outcome: str, rank: object) -> str:
    """A row in one word, for the comparison with what it showed; only reserves have a rank."""
    return f"{outcome}:{rank}" if outcome == DecisionOutcome.RESERVE and rank else outcome


def choose_form(posted: Mapping[str, str], revision: int) -> Choose:
    """A form with a row for each application that was sent; on GET the page draws its rows itself."""
    numbers = [int(name[8:]) for name in posted if name.startswith("outcome_") and _is_number(name[8:])]
    fields: dict[str, Any] = {}
    for number in numbers:
        fields[f"outcome_{number}"] = base.dropdown(_("Outcome"), OUTCOMES)
        fields[f"rank_{number}"] = base.whole_number(
            _("Rank of application %(number)s", number=number), least=1, most=RANK_MOST
        )
        fields[f"was_{number}"] = HiddenField()
    made = type("ChoosePage", (Choose,), {**fields, "NUMBERS": tuple(numbers)})
    form: Choose = made(data={"revision": revision})
    return form


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(10**6))


class Revised(base.Form):
    """A page that asks before it acts on the choice as it stood when the page was opened."""

    revision = base.hidden_number(required=_("Open the page again"))


class WithdrawOffer(base.Form):
    reason = base.text(
        _("Why is the offer taken back?"),
        hint=_("We send this to the person."),
        required=_("Say why the offer is taken back"),
        most=500,
        rows=3,
    )


class WriteToRoster(base.Form):
    """Shown for a last look before it is sent. ``to`` offers everybody with a place."""

    subject = base.line(_("Subject"), required=_("Enter a subject"), most=120)
    body = base.text(
        _("Message"),
        hint=_("We begin with “Hello” and the name, and end with a link to the course."),
        required=_("Enter a message"),
        rows=10,
    )
    to = base.ticks(_("Who gets it?"))
    act = base.hidden_word(["preview", "change", "send"])

    def validate_to(self, field: Any) -> None:
        if field.choices and not field.data:
            raise ValidationError(_("Choose who gets the message"))


class FilterRoster(Search):
    """Stands in the address of the roster."""

    q = base.line(_("Name, organisation or role"))
    sector = base.dropdown(_("Sector"))
    progress = base.dropdown(_("Course"))
    group = base.dropdown(_("Sub-group"))


PROGRESS = [
    ("", _("All")),
    ("completed", _("Completed")),
    ("on course", _("On course")),
    ("unmarked", _("Marks missing")),
    ("missed", _("Cannot complete")),
]


def filter_roster(args: Any, *, sectors: Iterable[str], groups: Iterable[str]) -> FilterRoster:
    """What somebody wants to see, of what there is."""
    form = FilterRoster(args)
    form.sector.choices = base.choices([("", _("All")), *((word, word[:1].upper() + word[1:]) for word in sectors)])
    form.group.choices = base.choices([("", _("All")), *((name, name) for name in groups)])
    form.progress.choices = base.choices(PROGRESS)
    return form


class WriteNote(base.Form):
    body = base.text(
        _("Write a note"),
        hint=_("Only those who run this course read it. Write nothing that you would not say to the person."),
        required=_("Enter a note"),
        most=REASON,
        rows=3,
    )
