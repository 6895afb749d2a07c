"""The copy of a space: what is in it, what is not, and that it can be read by itself."""

import json
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import delete, select, update

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.models.accounts import Person, RoleGrant
from cop.models.forum import Post, Space, Topic
from cop.models.service import Observation
from cop.models.tasks import Task, TaskState
from cop.queries.tasks import made_by
from cop.services import files
from cop.services import forum as services
from cop.services.forum.copying import ask_for_copy
from scheduled import run_tasks
from tests.support.browse import Browse
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

Copy = Callable[[Space], zipfile.ZipFile]


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown")


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def facilitator(make: Make, forum: MakeForum) -> Person:
    person = make.account("Femi Facilitator")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    forum.accept(person)
    return person


@pytest.fixture
def copied(
    app: Flask, make: Make, facilitator: Person, work: Working, reading: Reads, tmp_path: Any
) -> Callable[[Space], zipfile.ZipFile]:
    """``copied(space)`` asks for the copy, lets the job make it, and opens it."""

    def made(space: Space) -> zipfile.ZipFile:
        with work(make.actor(facilitator)) as unit:
            task = ask_for_copy(unit, slug=space.slug)
        with app.app_context():
            run_tasks.run()
        with reading(make.actor(facilitator)) as read:
            found = read.session.get_one(Task, task.id)
            assert found.state is TaskState.DONE
            path = tmp_path / f"{space.slug}.zip"
            path.write_bytes(b"".join(files.pieces(read, made_by(read, found))))
        return zipfile.ZipFile(path)

    return made


def words_of(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(name).decode()


def pages(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.endswith(".html")]


def test_all_that_members_read_is_in_it(forum: MakeForum, alma: Person, space: Space, copied: Copy) -> None:
    topic = forum.topic(alma, space, "Damp & mould <b>", "We took a **health visitor** along.")
    forum.posts(alma, topic, 2)
    archive = copied(space)
    page = words_of(archive, f"topics/{topic.id}-{topic.slug}.html")
    assert "<strong>health visitor</strong>" in page
    assert "Damp &amp; mould &lt;b&gt;" in page
    said = json.loads(archive.read("space.json"))
    assert said["space"]["name"] == space.name
    (only,) = said["topics"]
    assert (only["title"], only["author"]) == ("Damp & mould <b>", "Alma Ashdown")
    assert [post["number"] for post in only["posts"]] == [1, 2, 3]
    assert only["posts"][0]["words"] == "We took a **health visitor** along."


def test_every_link_leads_somewhere_within_it(forum: MakeForum, alma: Person, space: Space, copied: Copy) -> None:
    for title in ("One", "Two", "Über die Straße"):
        forum.topic(alma, space, title, "Words.")
    archive = copied(space)
    assert len(pages(archive)) == 4
    for name in pages(archive):
        soup = BeautifulSoup(words_of(archive, name), "html.parser")
        assert len(soup.select("h1")) == 1
        assert soup.title is not None
        assert not soup.select("script, img, style, [style], [onclick]")
        for link in soup.select("[href]"):
            href = str(link["href"])
            assert soup.select_one(href) if href.startswith("#") else _within(name, href) in archive.namelist()


def _within(page: str, href: str) -> str:
    """The name in the archive to which a link on one of its pages leads."""
    parts = page.split("/")[:-1]
    for step in unquote(href.partition("#")[0]).split("/"):
        if step == "..":
            parts.pop()
        else:
            parts.append(step)
    return "/".join(parts)


def test_what_is_deleted_or_hidden_is_not_in_it(
    forum: MakeForum, alma: Person, space: Space, make: Make, work: Working, copied: Copy
) -> None:
    hidden = forum.topic(alma, space, "Zebra hidden topic", "zebra one")
    forum.hide_topic(hidden)
    topic = forum.topic(alma, space, "Kept", "kept words")
    gone = forum.reply(alma, topic, "zebra two")
    with work(make.actor(alma)) as unit:
        services.delete_post(unit, post_id=gone.id)
    forum.hide_post(forum.reply(alma, topic, "zebra three").id, "names a zebra")
    archive = copied(space)
    everything = "".join(words_of(archive, name) for name in archive.namelist())
    assert "zebra" not in everything.lower()
    assert "Its author deleted this post" in everything
    assert "A facilitator hid this post" in everything
    states = [post["state"] for post in json.loads(archive.read("space.json"))["topics"][0]["posts"]]
    assert states == ["shown", "deleted", "hidden"]


def test_more_posts_and_topics_than_are_read_at_a_time(
    forum: MakeForum, alma: Person, space: Space, work: Working, copied: Copy
) -> None:
    topic = forum.topic(alma, space, "Long")
    with work() as unit:
        unit.session.add_all(
            Post(topic_id=topic.id, number=n, author_id=alma.id, body=f"B{n}", html=f"<p>B{n}</p>", made_at=unit.now)
            for n in range(2, 452)
        )
        unit.session.execute(update(Topic).where(Topic.id == topic.id).values(posts=451))
        more = [
            Topic(
                space_id=space.id, author_id=alma.id, title=f"T{n}", slug="t", made_at=unit.now, last_post_at=unit.now
            )
            for n in range(250)
        ]
        unit.session.add_all(more)
    archive = copied(space)
    said = json.loads(archive.read("space.json"))["topics"]
    assert [post["number"] for post in said[0]["posts"]] == list(range(1, 452))
    assert len(said) == len(pages(archive)) - 1 == 251


def test_an_empty_space_has_a_copy_too(space: Space, copied: Copy) -> None:
    archive = copied(space)
    assert "Nobody wrote here" in words_of(archive, "index.html")
    assert json.loads(archive.read("space.json"))["topics"] == []


def test_it_is_noted_who_took_it(space: Space, facilitator: Person, copied: Copy, reading: Reads) -> None:
    copied(space)
    with reading() as read:
        noted = read.session.scalars(select(Observation).where(Observation.kind == "forum exported")).one()
    assert (noted.subject_kind, noted.subject_id, noted.person_id) == ("space", space.id, facilitator.id)


def test_nobody_else_asks_for_it(browse: Browse, alma: Person, space: Space, make: Make, work: Working) -> None:
    for person in (alma, make.account("Stranger")):
        assert browse.sign_in(person).get(f"/forum/{space.slug}/copy").status == 404
        with work(make.actor(person)) as unit, pytest.raises(NotFound):
            ask_for_copy(unit, slug=space.slug)


def test_whoever_keeps_order_no_more_does_not_get_it(
    app: Flask, space: Space, facilitator: Person, make: Make, work: Working, reading: Reads, copied: Copy
) -> None:
    copied(space)
    with work() as unit:
        unit.session.execute(delete(RoleGrant).where(RoleGrant.person_id == facilitator.id))
    with reading(make.actor(facilitator)) as read, pytest.raises(NotFound):
        made_by(read, read.session.scalars(select(Task)).one())


def test_the_page_leads_to_the_task(browse: Browse, space: Space, facilitator: Person) -> None:
    page = browse.sign_in(facilitator).get(f"/forum/{space.slug}/copy")
    page.submit("Prepare the copy")
    assert "Copy of Project updates" in page.text
    assert page.path.startswith("/tasks/")
