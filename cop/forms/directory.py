"""What is asked in the directory: searches, organisations, people, roles, and files to import."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _

from cop.core.access import Role
from cop.forms import dates
from cop.forms.accounts import SECTORS
from cop.forms.base import Form, choices, dropdown, email, line, radios, telephone, text, upload
from cop.forms.programmes import Answers
from cop.models import words
from cop.models.accounts import Channel, Sector
from cop.models.organisations import Membership, OrganisationKind
from cop.models.programmes import Programme
from cop.models.regions import Region

KINDS = [
    (OrganisationKind.COUNCIL.value, _("Council")),
    (OrganisationKind.TOWN_OR_PARISH.value, _("Town or parish council")),
    (OrganisationKind.POLITICAL_GROUP.value, _("Political group")),
    (OrganisationKind.PARTNER.value, _("Partner organisation")),
    (OrganisationKind.HEALTH.value, _("Health body")),
    (OrganisationKind.OTHER.value, _("Other")),
]
MEMBERSHIPS = [
    (Membership.FULL.value, _("Full: councils")),
    (Membership.ASSOCIATE.value, _("Associate: town and parish councils, political groups")),
    (Membership.AFFILIATE.value, _("Affiliate: partner organisations")),
    (Membership.SUPPORTER.value, _("Supporter")),
]
MEMBERSHIP_NAMES = [
    (Membership.FULL.value, _("Full members")),
    (Membership.ASSOCIATE.value, _("Associates")),
    (Membership.AFFILIATE.value, _("Affiliates")),
    (Membership.SUPPORTER.value, _("Supporters")),
]
REGIONS = [(region.value, _(words.REGIONS[region])) for region in Region]
ROLES = [
    (Role.ADMIN.value, _("Admin: of one programme, or of everything where nothing is named below")),
    (Role.FACILITATOR.value, _("Facilitator: runs a programme or an event")),
    (Role.HOST.value, _("Host: welcomes people at an event and marks who came")),
    (Role.REVIEWER.value, _("Reviewer: scores applications")),
    (Role.EVALUATOR.value, _("Evaluator: reads pseudonymised results")),
    (Role.LEAD.value, _("Lead: speaks for an organisation")),
]
WAYS = [
    (Channel.EMAIL.value, _("By e-mail")),
    (Channel.PHONE.value, _("By phone")),
    (Channel.POST.value, _("By post")),
]
PLACES = {"rural": True, "urban": False, "": None}


def _rural(value: Any) -> bool | None:
    """What a radio button says, or what the database holds."""
    if isinstance(value, bool):
        return value
    if value not in PLACES:
        raise ValueError
    return PLACES[value]


def _kind(value: Any) -> OrganisationKind | None:
    return OrganisationKind(value) if value else None


def _membership(value: Any) -> Membership | None:
    return Membership(value) if value else None


def region_of(value: Any) -> Region | None:
    return Region(value) if value else None


def _sector(value: Any) -> Sector | None:
    return Sector(value) if value else None


class Search(Form):
    """A search that stands in the address of a list."""

    class Meta:
        csrf = False

    q = line(_("Search by name"))

    def asked(self) -> dict[str, Any]:
        """The answers by the names of the fields; nonsense in an address counts as not asked."""
        self.validate()
        for field in self:
            if field.errors:
                field.data, field.errors = None, ()
        return {field.name: field.data for field in self if field.data}


class SearchMembers(Search):
    kind = dropdown(_("Kind"), [("", _("All kinds")), *KINDS], coerce=_kind)
    region = dropdown(_("Region or nation"), [("", _("All of them")), *REGIONS], coerce=region_of)


class SearchOrganisations(SearchMembers):
    membership = dropdown(_("Membership"), [("", _("Members or not")), *MEMBERSHIP_NAMES], coerce=_membership)


class SearchPeople(Search):
    q = line(_("Search by name or e-mail address"))


class EditOrganisation(Answers):
    name = line(_("Name"), required=_("Enter the name of the organisation"))
    kind = radios(_("Kind"), [*KINDS], required=_("Choose what kind of organisation it is"), coerce=_kind)
    membership = radios(
        _("Membership of the network"),
        [*MEMBERSHIPS, ("", _("Not a member, or not known"))],
        coerce=_membership,
    )
    joined_on = dates.day(
        _("When did it join the network? (optional)"),
        called=_("The date of joining"),
        hint=_("Leave it blank where nobody knows."),
    )
    region = dropdown(_("Region or nation"), [("", _("Not known, or all of the UK")), *REGIONS], coerce=region_of)
    rural = radios(
        _("Is its area mostly rural?"),
        [("rural", _("Rural")), ("urban", _("Urban")), ("", _("Not known"))],
        coerce=_rural,
    )
    domains = text(
        _("E-mail domains (optional)"),
        hint=_(
            "What stands after the @ in the addresses of its people, like example.gov.uk; several separated by spaces. "
            "Newcomers with such an address are offered this organisation."
        ),
        most=2_000,
        rows=2,
    )
    code = line(
        _("Code of the area (optional)"),
        hint=_("From the Office for National Statistics: a letter and eight digits, like E07000243."),
        most=20,
    )
    source = line(_("Source (optional)"), hint=_("Where this is written, and of what date."), most=300)

    def answers(self) -> dict[str, Any]:
        return super().answers() | {"domains": (self.domains.data or "").split()}


class EditPerson(Answers):
    name = line(_("Full name"), required=_("Enter a full name"))
    email = email(_("E-mail address (optional)"), hint=_("Somebody without one cannot sign in; staff book for them."))
    phone = telephone(_("Phone number (optional)"))
    prefers = radios(
        _("How do they want to be reached?"),
        [*WAYS],
        required=_("Choose how they want to be reached"),
        coerce=Channel,
    )
    organisation = line(
        _("Organisation (optional)"), hint=_("Its full name in the directory, like Stevenage Borough Council.")
    )
    sector = dropdown(_("Sector (optional)"), [("", _("Not known")), *SECTORS], coerce=_sector)
    role_title = line(_("Role or job title (optional)"))


class GiveRole(Answers):
    role = radios(_("Role"), [*ROLES], required=_("Choose a role"), coerce=Role)
    programme_slug = dropdown(_("Over a programme (optional)"))
    event_slug = line(
        _("Over one event (optional)"), hint=_("The last word of its address, like healthy-hub-spring."), most=100
    )
    organisation = line(_("Over an organisation (leads only)"), hint=_("Its full name in the directory."))

    def offer(self, programmes: Iterable[Programme]) -> None:
        named = [(programme.slug, programme.name) for programme in programmes]
        self.programme_slug.choices = choices([("", _("None")), *named])


class ImportTable(Form):
    """A file to look at first; the page that shows what it would do carries it along to be confirmed."""

    file = upload(
        _("File"), hint=_("A CSV of at most 5 MB, in UTF-8, with the names of the columns in its first line.")
    )
