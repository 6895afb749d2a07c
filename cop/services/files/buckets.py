"""Files in a bucket of a store that speaks as Amazon S3 does, streamed in pieces both ways."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any, BinaryIO

from cop.core.settings import Bucket
from cop.core.work import Reading, Work
from cop.services.files.outside import PIECE, Outside

PART = 8 * 1024 * 1024
"""Of a large file, that is sent at once: so much of it is in memory."""

PATIENCE_SECONDS = 20
"""For an answer, before it is asked once more."""

NOT_THERE = frozenset({"404", "NoSuchKey", "NotFound"})


class BucketStore(Outside):
    """Each file is one object, named by two letters of the hash and the hash, as in a folder."""

    name = "s3"

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def put(self, work: Work, sha256: str, stream: BinaryIO) -> None:
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415  as below

        self.hold(work)
        if self._is_there(sha256):
            return
        stream.seek(0)
        one_by_one = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        with self._told():
            self._client.upload_fileobj(_Unclosed(stream), self._bucket.name, self._key(sha256), Config=one_by_one)

    def pieces(self, read: Reading, sha256: str) -> Iterator[bytes]:  # noqa: ARG002  the database needs it
        """FileNotFoundError before the first piece where it is not there."""
        with self._told():
            found = self._client.get_object(Bucket=self._bucket.name, Key=self._key(sha256))
            with closing(found["Body"]) as body:
                yield from body.iter_chunks(PIECE)

    def remove(self, work: Work, sha256: str) -> None:  # noqa: ARG002  the database needs it
        with self._told():
            self._client.delete_object(Bucket=self._bucket.name, Key=self._key(sha256))

    def _is_there(self, sha256: str) -> bool:
        try:
            with self._told():
                self._client.head_object(Bucket=self._bucket.name, Key=self._key(sha256))
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the store refuses, in one line and as an error of files: FileNotFoundError where one is not there."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  as below

        try:
            yield
        except ClientError as error:
            kind = FileNotFoundError if error.response["Error"]["Code"] in NOT_THERE else OSError
            raise kind(f"the bucket {self._bucket.name} refused: {error}") from error
        except BotoCoreError as error:
            raise OSError(f"the bucket {self._bucket.name} cannot be used: {error}") from error

    def _key(self, sha256: str) -> str:
        return f"{sha256[:2]}/{sha256}"

    @cached_property
    def _client(self) -> Any:
        """Made when the first file is asked for, since most processes never do. Safe to be used by several threads.

        Checksums beyond those of the first standard are left to stores that ask for them: many others refuse them.
        """
        import boto3  # noqa: PLC0415  a quarter of a second that most workers never need
        from botocore.config import Config  # noqa: PLC0415

        return boto3.client(
            "s3",
            endpoint_url=self._bucket.endpoint,
            region_name=self._bucket.region,
            aws_access_key_id=self._bucket.key,
            aws_secret_access_key=self._bucket.secret,
            config=Config(
                s3={"addressing_style": "path"},
                connect_timeout=PATIENCE_SECONDS,
                read_timeout=PATIENCE_SECONDS,
                retries={"total_max_attempts": 3, "mode": "standard"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )


class _Unclosed:
    """A stream that stays open: the library closes what it has sent, and the caller may read on."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)
