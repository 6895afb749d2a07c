"""What figures are narrowed to, and what somebody asks for who wants an export prepared."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _

from cop.exporting import Format
from cop.forms import base
from cop.forms.accounts import SECTORS
from cop.forms.directory import KINDS, MEMBERSHIP_NAMES, REGIONS
from cop.models.accounts import Sector
from cop.models.organisations import Membership, OrganisationKind
from cop.models.regions import Region
from cop.queries.evaluation import Filters, Quarter

FORMATS = [
    (Format.CSV, _("CSV: an archive with the table, and a second one that says what its columns mean")),
    (Format.XLSX, _("Excel: one workbook, with a second sheet that says what the columns mean")),
    (Format.JSON, _("JSON: one file that holds both")),
]

PSEUDONYMS, NAMES = "pseudonyms", "names"


class PrepareExport(base.Form):
    written_as = base.radios(_("What kind of file?"), FORMATS, required=_("Choose what kind of file you want"))
    people = base.radios(
        _("How should people be told apart?"),
        [(PSEUDONYMS, _("By keys that hide who they are")), (NAMES, _("By their names and e-mail addresses"))],
        required=_("Choose how people should be told apart"),
    )

    @property
    def is_pseudonymised(self) -> bool:
        return "people" not in self or self.people.data == PSEUDONYMS


NEWER_OR_NOT = [("newer", _("Newer members")), ("longer", _("Longer-standing members"))]

WORDS: dict[str, Any] = {
    "sector": Sector,
    "region": Region,
    "membership": Membership,
    "kind": OrganisationKind,
}
"""Fields whose answers are words of a list."""


class ChooseFigures(base.Form):
    """What figures are narrowed to; it stands in the address, and nonsense counts as not asked."""

    class Meta:
        csrf = False

    event = base.dropdown(_("Event"))
    period = base.dropdown(_("Quarter"))
    sector = base.dropdown(_("Role"), [("", _("All roles")), *SECTORS])
    region = base.dropdown(_("Region or nation"), [("", _("All of them")), *REGIONS])
    membership = base.dropdown(_("Membership"), [("", _("Members or not")), *MEMBERSHIP_NAMES])
    kind = base.dropdown(_("Kind of organisation"), [("", _("All kinds")), *KINDS])
    newer = base.dropdown(_("Newer members"), [("", _("All members")), *NEWER_OR_NOT])

    def offer(self, events: Iterable[tuple[str, str]], quarters: Iterable[Quarter]) -> None:
        self.event.choices = base.choices([("", _("All events")), *events])
        named = [(str(one), _("%(months)s %(year)s", months=MONTHS[one.number], year=one.year)) for one in quarters]
        self.period.choices = base.choices([("", _("The whole time")), *named])

    def asked(self) -> dict[str, str]:
        """The answers by the names of the fields."""
        self.validate()
        for field in self:
            if field.errors:
                field.data, field.errors = "", ()
        return {field.name: field.data for field in self if field.data}

    def filters(self, quarters: Iterable[Quarter]) -> Filters:
        asked = self.asked()
        words = {name: of(asked[name]) for name, of in WORDS.items() if name in asked}
        quarter = next((one for one in quarters if str(one) == asked.get("period")), None)
        return Filters(asked.get("event", ""), newer=asked.get("newer", ""), quarter=quarter, **words)


MONTHS = {
    1: _("January to March"),
    2: _("April to June"),
    3: _("July to September"),
    4: _("October to December"),
}
