"""Choosing the language of the pages."""

from flask_babel import lazy_gettext as _

from cop.forms.base import Form, radios


class ChooseLanguage(Form):
    language = radios(_("Language"), (), required=_("Choose a language"))
