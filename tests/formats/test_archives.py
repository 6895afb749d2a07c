"""An archive says of itself whether it is whole."""

import io
import stat
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from cop.formats.archives import PIECE, ArchiveError, ArchiveReader, ArchiveWriter, Entry

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

CONTENT: Mapping[str, bytes] = {
    "tables/person": b"1\tAmina\n2\tBen\n" * 40,
    "tables/nothing": b"",
    "files/large": Random(1).randbytes(PIECE + 1),  # noqa: S311  the same bytes each time
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive whose manifest holds an entry for each stream."""
    path = tmp_path / "archive"
    with path.open("wb") as file, ArchiveWriter(file, AT) as writer:
        entries = {name: writer.add(name, [data[:9], data[9:]]) for name, data in CONTENT.items()}
        writer.describe({name: [entry.size, entry.sha256] for name, entry in entries.items()})
    return path


def read_through(path: Path) -> Mapping[str, bytes]:
    """All that is in it, verified."""
    with ArchiveReader(path) as archive:
        for name, (size, sha256) in archive.manifest.items():
            archive.verify(name, Entry(size, sha256))
        return {name: b"".join(archive.pieces(name)) for name in archive.manifest}


def test_what_went_in_comes_out(path: Path) -> None:
    assert read_through(path) == CONTENT


def test_no_piece_is_larger_than_a_piece(path: Path) -> None:
    with ArchiveReader(path) as archive:
        assert [len(piece) for piece in archive.pieces("files/large")] == [PIECE, 1]


def test_any_program_can_open_it_and_only_the_owner_what_it_unpacks(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            assert stat.S_IMODE(info.external_attr >> 16) == 0o600
            assert info.date_time == (2026, 3, 2, 9, 0, 0)


def test_a_wrong_bit_is_noticed_wherever_it_matters(path: Path) -> None:
    data, chance = path.read_bytes(), Random(2)  # noqa: S311  the same bits each time
    noticed = 0
    edges = [*range(80), *range(len(data) - 600, len(data))]
    for position in [*edges, *(chance.randrange(len(data)) for _ in range(100))]:
        wrong = bytearray(data)
        wrong[position] ^= 1 << chance.randrange(8)
        path.write_bytes(wrong)
        try:
            assert read_through(path) == CONTENT, position
        except ArchiveError:
            noticed += 1
    assert noticed > 300


@pytest.mark.parametrize("size", [0, 1, 100, PIECE, -600, -1])
def test_half_an_archive_is_none(size: int, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ArchiveError, match="damaged"):
        read_through(path)


def test_a_stream_that_is_not_what_the_manifest_says_is_noticed(path: Path) -> None:
    with ArchiveReader(path) as archive:
        for wanted in (Entry(1, "0" * 64), Entry(0, "0" * 64)):
            with pytest.raises(ArchiveError):
                archive.verify("tables/nothing", wanted)
        with pytest.raises(ArchiveError):
            archive.verify("tables/missing", Entry(0, "0" * 64))


@pytest.mark.parametrize("manifest", [None, "", "[1]", "{", "null", "7", '{"a": ' + "[" * 100_000])
def test_a_manifest_that_is_none_is_refused(manifest: str | None, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        if manifest is not None:
            archive.writestr("manifest.json", manifest)
    with pytest.raises(ArchiveError):
        read_through(path)


def test_a_manifest_without_end_is_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("manifest.json", "w") as entry:
        for _ in range(17):
            entry.write(bytes(1024 * 1024))
    with pytest.raises(ArchiveError):
        read_through(path)


def test_a_file_that_is_not_there_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ArchiveReader(tmp_path / "nowhere")


def test_the_file_is_closed_where_it_was_refused(path: Path) -> None:
    """Python would warn of a file that nobody closed, and warnings are errors."""
    path.write_bytes(io.BytesIO(b"nothing").getvalue())
    with pytest.raises(ArchiveError):
        ArchiveReader(path)
