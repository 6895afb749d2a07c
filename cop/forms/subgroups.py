"""What is asked about the sub-groups of a course."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms import base

MOST = 12


class NameGroup(base.Form):
    name = base.line(_("What is the sub-group called?"), required=_("Enter a name"), most=60)


class SplitGroups(base.Form):
    number = base.whole_number(
        _("How many sub-groups?"),
        hint=_("Everybody is dealt anew, so that sizes and sectors are even and colleagues are apart."),
        least=1,
        most=MOST,
        required=_("Enter how many sub-groups you want"),
    )
    seen = HiddenField()


class ArrangeGroups(base.Form):
    """One choice for each person, under their key."""

    PEOPLE: tuple[str, ...] = ()

    seen = HiddenField()

    def groups(self) -> dict[str, int | None]:
        return {key: int(self[f"group_{key}"].data) if self[f"group_{key}"].data else None for key in self.PEOPLE}


def arrange_form(
    people: Iterable[tuple[str, str, str | None]], groups: Mapping[str, int], *, seen: str
) -> ArrangeGroups:
    """``people`` are the key, the name and the present group of each; ``groups`` the ids by their names."""
    pairs = [("", _("In no sub-group")), *((str(group_id), name) for name, group_id in groups.items())]
    fields: dict[str, Any] = {}
    filled: dict[str, Any] = {"seen": seen}
    for key, name, group in people:
        fields[f"group_{key}"] = base.dropdown(name, pairs)
        filled[f"group_{key}"] = str(groups[group]) if group is not None else ""
    keys = tuple(name.removeprefix("group_") for name in fields)
    form: ArrangeGroups = type("ArrangePage", (ArrangeGroups,), {**fields, "PEOPLE": keys})(data=filled)
    return form
