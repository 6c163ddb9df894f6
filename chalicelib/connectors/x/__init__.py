"""X (Twitter): public posts, replies, quotes and direct messages."""

from decimal import Decimal

from chalicelib.ports.connector.manifest import Manifest, Price, Secret, TextLimit
from chalicelib.ports.connector.receiving import WebhookFacts

MANIFEST = Manifest(
    title="X (Twitter)",
    name="X",
    docs_url="https://docs.x.com/x-api/webhooks/introduction",
    reads=(
        "mentions, replies and quotes",
        "direct messages",
        "our own posts and messages",
        "encrypted chats, without their text",
        "edits",
        "deletes of our own posts",
        "revoked access",
        "replays that failed",
    ),
    hears="mentions, replies, quotes, direct messages, own posts, edits",
    answers="posts and direct messages",
    mention_prefix="@",
    webhook=WebhookFacts(headers=frozenset({"x-twitter-webhooks-signature"}), handshakes=frozenset({"GET"})),
    secrets=(
        Secret(name="secrets", use="verify", help="The app's API key secret; two values while it is rotated."),
        Secret(name="consumer_key", use="send", help="The app's API key."),
        Secret(name="consumer_secret", use="send", help="The app's API key secret."),
        Secret(name="token", use="send", help="Access token of the brand's account, with write permission."),
        Secret(name="token_secret", use="send", help="Secret of that access token."),
    ),
    limits=(
        TextLimit(most=280, where="in public", unit="weighted characters (a link counts 23, an emoji 2)"),
        TextLimit(most=10_000, where="in a direct message", private=True),
    ),
    price=Price(
        read_usd=Decimal("0.005"),
        reply_usd=Decimal("0.010"),
        note="self-serve plans; a direct message costs 0.010 to read and 0.015 to send, a post with a link 0.200",
    ),
    verified_by="fixtures",
    read_on="2026-08-22",
    unconfirmed=(
        "Whether the handle that X puts before a reply counts as a mention under the summoned-reply rule: "
        "taken as not counting.",
        "The answer to a reply whose parent was deleted: 404, v1.1 codes 144 and 385, and a 400 that complains "
        "of in_reply_to_tweet_id are all taken as such.",
        "The length limit of a direct message: taken as 10,000 characters.",
        "When a used-up plan resets: without x-rate-limit-reset the next try is a day later.",
        "The fields of chat.sent: read like those of chat.received.",
        "The edit history of Account Activity posts: several spellings are read.",
        "Whether direct messages deliver &, < and > escaped as posts do: taken so.",
    ),
    known_limits=(
        "Self-serve plans may answer only who mentioned or quoted the account.",
        "A customer's deletion is not pushed by the webhook products.",
        "The text of encrypted chats cannot be read.",
        "A Filtered Stream post does not name the receiving account: it is the one mentioned or answered, "
        "else the channel's first.",
        "Premium accounts may post longer; 280 is enforced for all.",
        "A bare domain counts as a link only under a common ending such as .com; with http:// every link does.",
        "An attempt whose fate is unknown is looked for among the hundred newest posts since; "
        "a busier account's attempt stays undecided until a person looks.",
    ),
)
