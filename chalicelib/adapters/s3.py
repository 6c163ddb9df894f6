"""Large and unreadable bodies in the stage's bucket; its lifecycle rule removes them after 14 days."""

from typing import Any


class S3Bodies:
    """Satisfies `ports.inbound.Bodies`. `client` is a boto3 S3 client."""

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
