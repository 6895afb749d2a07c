"""What staff say about the files of an event."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.forms.base import hidden_number, line, tick, upload
from cop.forms.programmes import Answers

TITLE_HINT = _("What people see, such as “Map and parking”. Leave it blank to show the name of the file.")
PUBLIC = _("For everybody who can see the event, and not only for those who come")


class AddFile(Answers):
    file = upload(
        _("File"),
        hint=_("PDF, Word, Excel, PowerPoint, OpenDocument text, CSV, text, calendar or picture, of at most 25 MB."),
    )
    title = line(_("Title (optional)"), hint=TITLE_HINT)
    public = tick(PUBLIC)

    def validate_file(self, field: Any) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file"))

    def answers(self) -> dict[str, Any]:
        chosen = self.file.data
        return {
            "stream": chosen.stream,
            "name": chosen.filename,
            "title": self.title.data,
            "public": self.public.data,
        }


class SeenFiles(Answers):
    """``seen`` is the list of files as the page showed it."""

    seen = hidden_number(required=_("Open this page anew"))


class EditFile(SeenFiles):
    title = line(_("Title (optional)"), hint=TITLE_HINT)
    public = tick(PUBLIC)
