"""A store of buckets for the tests of files."""

from collections.abc import Iterator

import pytest

from cop.core.settings import Bucket
from cop.services.files import stores
from tests.support.buckets import Buckets, store_of_buckets


@pytest.fixture(scope="package")
def buckets() -> Iterator[Buckets]:
    with store_of_buckets() as found:
        yield found


@pytest.fixture
def bucket(buckets: Buckets) -> Iterator[Bucket]:
    """New files are kept in a bucket."""
    made = buckets.bucket()
    stores.use(made)
    yield made
    stores.use(None)
