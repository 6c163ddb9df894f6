"""Signs that mean the same in every language."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = ""

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.SUPERB: "😍, 🥰, 🤩, 💯, 🏆",
    Cue.GOOD: """
        😀, 😃, 😄, 😁, 😊, ☺, 🙂, 😇, 😘, 🤗, 😎, 👍, 👌, 👏, 🙌, 🎉, 🎊, ❤
        ♥, 💕, 💖, 💗, 💙, 💚, 💛, 💜, 🧡, 🫶, 🌟, ⭐, 🥳, 💪, <3, :), :]
    """,
    Cue.BAD: """
        😞, 😔, 😟, 🙁, ☹, 😣, 😖, 😫, 😩, 😢, 😭, 😥, 😰, 😤, 😒, 😑, 👎, 💔
        🤦, 🙄, 😾, :(, :[, :'(, :/, :\\, </3
    """,
    Cue.AWFUL: "😠, 😡, 🤬, 🖕, 🤮, 🤢, 💩",
    Cue.WINK: "🙄, 🙃, 🤡, 😒",
    Cue.REQUEST: "🆘",
    Cue.SPAM_HINT: "🤑, 💸",
}
