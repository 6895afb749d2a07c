"""Resources for tests, made through the services as their editors make them."""

import io
import zlib
from typing import Any

from cop.core.access import SYSTEM
from cop.models.tags import Tag, TagKind
from cop.models.toolkit import ItemKind, Resource, ResourceAudience, ResourceItem
from cop.services import tags
from cop.services import toolkit as services
from cop.services.toolkit import About
from tests.support.files import PDF
from tests.support.make import Make, Working

TAGGED = b"/Type/Catalog/MarkInfo<</Marked true>>/StructTreeRoot 5 0 R"


class Toolkit:
    """``resource()`` is published, for everybody, with some words to read."""

    def __init__(self, make: Make, work: Working) -> None:
        self.make, self.work = make, work

    def resource(self, title: str = "Starting a residents’ panel", *, slug: str = "", **about: Any) -> Resource:
        made = self.draft(title, slug=slug, **about)
        self.words(made)
        return self.publish(made)

    def draft(self, title: str = "Starting a residents’ panel", *, slug: str = "", **about: Any) -> Resource:
        with self.work(SYSTEM) as unit:
            said = self.about(title, **about)
            return services.create(unit, programme_id=self.make.programme().id, about=said, slug=slug)

    def about(self, title: str, **more: Any) -> About:
        values: dict[str, Any] = {"summary": f"How to go about it: {title}.", "kind": ItemKind.GUIDE, **more}
        return About(title=title, **values)

    def words(
        self, resource: Resource, body: str = "Begin with three people.", title: str = "The guide"
    ) -> ResourceItem:
        with self.work(SYSTEM) as unit:
            kind = ItemKind.GUIDE
            return services.add_words(unit, resource_id=resource.id, title=title, kind=kind, body=body)

    def file(self, resource: Resource, data: bytes = PDF, **more: Any) -> ResourceItem:
        values: dict[str, Any] = {"name": "guide.pdf", "title": "The guide, to print", "kind": ItemKind.GUIDE, **more}
        with self.work(SYSTEM) as unit:
            return services.add_file(unit, resource_id=resource.id, stream=io.BytesIO(data), **values)

    def link(self, resource: Resource, url: str = "https://else.example/guide") -> ResourceItem:
        with self.work(SYSTEM) as unit:
            return services.add_link(unit, resource_id=resource.id, url=url, title="Elsewhere", kind=ItemKind.TOOL)

    def publish(self, resource: Resource, changes: str = "") -> Resource:
        with self.work(SYSTEM) as unit:
            services.publish(unit, resource_id=resource.id, changes=changes)
            found = unit.session.get(Resource, resource.id)
            assert found is not None
            return found

    def members_only(self, title: str = "For members") -> Resource:
        return self.resource(title, audience=ResourceAudience.MEMBERS)

    def tag(self, name: str, kind: TagKind = TagKind.THEME) -> Tag:
        with self.work(SYSTEM) as unit:
            return tags.add(unit, kind=kind, name=name)


def pdf(*, tagged: bool, packed: bool = False) -> bytes:
    """A PDF as far as anybody looks into it: its catalog as it is, or in a compressed object stream."""
    catalog = TAGGED if tagged else b"/Type/Catalog"
    if not packed:
        return b"%PDF-1.7\n1 0 obj<<" + catalog + b">>endobj\nstartxref\n9\n%%EOF\n"
    inside = zlib.compress(b"1 0 <<" + catalog + b">>")
    begins = b"%PDF-1.7\n2 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode>>stream\n"
    return begins + inside + b"\nendstream endobj\nstartxref\n9\n%%EOF\n"
