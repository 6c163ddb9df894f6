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
    # Besides the signs: what calls for help at once in languages that write with Latin letters and have no list here.
    Cue.DANGER: """
        🆘, 🚑, 🚒, ⛑
        zawał, zawał serca, nieprzytomny, nieprzytomna, nie oddycha, krwawi, pożar, pali się, karetka, karetkę
        pogotowie
        kalp krizi, bayildi, yangin, nefes alamiyor, nefes alamiyorum, ambulans, kanamasi var, intihar, deprem
        hjärtattack, hjärtinfarkt, hjerteinfarkt, hjerteanfall, hjertestop, medvetslös, bevisstløs, bevidstløs
        andas inte, puster ikke, trækker ikke vejret, brinner, ambulanse, ambulance, självmord, selvmord
        sydänkohtaus, sydänkohtauksen, tajuton, tajuttomana, tulipalo, ambulanssi, ei hengitä
        szívroham, szívrohama, eszméletlen, mentőt, nem lélegzik, lángol, öngyilkos
        infarkt, bezvědomí, nedýchá, požár, sanitku, krvácí, sebevražda, srčani udar, bez svijesti, ne diše
        infarct, inconștient, inconștientă, nu respiră, incendiu, ambulanță, ambulanța, sângerează, sinucidere
        pingsan, serangan jantung, kebakaran, tidak bernapas, tidak bernafas, bunuh diri, pendarahan
        đau tim, nhồi máu, bất tỉnh, ngất xỉu, cấp cứu, hoả hoạn, không thở được, tự tử
        inaatake sa puso, nawalan ng malay, hindi makahinga, sunog
    """,
    Cue.SPAM_HINT: "🤑, 💸",
}
