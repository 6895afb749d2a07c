"""Files that posts bring: what is taken, what is refused, and what is left out of photos."""

from collections.abc import Callable
from io import BytesIO

import pytest
from sqlalchemy import select

from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.files import FileContent
from cop.models.forum import Post, PostFile, Space, Topic
from cop.services import forum as services
from cop.services.forum import attaching
from tests.support import pictures
from tests.support.files import PDF
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

SECRET = b"taken at 51.5N 0.1W"

PAGE = b"<!doctype html><script>alert(1)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def upload(data: bytes = PDF, name: str = "map.pdf") -> services.Upload:
    return services.Upload(BytesIO(data), name)


def photo() -> bytes:
    """One with a remark of the camera."""
    plain = pictures.jpeg()
    remark = b"\xff\xe1" + (len(SECRET) + 2).to_bytes(2, "big") + SECRET
    return plain[:2] + remark + plain[2:]


@pytest.fixture
def names(reading: Reads) -> Callable[[], list[str]]:
    def found() -> list[str]:
        with reading() as read:
            return list(read.session.scalars(select(PostFile.name).order_by(PostFile.post_id, PostFile.position)))

    return found


Names = Callable[[], list[str]]


class TestWhatIsTaken:
    def test_comes_with_a_topic_and_a_reply_in_its_order(
        self, forum: MakeForum, alma: Person, ben: Person, space: Space, names: Names
    ) -> None:
        topic = forum.topic(alma, space, uploads=[upload(name="../../plan.pdf")])
        forum.reply(ben, topic, uploads=[upload(b"a,b\n1,2\n", "figures.csv"), upload(pictures.png(), "box.PNG")])
        assert names() == ["plan.pdf", "figures.csv", "box.PNG"]

    def test_loses_what_the_camera_noted(
        self, forum: MakeForum, alma: Person, space: Space, names: Names, reading: Reads
    ) -> None:
        assert SECRET in photo()
        forum.topic(alma, space, uploads=[upload(photo(), "garden.jpg")])
        assert names() == ["garden.jpg"]
        with reading() as read:
            kept = b"".join(map(bytes, read.session.scalars(select(FileContent.content))))
        assert kept.startswith(b"\xff\xd8")
        assert SECRET not in kept

    def test_is_kept_once_for_a_post(self, forum: MakeForum, alma: Person, space: Space, names: Names) -> None:
        forum.topic(alma, space, uploads=[upload(), upload(name="again.pdf")])
        assert names() == ["map.pdf"]

    def test_is_added_and_taken_off_when_a_post_is_changed(
        self, forum: MakeForum, work: Working, make: Make, alma: Person, space: Space, names: Names, reading: Reads
    ) -> None:
        forum.topic(alma, space, uploads=[upload(), upload(b"one\n", "one.txt")])
        with reading() as read:
            post, first = read.session.execute(
                select(PostFile.post_id, PostFile.public_id).order_by(PostFile.position).limit(1)
            ).one()
        words, more = "We began with tea.", [upload(b"two\n", "two.txt")]
        with work(make.actor(alma)) as unit:
            changed = services.edit_post(unit, post_id=post, body=words, revision=0, without=[first], uploads=more)
            assert changed.revision == 0
        assert names() == ["one.txt", "two.txt"]

    def test_is_taken_off_ones_own_post_only(
        self, forum: MakeForum, work: Working, make: Make, alma: Person, ben: Person, space: Space, reading: Reads
    ) -> None:
        topic = forum.topic(alma, space, uploads=[upload()])
        other = forum.reply(ben, topic)
        with reading() as read:
            of_alma = read.session.scalars(select(PostFile.public_id)).one()
        with pytest.raises(NotFound), work(make.actor(ben)) as unit:
            services.edit_post(unit, post_id=other.id, body="So did we.", revision=0, without=[of_alma])


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (PAGE, "page.html"),
            (DRAWING, "drawing.svg"),
            (b"MZ", "setup.exe"),
            (PAGE, "notes.txt"),
            (DRAWING, "notes.csv"),
            (PAGE, "paper.pdf"),
            (PAGE, "photo.jpg"),
            (DRAWING, "photo.png"),
            (pictures.png(), "photo.jpg"),
            (pictures.jpeg()[:-20], "photo.jpg"),
            (b"GIF89a" + bytes(40), "dance.gif"),
            (b"RIFF\0\0\0\0WEBP", "photo.webp"),
            (PDF, "paper"),
            (PDF, "paper.pdf.html"),
            (b"", "empty.txt"),
        ],
    )
    def test_is_what_a_browser_runs_what_is_disguised_and_what_we_cannot_clean(
        self, forum: MakeForum, alma: Person, space: Space, data: bytes, name: str, reading: Reads
    ) -> None:
        with pytest.raises(Refusal) as refused:
            forum.topic(alma, space, uploads=[upload(), upload(data, name)])
        assert refused.value.field == "files"
        with reading() as read:
            assert read.session.scalars(select(Topic.id)).all() == []

    @pytest.mark.parametrize("name", ["much.txt", "large.png"])
    def test_is_what_is_too_large(
        self, forum: MakeForum, alma: Person, space: Space, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(attaching, "MOST_BYTES", 1000)
        with pytest.raises(Refusal, match="larger"):
            forum.topic(alma, space, uploads=[upload(b"x" * 1001, name)])

    def test_is_what_is_too_many_also_one_after_the_other(
        self, forum: MakeForum, work: Working, make: Make, alma: Person, space: Space
    ) -> None:
        files = [upload(f"{number}\n".encode(), f"{number}.txt") for number in range(4)]
        with pytest.raises(Refusal, match="at most"):
            forum.topic(alma, space, uploads=files)
        topic = forum.topic(alma, space, uploads=files[:3])

        def change(unit: Work) -> Post:
            post_id = unit.session.scalars(select(Post.id).where(Post.topic_id == topic.id)).one()
            return services.edit_post(unit, post_id=post_id, body="Other words.", revision=0, uploads=files[3:])

        with pytest.raises(Refusal, match="at most"), work(make.actor(alma)) as unit:
            change(unit)
