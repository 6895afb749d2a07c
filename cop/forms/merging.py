"""What is asked when two records become one, and when councils are taken over."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms import dates
from cop.forms.base import Form, email, hidden_word, radios, text, tick

KEPT, GONE = "kept", "gone"

LABELS = {
    "name": _("Name"),
    "email": _("E-mail address"),
    "phone": _("Phone number"),
    "prefers": _("To be reached"),
    "timezone": _("Time zone"),
    "needs": _("Access needs"),
    "place": _("Where they belong now"),
    "kind": _("Kind"),
    "membership": _("Membership of the network"),
    "region": _("Region or nation"),
    "rural": _("Area"),
    "joined_on": _("Joined the network"),
    "ended_on": _("Ended"),
    "code": _("Code of the area"),
    "source": _("Source"),
}


class MergeRecords(Form):
    """One question for each field in which the two records differ. ``seen`` is the digest of what the page showed."""

    ASKED: tuple[str, ...] = ()

    seen = HiddenField()

    def taken(self) -> list[str]:
        """The fields in which the double's value stays."""
        return [name for name in self.ASKED if self[name].data == GONE]


def merge_form(values: Mapping[str, tuple[Any, Any]], *, seen: str) -> MergeRecords:
    """A form for fields with their two values in words; what the kept record says is chosen already."""
    wanted = _("Choose which of the two stays")
    asked = {
        name: radios(LABELS[name], [(KEPT, kept), (GONE, gone)], required=wanted)
        for name, (kept, gone) in values.items()
    }
    made = type("MergeTheseRecords", (MergeRecords,), {**asked, "ASKED": tuple(values)})
    form: MergeRecords = made(data={"seen": seen} | dict.fromkeys(values, KEPT))
    return form


def lines_of(typed: str | None) -> Sequence[str]:
    return [line.strip() for line in (typed or "").splitlines() if line.strip()]


class RecordSuccession(Form):
    """Looked at before it is recorded: ``act`` says which of the two buttons was pressed."""

    predecessors = text(
        _("Organisations that were taken over"),
        hint=_("Their full names in the directory, one on each line."),
        required=_("Enter the organisations that were taken over"),
        most=2_000,
        rows=3,
    )
    successors = text(
        _("Organisations that took over"),
        hint=_("Their full names in the directory, one on each line. Add a new council to the directory first."),
        required=_("Enter the organisations that took over"),
        most=2_000,
        rows=2,
    )
    on_date = dates.day(
        _("On which day?"),
        called=_("The day"),
        hint=_("It may lie ahead: then people go along on that day."),
        required=_("Enter the day"),
    )
    moves_domains = tick(_("E-mail domains go along, where there is one successor"))
    act = hidden_word(["look", "record"])
    seen = HiddenField()

    def asked(self) -> dict[str, Any]:
        """What the plan is made of."""
        return {
            "predecessors": lines_of(self.predecessors.data),
            "successors": lines_of(self.successors.data),
            "on_date": self.on_date.data,
            "moves_domains": bool(self.moves_domains.data),
        }


class ChangeAddress(Form):
    email = email(
        _("New e-mail address"),
        hint=_("We send a link there. The address counts once you have used it, within a day."),
        required=_("Enter the new e-mail address"),
    )
