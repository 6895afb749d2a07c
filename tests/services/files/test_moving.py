"""Files move from one place to another, whole, and nothing is left behind or lost on the way."""

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from cop.commands.moving_files import move
from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.core.settings import Bucket
from cop.models.files import File, FileContent
from cop.services import files
from cop.services.files import moving, stores
from tests.support.buckets import Buckets
from tests.support.files import PDF
from tests.support.make import Reads, Working

MANY = moving.AT_ONCE + 3


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "files"
    stores.use(None)


def keep(work: Working, many: int = 1) -> None:
    with work() as unit:
        for number in range(many):
            files.keep(unit, io.BytesIO(PDF + str(number).encode()), name="map.pdf")


def moved(app: Flask, *arguments: str) -> Result:
    with app.app_context():
        return CliRunner().invoke(move, arguments)


def places(reading: Reads) -> dict[str, int]:
    with reading() as read:
        return dict(read.session.execute(select(File.place, func.count()).group_by(File.place)).all())


def contents(reading: Reads) -> set[bytes]:
    with reading() as read:
        return {b"".join(files.pieces(read, file)) for file in read.session.scalars(select(File))}


def on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_from_the_database_to_a_bucket_on_to_a_folder_and_back(
    app: Flask, work: Working, reading: Reads, buckets: Buckets, folder: Path
) -> None:
    keep(work, MANY)
    bucket = buckets.bucket()
    whole = {PDF + str(number).encode() for number in range(MANY)}
    stores.use(bucket)
    assert moved(app).exit_code == 0
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(FileContent)) == 0
    assert (places(reading), contents(reading), len(buckets.names(bucket))) == ({"s3": MANY}, whole, MANY)
    stores.use(folder)
    assert moved(app, "--from", address(bucket)).exit_code == 0
    assert (places(reading), contents(reading)) == ({"folder": MANY}, whole)
    assert (len(buckets.names(bucket)), on_disk(folder)) == (0, MANY)
    stores.use(None)
    done = moved(app, "--from", f"file://{folder}")
    assert f"{MANY} files were moved from the folder to the database" in done.output
    assert (places(reading), contents(reading), on_disk(folder)) == ({"database": MANY}, whole, 0)


def address(bucket: Bucket) -> str:
    host = bucket.endpoint.removeprefix("http://")
    return f"s3://{bucket.key}:{quote(bucket.secret, safe='')}@{host}/{bucket.name}?region={bucket.region}"


def test_nothing_to_move_is_fine(app: Flask, folder: Path) -> None:
    stores.use(folder)
    assert "0 files were moved" in moved(app).output


def test_two_places_of_one_kind_are_refused(app: Flask, work: Working, folder: Path) -> None:
    keep(work)
    for place, arguments in ((None, ()), (folder, ("--from", f"file://{folder}-before"))):
        stores.use(place)
        assert isinstance(moved(app, *arguments).exception, Refusal)


def test_a_damaged_one_stays_where_it_is(app: Flask, work: Working, reading: Reads, folder: Path) -> None:
    stores.use(folder)
    keep(work)
    path = next(path for path in folder.rglob("*") if path.is_file())
    path.write_bytes(b"%PDF-changed")
    stores.use(None)
    done = moved(app, "--from", f"file://{folder}")
    assert isinstance(done.exception, Refusal)
    assert "damaged in its folder" in str(done.exception)
    assert (places(reading), path.exists()) == ({"folder": 1}, True)


def test_nobody_moves_them_from_a_page(work: Working) -> None:
    store = stores.DatabaseStore()
    with pytest.raises(NotFound), work(Actor(1)) as unit:
        moving.move_some(unit, source=store, target=store)
