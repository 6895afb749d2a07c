"""Words of the lists that things are sorted by."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms.base import Form, line, radios
from cop.models.tags import TagKind

LISTS: Mapping[TagKind, Any] = {
    TagKind.PRINCIPLE: _("Co-operative principles"),
    TagKind.THEME: _("Themes"),
    TagKind.METHOD: _("Methods"),
    TagKind.LEVEL: _("Levels"),
    TagKind.SKILL: _("Skills"),
    TagKind.CODE: _("Codes for free answers"),
}
"""What the lists are called on pages."""

WORD_MOST = 80


class NameWord(Form):
    name = line(_("Word"), required=_("Enter a word"), most=WORD_MOST)


class AddWord(Form):
    kind = radios(_("List"), LISTS.items(), required=_("Choose a list"), coerce=TagKind)
    name = line(_("Word"), hint=_("One word, or a few."), required=_("Enter a word"), most=WORD_MOST)
