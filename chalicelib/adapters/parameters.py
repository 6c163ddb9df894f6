"""
Secrets and settings of channels in Systems Manager Parameter Store.

`/earshot/<stage>/verify/<channel>`    SecureString  {"secrets": [newest, …], "verify_token": …, …}
`/earshot/<stage>/send/<channel>`      SecureString  {"api_base": …, "app": {…}, "accounts": {"<id>": {…}}}
`/earshot/<stage>/channels/<channel>`  String        {"accounts": […], "app_ids": […], "bot_app_ids": […]}
`/earshot/<stage>/forward`             SecureString  {"pagerduty_routing_key": …, "pagerduty_base": …, "chat": true}
`/earshot/<stage>/engine`              String        `ports.engines.EngineSettings`
`/earshot/<stage>/erasing`             SecureString  {"key": hex}: what makes the hashes of whom was erased
`/earshot/<stage>/resources`           String        what only AWS knows of the stage: queue URLs, bucket, topic
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.logs import log_line
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import WebhookSecrets
from chalicelib.ports.forwarding import PAGERDUTY, Forwarding
from chalicelib.ports.secrets import SecretMissing, SendSecrets

if TYPE_CHECKING:
    from chalicelib.domain.erasure import Seal
    from chalicelib.ports.engines import EngineSettings

KEEP_DAYS: Final = 730  # closed cases, where a channel says nothing else
LEAST_KEEP_DAYS: Final = 30  # days are rolled up again for two weeks, and platforms send late
KEPT_S = 300.0  # how long a value is used before it is asked for again
MISSED_S = 30.0  # what is missing is asked for sooner: somebody may be setting the channel up right now
ASKED_AGAIN_S = 30.0  # a bad signature or name makes us ask at most this often: forgers must not drive our calls
VERIFY = "verify"
KNOWN = frozenset({"secrets", "verify_token"})
MOST_PAGES = 100  # of ten parameters each: nobody has a thousand channels


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Mapping[str, Any] | None
    asked_at: float
    good_until: float


class Parameters:
    """
    JSON values by name, kept for five minutes; an old one is used while Parameter Store does not answer.

    What webhooks are checked with is one listing of all channels: the channel
    in a webhook's address is anybody's text, and a name that is not in the
    listing costs no call of its own and leaves nothing behind.

    `clock` counts seconds and never goes back; `jitter` gives 0 to 1 and
    spreads the asking of many functions. Satisfies `VerifySecrets`,
    `Channels`, `SendingSecrets` and `ForwardingSettings`.
    """

    def __init__(self, client: Any, path: str, *, clock: Callable[[], float], jitter: Callable[[], float]) -> None:
        self._client = client
        self._path = path
        self._clock = clock
        self._jitter = jitter
        self._kept: dict[str, _Kept] = {}

    def value(self, name: str, *, fresh: bool = False) -> Mapping[str, Any] | None:
        """The JSON object under `name`, which is none of a stranger's, below the stage's path; None without one."""
        return self._keep(name, self._ask, fresh=fresh)

    def _keep(
        self, name: str, ask: Callable[[str], Mapping[str, Any] | None], *, fresh: bool = False
    ) -> Mapping[str, Any] | None:
        now, kept = self._clock(), self._kept.get(name)
        if kept and now < (kept.asked_at + ASKED_AGAIN_S if fresh else kept.good_until):
            return kept.value
        try:
            value = ask(name)
        except Exception:
            if kept is None:
                raise
            value = kept.value  # stale, but better than turning a customer away
        kept_s = KEPT_S * (0.8 + 0.4 * self._jitter()) if value is not None else MISSED_S
        self._kept[name] = _Kept(value, now, now + kept_s)
        return value

    def _ask(self, name: str) -> Mapping[str, Any] | None:
        try:
            answer = self._client.get_parameter(Name=f"{self._path}/{name}", WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            return None
        value = _read(answer["Parameter"]["Value"])
        if not isinstance(value, dict):
            raise _unusable(name)
        return value

    def _list(self, kind: str) -> Mapping[str, Any]:
        """
        What every channel has of this kind, as JSON makes it.

        No paginator: that would load one more file in a webhook's cold start.
        """
        found: dict[str, Any] = {}
        more: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            answer = self._client.get_parameters_by_path(Path=f"{self._path}/{kind}", WithDecryption=True, **more)
            found |= {one["Name"].rpartition("/")[2]: _read(one["Value"]) for one in answer["Parameters"]}
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}
        log_line(level="error", message="more channels than are looked at", kind=kind, channels=len(found))
        return found

    def verify_secrets(self, channel: str, *, fresh: bool = False) -> WebhookSecrets:
        known = self._keep(VERIFY, self._list, fresh=fresh) or {}
        value = known.get(channel, {})
        secrets = _texts(value.get("secrets", [])) if isinstance(value, dict) else None
        if secrets is None:
            raise _unusable(f"{VERIFY}/{channel}")
        others = {name: text for name, text in value.items() if name not in KNOWN and isinstance(text, str)}
        if not secrets and not others:
            raise SecretMissing(f"channel {channel} has no secret: `earshot secrets set {channel} --use verify`")
        return WebhookSecrets(secrets=secrets, verify_token=value.get("verify_token"), values=others)

    def settings(self, channel: str) -> ChannelSettings:
        value = self.value(f"channels/{channel}") or {}
        return ChannelSettings(
            accounts=frozenset(value.get("accounts", ())),
            app_ids=frozenset(value.get("app_ids", ())),
            bot_app_ids=frozenset(value.get("bot_app_ids", ())),
            sends=frozenset(value["sends"]) if "sends" in value else None,
        )

    def channels(self) -> tuple[str, ...]:
        """Every channel that is set up. Asked anew each time."""
        pages = self._client.get_paginator("get_parameters_by_path").paginate(Path=f"{self._path}/channels")
        return tuple(found["Name"].rpartition("/")[2] for page in pages for found in page["Parameters"])

    def send_secrets(self, channel: str, account_id: str, *, fresh: bool = False) -> SendSecrets:
        value = self.value(f"send/{channel}", fresh=fresh) or {}
        account = value.get("accounts", {}).get(account_id) if account_id else {}
        if account is None and not fresh:
            return self.send_secrets(channel, account_id, fresh=True)
        if account is None:
            raise SecretMissing(
                f"channel {channel} has no token for account {account_id}: "
                f"`earshot secrets set {channel} --use send --account {account_id}`"
            )
        return SendSecrets(credentials={**value.get("app", {}), **account}, api_base=value.get("api_base"))

    def forwarding(self) -> Forwarding:
        value = self.value("forward") or {}
        return Forwarding(
            routing_key=value.get("pagerduty_routing_key") or None,
            pagerduty_base=value.get("pagerduty_base") or PAGERDUTY,
            chat=value.get("chat") is True,
        )

    def keep_days(self, channel: str) -> int:
        """For how many days after its last event a closed case of the channel is kept."""
        days = (self.value(f"channels/{channel}") or {}).get("keep_days", KEEP_DAYS)
        if not isinstance(days, int) or days < LEAST_KEEP_DAYS:
            raise _unusable(f"channels/{channel}")
        return days

    def seal(self) -> "Seal | None":
        """None on a stage that was deployed before there was one: nobody can have been erased there."""
        from chalicelib.domain.erasure import Seal

        value = self.value("erasing")
        return Seal(bytes.fromhex(value["key"])) if value else None

    def engine(self) -> "EngineSettings":
        """The default where nobody set one, or what is set cannot be read: no mention waits for a setting."""
        from chalicelib.ports.engines import PARAMETER, EngineSettings, read_settings

        try:
            return read_settings(self.value(PARAMETER) or {})
        except Exception as error:  # noqa: BLE001  whatever Parameter Store says
            log_line(level="warning", message="engine settings cannot be read", error=type(error).__name__)
            now = self._clock()
            self._kept[PARAMETER] = _Kept(None, now, now + MISSED_S)
            return EngineSettings()


def _read(text: str) -> Any:
    """None for what is no JSON: json's own error would carry the text, which is a secret."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _texts(values: Any) -> tuple[str, ...] | None:
    """Those of a list that say something. None for anything else: the letters of one text are no secrets."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return tuple(value for value in values if value)


def _unusable(name: str) -> TypeError:
    return TypeError(f"parameter {name} does not hold what it should: set it anew with `earshot secrets set`")
