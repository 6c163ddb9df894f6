"""The stage's bucket: bodies, which its lifecycle rule removes after 14 days, and the ledger of erasures."""

from collections.abc import Iterator
from typing import Any, Final

from chalicelib.ports.erasure import Erasure
from chalicelib.ports.json_codec import dumps, loads

FOLDERS: Final = ("quarantine/", "large/")
LEDGER: Final = "erasures/"


class S3Bodies:
    """Satisfies the `Bodies` of `ports.inbound` and of `ports.erasure`. `client` is a boto3 S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def get(self, key: str) -> bytes:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.NoSuchKey as error:
            raise KeyError(key) from error
        return bytes(answer["Body"].read())

    def names(self) -> Iterator[str]:
        for folder in FOLDERS:
            yield from _names(self._client, self._bucket, folder)

    def remove(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)


class S3Ledger:
    """Satisfies `ports.erasure.Ledger`: an object for each person, so that no two writers meet."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, erasure: Erasure) -> None:
        self._client.put_object(Bucket=self._bucket, Key=f"{LEDGER}{erasure.person}.json", Body=dumps(erasure).encode())

    def all(self) -> Iterator[Erasure]:
        for key in _names(self._client, self._bucket, LEDGER):
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            yield loads(Erasure, body.decode())


def _names(client: Any, bucket: str, folder: str) -> Iterator[str]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        yield from (found["Key"] for found in page.get("Contents", ()))
