"""What members say of themselves in the directory, what they look for there, and the letters that they write."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _

from cop.forms.base import choices, dropdown, hidden_number, text, tick, ticks
from cop.forms.directory import REGIONS, Search, region_of
from cop.forms.programmes import Answers
from cop.models.members import ABOUT_MOST, LETTER_MOST, REASON_MOST

Pairs = Iterable[tuple[str, str]]


class SearchDirectory(Search):
    tag = dropdown(_("Can help with"))
    organisation = dropdown(_("Organisation"))
    region = dropdown(_("Region or nation"), [("", _("All of them")), *REGIONS], coerce=region_of)

    def offer(self, tags: Pairs, organisations: Pairs) -> None:
        self.tag.choices = choices([("", _("Anything")), *tags])
        self.organisation.choices = choices([("", _("All of them")), *organisations])


class EditEntry(Answers):
    about = text(
        _("About you (optional)"),
        hint=_("What you work on, and what others could ask you about. Leave out telephone numbers and addresses."),
        most=ABOUT_MOST,
        rows=4,
    )
    shows_organisation = tick(_("Show my organisation"))
    shows_role = tick(_("Show my role"))
    offers = ticks(_("What could you help others with?"), coerce=int)
    seeks = ticks(_("What would you like help with?"), coerce=int)
    takes_letters = tick(
        _("Members may write to me"),
        hint=_("The service carries their letters. Nobody sees your e-mail address, and you answer on a page here."),
    )
    revision = hidden_number()

    def offer(self, tags: Iterable[tuple[int, str]]) -> None:
        pairs = list(tags)
        self.offers.choices, self.seeks.choices = choices(pairs), choices(pairs)


class WriteLetter(Answers):
    body = text(
        _("Your letter"),
        hint=_("They read your name with it, and neither of you sees the address of the other."),
        required=_("Write a few words"),
        most=LETTER_MOST,
        rows=8,
    )


class ReportLetter(Answers):
    reason = text(
        _("What is wrong with this letter?"),
        hint=_("Only the secretariat reads this."),
        required=_("Say what is wrong with the letter"),
        most=REASON_MOST,
        rows=4,
    )
