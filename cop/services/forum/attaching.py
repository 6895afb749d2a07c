"""Files that a post brings: few, small, of kinds that no browser runs, and photos without what the camera notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats import media, pictures
from cop.models.files import File
from cop.models.forum import Post, PostFile
from cop.services.files import keep

MOST_FILES = 3
MOST_BYTES = 5 * 1024 * 1024
"""Of one file."""

WITHOUT_NOTES = frozenset({pictures.JPEG, pictures.PNG})
"""Kinds of pictures from which we can take out where they were made; others are refused."""


@dataclass(frozen=True)
class Upload:
    """``stream`` can be read from its beginning several times."""

    stream: BinaryIO
    name: str


def attach(work: Work, post: Post, uploads: Sequence[Upload]) -> None:
    """Add files to a post; Refusal on ``files`` where one cannot be taken, and then none is."""
    if not uploads:
        return
    there = work.session.scalars(select(PostFile).where(PostFile.post_id == post.id)).all()
    known = {file.sha256 for file in there}
    position = max((file.position for file in there), default=0)
    if len(there) + len(uploads) > MOST_FILES:
        raise Refusal(marked("A post can bring at most %(most)s files"), field="files", most=MOST_FILES)
    for upload in uploads:
        name = media.clean_name(upload.name)
        file = _kept(work, upload.stream, name)
        if file.sha256 in known:
            continue
        known.add(file.sha256)
        position += 1
        work.session.add(PostFile(post_id=post.id, sha256=file.sha256, name=name, position=position, added_at=work.now))
    work.session.flush()


def detach(work: Work, post: Post, public_ids: Sequence[str]) -> None:
    """Take files off a post; their bytes go when nothing else points to them."""
    found = select(PostFile).where(PostFile.post_id == post.id, PostFile.public_id.in_(public_ids))
    files = work.session.scalars(found.with_for_update()).all()
    if len(files) != len(set(public_ids)):
        raise NotFound
    for file in files:
        work.session.delete(file)
    work.session.flush()


def _kept(work: Work, stream: BinaryIO, name: str) -> File:
    kind = media.kind_named(name)
    if kind is None or not kind.media_type.startswith("image/"):
        return keep(work, stream, name=name, field="files", most=MOST_BYTES)
    if kind.media_type not in WITHOUT_NOTES:
        raise Refusal(marked("Save the picture as JPEG or PNG, and choose it again"), field="files")
    stream.seek(0)
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refusal(marked("The file is larger than %(most)s MB"), field="files", most=MOST_BYTES // 1024**2)
    try:
        picture = pictures.cleaned(content)
    except pictures.NoPicture:
        picture = None
    if picture is None or picture.media_type != kind.media_type:
        raise Refusal(
            marked("“%(name)s” is no picture that we can take. Save it as JPEG or PNG, and choose it again."),
            field="files",
            name=name,
        )
    return keep(work, BytesIO(picture.content), name=name, field="files", most=MOST_BYTES)
