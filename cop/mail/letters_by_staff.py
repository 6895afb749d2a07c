"""Letters that staff write in Markdown, drawn for both parts of a mail: what rules send, and announcements."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from cop.core import fields as safe_fields
from cop.formats import markdown

HEADING = "font-size:19px;margin:0 0 6px"
STYLES = {
    "p": "margin:0 0 16px",
    "ul": "margin:0 0 16px;padding:0 0 0 24px",
    "ol": "margin:0 0 16px;padding:0 0 0 24px",
    "blockquote": "margin:0 0 16px;padding:0 0 0 16px;border-left:4px solid #c9d4d1",
    "hr": "margin:0 0 16px;border:0;border-top:1px solid #c9d4d1",
    "a": "color:#0b4a4f",
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), HEADING),
}
"""Mail programs know no stylesheet."""

OPENING = re.compile(rf"<({'|'.join(STYLES)})(?=[ >])")


@dataclass(frozen=True)
class WrittenLetter:
    """A letter for one recipient; ``html`` is what stands between greeting and foot."""

    subject: str
    text: str
    html: Markup


def written(*, subject: str, body: str, fields: Mapping[str, str]) -> WrittenLetter:
    """What staff wrote, with the recipient's values in the place of ``{fields}``: they come as words and make no links.

    ``body`` is Markdown. Raw HTML in it is shown as it was typed, and an image is but a link.
    """
    html = markdown.to_html(body, fields=fields, largest_heading=2)
    styled = OPENING.sub(lambda found: f'<{found[1]} style="{STYLES[found[1]]}"', html)
    return WrittenLetter(
        subject=" ".join(safe_fields.filled(subject, fields).split()),
        text=markdown.to_text(body, fields=fields),
        html=Markup(styled),  # noqa: S704  sanitised by the reader of Markdown
    )
