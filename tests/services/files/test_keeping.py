"""Bytes are kept once, in the database, a folder or a bucket, and go when nothing has pointed to them for a day."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from cop.core.access import SYSTEM
from cop.core.errors import Refusal
from cop.core.settings import Bucket, SettingsError
from cop.models.files import EventFile, File, FileContent
from cop.queries.files import is_used
from cop.services import files
from cop.services.files import stores
from cop.services.files.buckets import PART
from cop.services.files.outside import PIECE
from cop.web import unit_of_work
from scheduled import purge_expired
from tests.support.buckets import Buckets
from tests.support.clock import FixedClock
from tests.support.files import PDF, event_file
from tests.support.make import Make, Reads, Working

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)

LARGE = b"".join(number.to_bytes(4, "big") for number in range(PIECE // 2))
"""Two pieces, all of whose bytes can be told apart."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """New files are kept in a folder."""
    stores.use(tmp_path / "files")
    yield tmp_path / "files"
    stores.use(None)


@pytest.fixture(params=["database", "folder", "s3"])
def place(request: pytest.FixtureRequest) -> str:
    """Each test runs with all stores."""
    if request.param == "folder":
        request.getfixturevalue("folder")
    if request.param == "s3":
        request.getfixturevalue("bucket")
    return str(request.param)


def keep(work: Working, data: bytes = PDF, name: str = "map.pdf") -> File:
    with work() as unit:
        return files.keep(unit, io.BytesIO(data), name=name)


def content(reading: Reads, file: File) -> bytes:
    with reading() as read:
        return b"".join(files.pieces(read, file))


def on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def purge(app: Flask) -> None:
    with app.app_context():
        purge_expired.run()


def count(reading: Reads, table: type[File | FileContent]) -> int:
    with reading() as read:
        return read.session.scalars(select(func.count()).select_from(table)).one()


def test_what_is_kept_comes_back(work: Working, reading: Reads, place: str) -> None:
    with work() as unit:
        kept = files.keep_own(unit, io.BytesIO(LARGE), media_type="application/zip")
    assert (kept.size, kept.place, kept.media_type) == (len(LARGE), place, "application/zip")
    assert kept.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert content(reading, kept) == LARGE


def test_no_piece_is_larger_than_a_piece(work: Working, reading: Reads, place: str) -> None:
    with work() as unit:
        kept = files.keep_own(unit, io.BytesIO(LARGE), media_type="application/zip")
    with reading() as read:
        assert [len(piece) for piece in files.pieces(read, kept)] == [PIECE, PIECE]


def test_the_same_bytes_are_kept_once(work: Working, reading: Reads, place: str) -> None:
    assert keep(work).sha256 == keep(work, name="other.pdf").sha256
    assert count(reading, File) == 1


def test_two_at_once_keep_the_same_bytes_once(app: Flask, work: Working, reading: Reads, place: str) -> None:
    def add() -> None:
        with app.app_context(), unit_of_work(SYSTEM) as unit:
            files.keep_own(unit, io.BytesIO(LARGE), media_type="application/zip")

    threads = [Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = keep(work)
    with reading() as read:
        large = read.session.scalars(select(File).where(File.sha256 != kept.sha256)).one()
    assert content(reading, large) == LARGE


def test_a_file_stays_where_it_was_put_when_the_setting_changes(work: Working, reading: Reads, tmp_path: Path) -> None:
    in_database = keep(work)
    stores.use(tmp_path)
    in_folder = keep(work, PDF + b"2")
    again = keep(work)
    assert (in_database.place, in_folder.place, again.place) == ("database", "folder", "database")
    assert [content(reading, file) for file in (in_database, in_folder)] == [PDF, PDF + b"2"]
    stores.use(None)
    with pytest.raises(SettingsError, match="COP_FILES_URL"):
        content(reading, in_folder)


def test_nothing_half_written_is_left_in_the_folder(
    work: Working, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Torn(io.BytesIO):
        def __init__(self) -> None:
            super().__init__(PDF)
            self.reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            if self.reads > 2:  # the first two measure it
                raise OSError("the cable was pulled")
            return super().read(size)

    with pytest.raises(OSError, match="cable"), work() as unit:
        files.keep_own(unit, Torn(), media_type="application/pdf")
    assert on_disk(folder) == []


def test_bytes_that_a_refused_command_left_in_the_folder_do_no_harm(
    work: Working, reading: Reads, folder: Path
) -> None:
    with pytest.raises(Refusal), work() as unit:
        files.keep(unit, io.BytesIO(PDF), name="map.pdf")
        raise Refusal("no")
    assert count(reading, File) == 0
    kept = keep(work)
    assert content(reading, kept) == PDF
    assert on_disk(folder) == [kept.sha256]


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"<html>", "page.html", "Choose a PDF"),
        (b"<svg>", "picture.svg", "Choose a PDF"),
        (b"PK\x03\x04", "all.zip", "Choose a PDF"),
        (b"MZ", "map.pdf", "“map.pdf” is not PDF"),
        (PDF, "map.png", "is not PNG"),
        (b"<html>", "C:\\x\\map.txt", "“map.txt” is not text"),
        (b"", "map.pdf", "empty"),
    ],
)
def test_what_is_not_taken(data: bytes, name: str, reason: str, work: Working, reading: Reads) -> None:
    with pytest.raises(Refusal, match=reason) as refused:
        keep(work, data, name)
    assert refused.value.field == "file"
    assert count(reading, File) == 0


def test_the_size_has_a_limit(work: Working, monkeypatch: pytest.MonkeyPatch) -> None:
    with work() as unit:
        assert files.keep(unit, io.BytesIO(PDF), name="map.pdf", most=len(PDF)).size == len(PDF)
        with pytest.raises(Refusal, match="larger than 25 MB"):
            files.keep(unit, io.BytesIO(PDF + bytes(files.MOST_BYTES)), name="map.pdf")


def test_what_nothing_points_to_goes_after_a_day(
    request: pytest.FixtureRequest,
    app: Flask,
    work: Working,
    reading: Reads,
    clock: FixedClock,
    place: str,
) -> None:
    keep(work)
    clock.move(DAY)
    purge(app)
    assert count(reading, File) == 1
    clock.move(SECOND)
    purge(app)
    assert (count(reading, File), count(reading, FileContent)) == (0, 0)
    if place == "folder":
        assert on_disk(request.getfixturevalue("folder")) == []
    if place == "s3":
        assert request.getfixturevalue("buckets").names(request.getfixturevalue("bucket")) == []


def test_what_an_event_offers_stays(
    app: Flask, work: Working, make: Make, reading: Reads, clock: FixedClock, place: str
) -> None:
    offered = event_file(work, make.visit())
    clock.move(2 * DAY)
    purge(app)
    with reading() as read:
        file = read.session.get_one(File, offered.sha256)
    assert content(reading, file) == PDF + b"Map"
    with work() as unit:
        unit.session.execute(delete(EventFile))
    purge(app)
    assert count(reading, File) == 0


def test_whoever_hands_old_bytes_in_again_keeps_them(
    app: Flask, work: Working, reading: Reads, clock: FixedClock, place: str
) -> None:
    keep(work)
    clock.move(2 * DAY)
    again = keep(work)
    purge(app)
    assert content(reading, again) == PDF


def test_a_purge_waits_for_nobody_who_hands_the_bytes_in(
    app: Flask, work: Working, reading: Reads, clock: FixedClock, place: str
) -> None:
    keep(work)
    clock.move(2 * DAY)
    with work() as unit:
        again = files.keep(unit, io.BytesIO(PDF), name="map.pdf")
        purging = Thread(target=purge, args=[app])
        purging.start()
        purging.join(timeout=20)
        assert not purging.is_alive()
    assert content(reading, again) == PDF


def test_the_purge_knows_every_table_that_points_to_files() -> None:
    condition = str(is_used())
    assert "event_file.sha256" in condition
    assert "task.sha256" in condition
    assert "file_content" not in condition


class TestBucket:
    def test_names_objects_by_their_hash_and_leaves_what_was_handed_in_open(
        self, work: Working, buckets: Buckets, bucket: Bucket
    ) -> None:
        stream = io.BytesIO(PDF)
        with work() as unit:
            kept = files.keep_own(unit, stream, media_type="application/pdf")
        assert buckets.names(bucket) == [f"{kept.sha256[:2]}/{kept.sha256}"]
        assert not stream.closed

    def test_takes_a_large_file_in_parts(self, work: Working, reading: Reads, bucket: Bucket) -> None:
        assert bucket
        data = LARGE * 18  # more than a part
        with work() as unit:
            kept = files.keep_own(unit, io.BytesIO(data), media_type="application/zip")
        assert kept.size > PART
        assert hashlib.sha256(content(reading, kept)).hexdigest() == kept.sha256

    def test_that_lost_a_file_says_so(self, work: Working, reading: Reads, buckets: Buckets, bucket: Bucket) -> None:
        kept = keep(work)
        buckets.client.delete_object(Bucket=bucket.name, Key=f"{kept.sha256[:2]}/{kept.sha256}")
        with pytest.raises(FileNotFoundError, match="NoSuchKey"):
            content(reading, kept)

    def test_that_is_not_there_keeps_nothing_in_the_table(self, work: Working, reading: Reads, bucket: Bucket) -> None:
        stores.use(replace(bucket, name="no-such-bucket"))
        with pytest.raises(OSError, match="no-such-bucket"):
            keep(work)
        assert count(reading, File) == 0

    def test_is_not_shown_with_its_secret(self, bucket: Bucket) -> None:
        assert bucket.secret not in repr(bucket)
