"""What is asked about an action plan: the plan itself, and later how it stands."""

from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base, dates
from cop.models.commitments import CommitmentState

MOST = 2_000

STATES = [
    (CommitmentState.DONE.value, _("It is done")),
    (CommitmentState.UNDER_WAY.value, _("It is under way")),
    (CommitmentState.STUCK.value, _("It is stuck")),
    (CommitmentState.PLANNED.value, _("Not begun yet")),
    (CommitmentState.GIVEN_UP.value, _("I have given it up")),
]


class WritePlan(base.Form):
    challenge = base.text(
        _("What is the challenge?"),
        hint=_("What you want to change, for whom. A sentence or two."),
        required=_("Say what the challenge is"),
        most=MOST,
        rows=3,
    )
    what = base.text(
        _("What will you do about it in the next hundred days?"),
        hint=_("Something that you can do with the people around you."),
        required=_("Say what you will do"),
        most=MOST,
        rows=4,
    )
    first_step = base.text(
        _("What is the first step?"),
        hint=_("So small that you can do it in a week or two."),
        required=_("Say what the first step is"),
        most=MOST,
        rows=3,
    )
    by_on = dates.day(
        _("By when will you have done the first step?"),
        called=_("The day of the first step"),
        required=_("Enter the day by which you will have done the first step"),
    )
    helpers = base.text(
        _("Who can help you? (optional)"),
        hint=_("People, teams, or somebody from the course."),
        most=MOST,
        rows=2,
    )
    confidence = base.whole_number(
        _("How confident are you that you will do it?"),
        hint=_("From 0, not at all, to 10, certain."),
        least=0,
        most=10,
        required=_("Enter a number from 0 to 10"),
    )
    seen = base.hidden_number(required=_("Open the page again"))

    def answers(self) -> dict[str, Any]:
        names = ("challenge", "what", "first_step", "by_on", "helpers", "confidence", "seen")
        return {name: self[name].data if self[name].data is not None else "" for name in names}


class CheckPlan(base.Form):
    state = base.radios(_("How does it stand?"), STATES, required=_("Choose how it stands"))
    what_happened = base.text(
        _("What happened?"),
        hint=_("What came of it, or what stood in the way. A few words are enough."),
        most=MOST,
        rows=4,
    )
    seen = base.hidden_number(required=_("Open the page again"))

    def answers(self) -> dict[str, Any]:
        return {
            "state": CommitmentState(self.state.data),
            "what_happened": self.what_happened.data or "",
            "seen": self.seen.data,
        }
