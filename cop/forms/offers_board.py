"""What somebody looks for on the board of offers and asks."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms.base import choices, dropdown
from cop.forms.directory import Search
from cop.models.forum import TopicKind


def _kind(value: Any) -> TopicKind | None:
    return TopicKind(value) if value else None


class SearchBoard(Search):
    q = None
    kind = dropdown(
        _("Offers or asks"),
        [("", _("Both")), (TopicKind.OFFER.value, _("Offers")), (TopicKind.ASK.value, _("Asks"))],
        coerce=_kind,
    )
    tag = dropdown(_("About"))

    def offer(self, tags: Iterable[tuple[str, str]]) -> None:
        self.tag.choices = choices([("", _("Anything")), *tags])
