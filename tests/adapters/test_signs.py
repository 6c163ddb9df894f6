"""What channels leave for operators is counted, whoever counts beside."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.signs import TableSigns
from chalicelib.ports.signs import ChannelSign, Sign
from chalicelib.ports.table import Conflict
from infra.operate.channels import in_words

NOW = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)


def test_a_sign_is_counted_for_each_channel():
    signs = TableSigns(MemoryTable())
    signs.leave("x.main", Sign.DISBELIEVED, NOW)
    signs.leave("x.main", Sign.DISBELIEVED, NOW + timedelta(hours=1))
    signs.leave("facebook.main", Sign.TESTED, NOW)
    assert signs.left() == (
        ChannelSign(channel="facebook.main", sign=Sign.TESTED, count=1, last_at=NOW),
        ChannelSign(channel="x.main", sign=Sign.DISBELIEVED, count=2, last_at=NOW + timedelta(hours=1)),
    )


class Contended(MemoryTable):
    """Somebody else writes first, so many times."""

    losses = 0

    def write(self, writes):
        if self.losses:
            self.losses -= 1
            raise Conflict
        super().write(writes)


@pytest.mark.parametrize(("losses", "counted"), [(2, 1), (3, 0)])
def test_a_flood_keeps_nobody_from_work(losses, counted):
    table = Contended()
    table.losses = losses
    TableSigns(table).leave("x.main", Sign.DISBELIEVED, NOW)
    assert len(TableSigns(table).left()) == counted


@pytest.mark.parametrize("sign", Sign)
def test_every_sign_has_words_for_operators(sign):
    said = in_words(ChannelSign(channel="x.main", sign=sign, count=2, last_at=NOW))
    assert "2026-03-02 09:00 UTC" in said
    assert ("2 facts" in said) == (sign is Sign.DISBELIEVED)
