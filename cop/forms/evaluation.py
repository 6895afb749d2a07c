"""What somebody asks for who wants an export prepared."""

from flask_babel import lazy_gettext as _

from cop.exporting import Format
from cop.forms import base

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
