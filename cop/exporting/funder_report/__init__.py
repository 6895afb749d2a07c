"""Reports for funders: figures frozen on one day, and the same report as a page, a Word document and a tagged PDF."""

from cop.exporting.funder_report.content import content_of, title_of
from cop.exporting.funder_report.document import Document, Section, document_of
from cop.exporting.funder_report.files import FORMATS, style

__all__ = [
    "FORMATS",
    "Document",
    "Section",
    "content_of",
    "document_of",
    "style",
    "title_of",
]
