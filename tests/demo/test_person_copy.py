"""The copy of everything: asked for in the privacy centre, made as a task, and nobody else's to read."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.models.accounts import Person
from cop.models.forum import Post
from cop.models.outbox import Outbox
from cop.models.tasks import Task, TaskState
from cop.queries.privacy.held import Area
from scheduled import run_tasks
from tests.support.browse import Browse
from tests.support.make import Reads, Working

pytestmark = pytest.mark.usefixtures("loaded")


def somebody(reading: Reads, email: str) -> Person:
    with reading() as read:
        return read.session.scalars(select(Person).where(Person.email == email)).one()


@pytest.fixture
def copied(app: Flask, browse: Browse, reading: Reads) -> Callable[[Person], zipfile.ZipFile]:
    """The archive that somebody gets who asks for it on the page."""

    def made(person: Person) -> zipfile.ZipFile:
        browse.sign_in(person).get("/account/privacy").submit("Make a copy")
        with app.app_context():
            run_tasks.run()
        browse.get(browse.path).click("Download your-information.zip")
        return zipfile.ZipFile(io.BytesIO(browse.response.data))

    return made


def test_the_copy_holds_every_area_in_words_and_as_json(
    copied: Callable[[Person], zipfile.ZipFile], reading: Reads
) -> None:
    alumna = somebody(reading, "alumna@demo.example")
    archive = copied(alumna)
    document: dict[str, Any] = json.loads(archive.read("everything.json"))
    assert set(document["areas"]) == {str(area) for area in Area}
    assert document["person"]["email"] == "alumna@demo.example"
    tables = {name: table for area in document["areas"].values() for name, table in area["tables"].items()}
    with reading() as read:
        posts = read.session.scalars(select(Post.body).where(Post.author_id == alumna.id)).all()
        letters = read.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.person_id == alumna.id))
    assert sorted(row["body"] for row in tables["post"]["rows"]) == sorted(posts)
    assert len(document["letters"]) == letters
    assert any(letter["words"] for letter in document["letters"])
    for name in ("booking", "seat", "mark", "application", "response", "commitment", "affiliation"):
        assert tables[name]["rows"], name
    answers = [answer for row in tables["response"]["rows"] for answer in row["answers"]]
    assert all(set(answer) == {"question", "answer"} for answer in answers)
    assert document["changes"]
    page = archive.read("index.html").decode()
    assert alumna.name in page
    assert "style.css" in archive.namelist()


def test_it_names_no_reviewer_nobody_else_and_no_secret(
    copied: Callable[[Person], zipfile.ZipFile], reading: Reads
) -> None:
    alumna = somebody(reading, "alumna@demo.example")
    words = copied(alumna).read("everything.json").decode()
    reviewer = somebody(reading, "reviewer@demo.example")
    assert reviewer.name not in words
    assert "reviewer@demo.example" not in words
    for column in ('"reviewer_id"', '"session_epoch"', '"generation"', '"equality_key"', '"credential_id"'):
        assert f"{column}: " not in words.replace(f'{column}: "a secret', "").replace(f'{column}: "who reads', ""), (
            column
        )


def test_a_decision_that_is_not_told_is_not_in_it(
    copied: Callable[[Person], zipfile.ZipFile], reading: Reads, work: Working
) -> None:
    applicant = somebody(reading, "applicant@demo.example")
    document = json.loads(copied(applicant).read("everything.json"))
    tables = document["areas"]["applications"]["tables"]
    assert tables["application"]["rows"]
    assert not tables["decision"]["rows"]
    assert not tables["review"]["rows"]


def test_nobody_else_reads_it_not_even_an_admin(
    copied: Callable[[Person], zipfile.ZipFile], browse: Browse, reading: Reads
) -> None:
    alumna = somebody(reading, "alumna@demo.example")
    copied(alumna)
    with reading() as read:
        task = read.session.scalars(select(Task).where(Task.person_id == alumna.id, Task.kind == "person copy")).one()
    assert task.state is TaskState.DONE
    for email in ("admin@demo.example", "participant@demo.example"):
        other = browse.another().sign_in(somebody(reading, email))
        assert other.get(f"/tasks/{task.public_id}/file").status == 404
