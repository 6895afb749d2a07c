"""Word documents that readers of screens can follow: real headings, tables whose first row is their header, pictures
with words in their place, and the language said.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document as Docx

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

LANGUAGE = "en-GB"
FONT = "Arial"
INK = "062F33"
POINTS = 11
SMALL_POINTS = 9
A4_CENTIMETRES = (21.0, 29.7)
MARGIN_CENTIMETRES = 2.0

NOTE, CELL, HEADING, NUMBER, NUMBER_HEADING = "Note", "Cell", "Cell Heading", "Cell Number", "Cell Number Heading"
"""Styles of our own, in small print. One style for each cell is what makes large tables quick to write."""


@dataclass(frozen=True)
class Column:
    """``is_number`` sets its cells to the right."""

    heading: str
    is_number: bool = False


class WordDocument:
    """A document in the making. Nothing in it says who made it: ``author`` is the service."""

    def __init__(self, *, title: str, author: str, made_at: datetime) -> None:
        from docx import Document  # noqa: PLC0415  20 MB that most workers never need

        self._docx: Docx = Document()
        self._described(title, author, made_at)
        self._on_a4()
        self._styled()
        self._docx.add_heading(title, level=0)

    def _described(self, title: str, author: str, made_at: datetime) -> None:
        said = self._docx.core_properties
        said.title, said.author, said.last_modified_by, said.language = title, author, author, LANGUAGE
        said.comments, said.keywords, said.subject, said.category = "", "", "", ""
        said.created = said.modified = made_at.replace(tzinfo=None)
        said.revision = 1

    def _on_a4(self) -> None:
        from docx.shared import Cm  # noqa: PLC0415  as above

        page = self._docx.sections[0]
        page.page_width, page.page_height = (Cm(each) for each in A4_CENTIMETRES)
        page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(MARGIN_CENTIMETRES)

    def _styled(self) -> None:
        from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415  as above
        from docx.oxml.ns import qn  # noqa: PLC0415  as above
        from docx.shared import Pt, RGBColor  # noqa: PLC0415  as above

        for style in self._docx.styles:
            name = str(style.name)
            if style.type == WD_STYLE_TYPE.PARAGRAPH and name.startswith(("Normal", "Heading", "Title")):
                fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
                fonts.attrib.clear()  # those of a theme would win
                style.font.name = FONT
                if name != "Normal":
                    style.font.color.rgb = RGBColor.from_string(INK)
        self._docx.styles["Normal"].font.size = Pt(POINTS)
        self._small(NOTE)
        for name in (CELL, HEADING, NUMBER, NUMBER_HEADING):
            self._small(name, is_cell=True)
        for said in self._docx.styles.element.iter(qn("w:lang")):
            said.set(qn("w:val"), LANGUAGE)

    def _small(self, name: str, *, is_cell: bool = False) -> None:
        from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415  as above
        from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415  as above
        from docx.shared import Pt  # noqa: PLC0415  as above

        style = self._docx.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size = self._docx.styles["Normal"], Pt(SMALL_POINTS)
        style.font.bold = name in {HEADING, NUMBER_HEADING}
        if is_cell:
            style.paragraph_format.space_after = Pt(0)
        if name in {NUMBER, NUMBER_HEADING}:
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def heading(self, words: str, level: int) -> None:
        """``level`` counts from 1, below the title."""
        self._docx.add_heading(words, level=level)

    def paragraph(self, words: str, *, is_strong: bool = False, is_note: bool = False) -> None:
        run = self._docx.add_paragraph(style=NOTE if is_note else None).add_run(words)
        run.bold = is_strong or None

    def bullet(self, words: str) -> None:
        self._docx.add_paragraph(words, style="List Bullet")

    def quotation(self, words: str, by: str = "") -> None:
        self._docx.add_paragraph(words, style="Quote")
        if by:
            self._docx.add_paragraph(by)

    def picture(self, png: bytes, *, words: str, centimetres: float) -> None:
        """``words`` are read aloud in its place."""
        from docx.shared import Cm  # noqa: PLC0415  as above

        shape = self._docx.add_picture(io.BytesIO(png), width=Cm(centimetres))
        said = shape._inline.docPr  # noqa: SLF001  python-docx has no other way to it
        said.set("descr", words)

    def table(self, title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """``title`` names the table to readers of screens. The header comes again on every page; no row is torn."""
        table = self._docx.add_table(rows=1 + len(rows), cols=len(columns), style="Table Grid")
        _named(table, title)
        lines = [[column.heading for column in columns], *rows]
        cells = [self._id_of(NUMBER if column.is_number else CELL) for column in columns]
        headings = [self._id_of(NUMBER_HEADING if column.is_number else HEADING) for column in columns]
        for number, (row, line) in enumerate(zip(table.rows, lines, strict=True)):
            _kept_whole(row, is_header=number == 0)
            for cell, style, words in zip(row.cells, cells if number else headings, line, strict=True):
                paragraph = cell.paragraphs[0]
                paragraph._p.style = style  # noqa: SLF001  python-docx would look it up each time
                paragraph.add_run(words)
        self._docx.add_paragraph()

    def _id_of(self, style: str) -> str:
        return str(self._docx.styles[style].style_id)

    def content(self) -> bytes:
        written = io.BytesIO()
        self._docx.save(written)
        return written.getvalue()


def _named(table: Any, title: str) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415  as above
    from docx.oxml.ns import qn  # noqa: PLC0415  as above

    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), title)
    look = table._tbl.tblPr.find(qn("w:tblLook"))  # noqa: SLF001  python-docx has no other way to it
    look.addnext(caption)


def _kept_whole(row: Any, *, is_header: bool) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415  as above

    about = row._tr.get_or_add_trPr()  # noqa: SLF001  python-docx has no other way to it
    about.append(OxmlElement("w:cantSplit"))
    if is_header:
        about.append(OxmlElement("w:tblHeader"))
