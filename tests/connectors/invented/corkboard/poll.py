"""New notes from the last one on, then those that are wanted."""

import json

from chalicelib.connectors.corkboard.api import board_call, told

from chalicelib.connectors._kit.items import objects
from chalicelib.connectors._kit.json import as_object
from chalicelib.connectors._kit.values import read_id
from chalicelib.ports.connector.parsing import Unreadable
from chalicelib.ports.connector.polling import Heard, PollContext, Slices
from chalicelib.ports.connector.replying import Unavailable


def poll(context: PollContext) -> Slices:
    after = read_id((context.cursor or {}).get("after")) or "0"
    while True:
        result = yield board_call(context, "GET", "/notes", params={"after": after})
        try:
            notes = [as_object(note) for note in objects(told(result).get("notes"), "notes")]
        except Unreadable:
            raise Unavailable("The board gave no list.", code="no_list") from None
        last = read_id(notes[-1].get("id")) if notes else None
        if last is None or last == after:
            break
        after = last
        yield Heard(body=result.body, cursor={"after": after})
    for wanted in context.wanted:
        note = told((yield board_call(context, "GET", f"/notes/{wanted}")))
        yield Heard(body=json.dumps({"notes": [note]}).encode(), got=(wanted,))
    return None
