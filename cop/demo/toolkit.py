"""The toolkit of the demonstration: the 38 real case studies, and some invented resources made from the lab's work."""

import io
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cop.core.work import Work
from cop.demo.stage import Stage
from cop.formats.tables import read_csv
from cop.models.tags import Tag
from cop.models.toolkit import ItemKind, Resource, ResourceAudience
from cop.services import toolkit as services
from cop.services.toolkit import About

DATA = Path(__file__).parent / "data"

IMPORTED_DAYS_AGO, GATHERED_DAYS_AGO = 60, 45


def load(stage: Stage) -> None:
    written = tomllib.loads((DATA / "toolkit.toml").read_text(encoding="utf-8"))
    ids = {tag.slug: tag.id for tag in stage.work.session.execute(select(Tag.slug, Tag.id))}
    then = stage.ago(days=IMPORTED_DAYS_AGO)
    studies = read_csv((DATA / "case_studies.csv").read_bytes(), services.COLUMNS)
    services.import_case_studies(then, studies, programme_id=stage.programme.id)
    for resource in written["resources"]:
        _make(stage, resource, ids)
    for collection in written["collections"]:
        _gather(stage, collection)


def _make(stage: Stage, said: Mapping[str, Any], ids: Mapping[str, int]) -> None:
    """In one version after the other, each published so many days ago."""
    about = About(
        title=said["title"],
        summary=said["summary"],
        kind=ItemKind(said["kind"]),
        audience=ResourceAudience(said.get("audience", "public")),
        cohort=said.get("cohort", ""),
        licence=said["licence"],
        owner_id=stage.role("facilitator").id,
        event=said.get("event", ""),
        review_on=stage.day(said["review_in"]),
        tag_ids=[ids[slug] for slug in said["words"]],
    )
    made: Resource | None = None
    for version in said["versions"]:
        then = stage.ago(days=version["days_ago"])
        if made is None:
            made = services.create(then, programme_id=stage.programme.id, about=about, slug=said["slug"])
        else:
            services.begin_version(then, resource_id=made.id)
        for item in version.get("items", ()):
            _put(then, made, item)
        if version.get("published", True):
            services.publish(then, resource_id=made.id, changes=version.get("changes", ""))


def _put(work: Work, resource: Resource, item: Mapping[str, str]) -> None:
    common: dict[str, Any] = {
        "resource_id": resource.id,
        "title": item["title"],
        "kind": ItemKind(item["kind"]),
        "body": item.get("body", "").strip(),
    }
    if "file" in item:
        content = item["content"].lstrip().encode()
        services.add_file(work, stream=io.BytesIO(content), name=item["file"], **common)
    elif "url" in item:
        services.add_link(work, url=item["url"], **common)
    else:
        services.add_words(work, **common)


def _gather(stage: Stage, said: Mapping[str, Any]) -> None:
    then = stage.ago(days=GATHERED_DAYS_AGO)
    made = services.create_collection(
        then, programme_id=stage.programme.id, title=said["title"], about=said["about"], slug=said["slug"]
    )
    for slug in said["holds"]:
        services.add_to_collection(then, collection_id=made.id, resource_slug=slug)
