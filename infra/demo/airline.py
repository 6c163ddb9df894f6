"""Larkspur Airways, its accounts, and the people of the morning. All invented."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

DAY: Final = datetime(2026, 3, 10, tzinfo=UTC)  # a Tuesday
X, FACEBOOK = "x.main", "facebook.main"

# Made up for a stage that lives for a minute on this machine: they open nothing anywhere.
VERIFY: Final = MappingProxyType({X: "larkspur-x-signing", FACEBOOK: "larkspur-facebook-signing"})
X_KEYS: Final = MappingProxyType(
    {
        "consumer_key": "larkspur-app",
        "consumer_secret": "larkspur-app-secret",
        "token": "larkspur-token",
        "token_secret": "larkspur-token-secret",
    }
)
FACEBOOK_KEYS: Final = MappingProxyType({"page_token": "larkspur-page-token", "app_secret": VERIFY[FACEBOOK]})


def clock(text: str) -> datetime:
    """A time of the day, such as "08:14:05", aware UTC."""
    moment = datetime.strptime(text, "%H:%M:%S")  # noqa: DTZ007 - only its digits are used
    return DAY.replace(hour=moment.hour, minute=moment.minute, second=moment.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedPerson:
    """Somebody with an account on a platform. `handle` and `followers` are X's; Facebook tells neither."""

    id: str
    name: str
    handle: str = ""
    followers: int = 0


AIRLINE_ON_X: Final = InventedPerson(
    id="1204000000000000001", name="Larkspur Airways", handle="larkspurair", followers=61_840
)
AIRLINE_ON_FACEBOOK: Final = InventedPerson(id="104700000000001", name="Larkspur Airways")


def _on_x(number: int, name: str, handle: str, followers: int) -> InventedPerson:
    return InventedPerson(id=f"15300000000000{number:05}", name=name, handle=handle, followers=followers)


def _on_facebook(number: int, name: str) -> InventedPerson:
    return InventedPerson(id=f"2470000000{number:05}", name=name)


OTTOLINE = _on_x(11, "Ottoline Bragg", "ottolinebragg", 312)
RUAIRI = _on_x(12, "Ruairi Quill", "ruairi_quill", 2_210)
FEMI = _on_x(13, "Femi Adebowale-Rust", "femi_on_foot", 38_400)
HANNEKE = _on_x(14, "Hanneke Brouwersma", "hannekebrouws", 96)
TOMASZ = _on_x(15, "Tomasz Wilkowiak", "tomaszwilko", 143)
SAOIRSE = _on_x(16, "Saoirse Pellam", "saoirsepellam", 877)
IDRIS = _on_x(17, "Idris Calloway-Nair", "idriscn", 1_044)
BEATRIZ = _on_x(18, "Beatriz Fontoura-Lisle", "bealisle", 530)
GWYN = _on_x(19, "Gwyn Ashbourne-Teo", "gwynat", 61)
LEOPOLD = _on_x(20, "Leopold Strand", "leostrand", 219)
YUSRA = _on_x(21, "Yusra Haddad-Moen", "yusrahm", 405)
NELL = _on_x(22, "Nell Thackeray-Obi", "nell_tobi", 1_502)

MARGUERITE = _on_facebook(31, "Marguerite Tollander")
DESMOND = _on_facebook(32, "Desmond Achterhoek")
PRIYA = _on_facebook(33, "Priya Vellodi-Crane")
GWENDOLYN = _on_facebook(34, "Gwendolyn Hathersedge")
LUCA = _on_facebook(35, "Luca Fabbrinelli")
OONA = _on_facebook(36, "Oona Kettleby")
BARTHOLOMEW = _on_facebook(37, "Bartholomew Inchbald")
SUNNIVA = _on_facebook(38, "Sunniva Rask-Delaney")
