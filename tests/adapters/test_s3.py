"""Bodies in the bucket: the bytes that were put, or KeyError."""

import pytest

from chalicelib.adapters.memory.outside import MemoryBodies
from chalicelib.adapters.s3 import S3Bodies
from chalicelib.ports.inbound import Bodies


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.local_aws)])
def bodies(request: pytest.FixtureRequest) -> Bodies:
    if request.param == "memory":
        return MemoryBodies()
    aws = request.getfixturevalue("aws")
    return S3Bodies(aws.client("s3"), aws.resources().bucket)


@pytest.mark.parametrize(
    "body",
    [b"", b'{"text": "\\u00e9 \\ud83d\\ude00"}', "naïve ✈️".encode(), bytes(range(256)), b"x" * 4_000_000],
    ids=len,
)
def test_bytes_come_back_as_they_were(bodies, body):
    bodies.put("large/2026-03-02/one", body)
    assert bodies.get("large/2026-03-02/one") == body


def test_the_last_one_put_counts(bodies):
    bodies.put("large/2026-03-02/two", b"first")
    bodies.put("large/2026-03-02/two", b"second")
    assert bodies.get("large/2026-03-02/two") == b"second"


def test_what_is_gone_is_a_key_error(bodies):
    with pytest.raises(KeyError):
        bodies.get("large/2026-03-02/never")
