"""A real store of buckets on this machine, which speaks as Amazon S3 does."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import boto3
from moto.server import ThreadedMotoServer

from cop.core.settings import Bucket

KEY, SECRET, REGION = "a-key", "a/secret+with=signs", "eu-west-2"
# Every server of one process keeps the same buckets, so that a name is never given twice.
_NUMBERS = count(1)


class Buckets:
    """``bucket()`` makes an empty one; ``names(bucket)`` lists the objects in it."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def bucket(self) -> Bucket:
        made = Bucket(self._endpoint, f"files-{next(_NUMBERS)}", REGION, KEY, SECRET)
        self.client.create_bucket(Bucket=made.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return made

    def names(self, bucket: Bucket) -> Sequence[str]:
        listed = self.client.list_objects_v2(Bucket=bucket.name).get("Contents", [])
        return [str(each["Key"]) for each in listed]


@contextmanager
def store_of_buckets() -> Iterator[Buckets]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Buckets(f"http://{host}:{port}")
    finally:
        server.stop()
