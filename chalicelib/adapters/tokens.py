"""Access tokens in the one table. Satisfies `ports.tokens.TokenStore` on any `ports.table.Table`."""

from dataclasses import replace

from chalicelib.adapters import keys
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.table import Put, Table
from chalicelib.ports.tokens import StoredTokens


class TableTokens:
    def __init__(self, table: Table) -> None:
        self._table = table

    def tokens(self, channel: str, account_id: str) -> StoredTokens | None:
        key = keys.access(channel, account_id)
        item = self._table.get([key]).get(key)
        return loads(StoredTokens, item["body"]) if item else None

    def store(self, channel: str, account_id: str, tokens: StoredTokens) -> StoredTokens:
        pk, sk = keys.access(channel, account_id)
        written = replace(tokens, version=tokens.version + 1)
        expect = {"version": tokens.version} if tokens.version else {"pk": None}
        self._table.write([Put({"pk": pk, "sk": sk, "version": written.version, "body": dumps(written)}, expect)])
        return written
