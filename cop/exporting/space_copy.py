"""A space of the forum as an archive that can be read without the service: pages, the same as JSON, and files."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, BinaryIO

from flask import current_app

from cop.core.work import Reading
from cop.queries.forum import copying
from cop.queries.forum.copying import CopiedFile, CopiedPost, CopiedSpace, CopiedTopic
from cop.services import files

IN_MEMORY = 1024 * 1024
"""Bytes of the JSON in the making; a longer one goes to the disk."""


def write(read: Reading, space: CopiedSpace, into: BinaryIO, *, tell: Callable[[int], None]) -> int:
    """Write the archive; how many topics it holds. ``tell`` hears after each topic how many there are by then."""
    done = 0
    listed: list[CopiedTopic] = []
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.SpooledTemporaryFile(IN_MEMORY) as said:
        copy = _Copy(archive, read, said)
        copy.begin(space)
        for topic in copying.topics(read, space):
            copy.topic(space, topic)
            listed.append(topic)
            done += 1
            tell(done)
        copy.end(space, listed)
    return done


class _Copy:
    """An archive in the making. Its JSON is written beside it, since an archive takes one file after the other."""

    def __init__(self, archive: zipfile.ZipFile, read: Reading, said: IO[bytes]) -> None:
        self._archive, self._read, self._said = archive, read, said
        self._files: list[CopiedFile] = []
        self._separator = "\n"

    def begin(self, space: CopiedSpace) -> None:
        about = {
            "programme": space.programme,
            "name": space.name,
            "about": space.about,
            "copied_at": _instant(self._read.now),
        }
        self._say(f'{{"space": {_json(about)},\n"topics": [')

    def topic(self, space: CopiedSpace, topic: CopiedTopic) -> None:
        """One page, and the same in the JSON; then the files of its posts."""
        self._say(f'{self._separator}{_json(_of_topic(topic))[:-1]}, "posts": [')
        self._separator = ",\n"
        posts = self._noted(copying.posts(self._read, topic.id))
        self._write(f"topics/{page_of(topic)}", _page("space_copy/topic.html", space=space, topic=topic, posts=posts))
        self._say("]}")
        for held in self._files:
            self._write(path_of(held), files.pieces(self._read, held.file))
        self._files = []

    def end(self, space: CopiedSpace, topics: list[CopiedTopic]) -> None:
        self._say("\n]}\n")
        self._said.seek(0)
        self._write("space.json", iter(lambda: self._said.read(IN_MEMORY), b""))
        self._write(
            "index.html",
            _page("space_copy/index.html", space=space, topics=topics, copied_at=self._read.now, page_of=page_of),
        )
        self._write("style.css", _page("space_copy/style.css"))

    def _noted(self, posts: Iterable[CopiedPost]) -> Iterator[CopiedPost]:
        """The same posts, each put into the JSON on its way to the page."""
        separator = "\n"
        for post in posts:
            self._say(f"{separator}{_json(_of_post(post))}")
            separator = ",\n"
            self._files += post.files
            yield post

    def _say(self, words: str) -> None:
        self._said.write(words.encode())

    def _write(self, name: str, pieces: Iterable[bytes]) -> None:
        info = zipfile.ZipInfo(name, self._read.now.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        with self._archive.open(info, "w", force_zip64=True) as entry:
            entry.writelines(pieces)


def page_of(topic: CopiedTopic) -> str:
    return f"{topic.id}-{topic.slug[:60]}.html"


def path_of(held: CopiedFile) -> str:
    return f"files/{held.folder}/{held.name}"


def _page(name: str, **values: Any) -> Iterator[bytes]:
    template = current_app.jinja_env.get_template(name)
    return (piece.encode() for piece in template.generate(path_of=path_of, **values))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _of_topic(topic: CopiedTopic) -> dict[str, Any]:
    return {
        "id": topic.id,
        "title": topic.title,
        "kind": topic.kind,
        "author": topic.author,
        "made_at": _instant(topic.made_at),
        "answer": topic.answer_number,
        "tags": list(topic.tags),
    }


def _of_post(post: CopiedPost) -> dict[str, Any]:
    return {
        "number": post.number,
        "author": post.author,
        "made_at": _instant(post.made_at),
        "edited_at": _instant(post.edited_at),
        "state": "deleted" if post.is_deleted else "hidden" if post.is_hidden else "shown",
        "words": post.body,
        "helped": post.helped,
        "me_too": post.me_too,
        "files": [path_of(held) for held in post.files],
    }
