"""Facebook Pages: what people write on a Page, about it, and to it in Messenger."""

from datetime import timedelta

from chalicelib.connectors._kit.meta_webhook import FACTS
from chalicelib.domain.platforms import ReplyWindow
from chalicelib.ports.connector.manifest import FREE, Manifest, Price, Secret, TextLimit

MANIFEST = Manifest(
    title="Facebook Pages and Messenger",
    name="Facebook",
    docs_url="https://developers.facebook.com/docs/graph-api/webhooks/reference/page",
    reads=(
        "comments and visitor posts, their edits, removals and hiding",
        "mentions of the Page elsewhere",
        "ratings and the comments below them",
        "Messenger conversations with echoes, edits and unsent messages",
        "buttons pressed in Messenger, by their title",
        "the Page's own answers",
        "revoked permissions and messaging blocks",
    ),
    hears="comments, visitor posts, mentions, ratings, Messenger",
    answers="comments and Messenger",
    # developers.facebook.com/docs/messenger-platform/policy/policy-overview and send-messages/message-tags
    # (HUMAN_AGENT), read 2026-11-23.
    reply_window=ReplyWindow(standard=timedelta(hours=24), by_person=timedelta(days=7)),
    webhook=FACTS,
    secrets=(
        Secret(name="secrets", use="verify", help="App secret of the Meta app; several while one is being rotated."),
        Secret(
            name="verify_token", use="verify", help="The text entered as verify token in the app's webhook settings."
        ),
        Secret(
            name="page_token", use="send", help="A Page access token with pages_manage_engagement, pages_messaging."
        ),
        Secret(name="app_secret", use="send", help="App secret of the app that the Page token belongs to."),
    ),
    limits=(
        TextLimit(most=8000, where="below a comment or post"),
        TextLimit(most=2000, where="in Messenger", private=True),
    ),
    price=Price(read_usd=FREE, reply_usd=FREE),
    verified_by="fixtures",
    read_on="2026-11-23",
    unconfirmed=(
        "the test button of the app's dashboard writes for a Page with the id 0",
        "comments of 8000 and Messenger texts of 2000 characters are the limits",
        "whether created_time of an edited comment is that of the edit: the later of it and the delivery's is taken",
        "a rating is answered at its open_graph_story_id",
        "order=reverse_chronological is honoured below comments as it is below posts",
        "X-Business-Use-Case-Usage names the minutes until a limit is free again",
        "error codes 1, 2 and every 5xx may stand for an answer that did arrive: it is looked for before another try",
    ),
    known_limits=(
        "another Graph API version than the built-in one is named by the optional credential graph_version",
        "a recommendation without stars has no rating, and no text when the person wrote none",
        "edits of feed texts carry no version number: two within one second cannot be put in order",
        "webhooks give no permalink of a comment, no follower counts and no Messenger names",
        "the 24 hour window of Messenger is not known beforehand: a late answer is refused by the platform",
        "one private reply to a public comment is not offered",
        "every button pressed in Messenger is a message, but for the one that begins a conversation",
    ),
)
