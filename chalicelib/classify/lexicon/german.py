"""German: enough that trouble and praise are not taken for neutral."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = "nicht|kein|keine|keinen|keiner|keinerlei|nie|niemals|niemand|ohne"

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.SUPERB: """
        hervorragend, fantastisch, großartig, perfekt, ausgezeichnet, wunderbar, begeistert, genial, spitze
    """,
    Cue.GOOD: """
        gut, gute, guter, gutes, toll, tolle, toller, tolles, schön, prima, super, klasse, freundlich, freundliche
        zufrieden, lecker, empfehlenswert, pünktlich, zuverlässig, hilfsbereit, gerne wieder, nur zu empfehlen
        freue mich, freut mich, gefällt mir
    """,
    Cue.THANKS: "danke, dankeschön, vielen dank, herzlichen dank, besten dank",
    Cue.PLAIN: """
        guten tag, guten morgen, guten abend, nicht nur, gute nacht, schönen tag, schöne grüße, gutes neues
    """,
    Cue.PROBLEM: """
        kaputt, defekt, beschädigt, verspätet, verspätung, verspätungen, storniert, gestrichen, annulliert
        ausgefallen, fällt aus, ausfall, störung, fehler, fehlermeldung, problem, probleme, verloren, fehlt, fehlen
        verschwunden, abgestürzt, stürzt ab, überhöht, falsch, falsche, falschen, beschwerde, reklamation
        funktioniert ... nicht|nie, geht nicht, ging nicht, klappt nicht, kommt nicht an, nicht angekommen
        nicht geliefert, nicht erhalten, nicht erreichbar, keine antwort, keine rückmeldung, keine reaktion
        keine lieferung, kein internet, kein netz, kein strom, immer noch nicht, noch immer nicht, seit ... gewartet
        warte seit, warten seit, warte ich, warte immer noch, warteschleife, doppelt abgebucht, zweimal abgebucht
    """,
    Cue.BAD: """
        schlecht, schlechte, schlechter, schlechtes, schlechtester, enttäuscht, enttäuschend, enttäuschung, ärgerlich
        verärgert, sauer, wütend, unfreundlich, unfreundliche, unverschämt, unverschämtheit, unzuverlässig, frech
        frechheit, peinlich, lächerlich, nervt, nervig, traurig, leider, teuer, zu teuer, unmöglich, inkompetent
        nutzlos, mies, miese, mieser, mist, scheiß, scheiße, scheiss, scheisse, schade, langsam, chaos, sauerei
        saftladen, zumutung, abzocke, abzocker, nie wieder, schnauze voll, nicht zu fassen
    """,
    Cue.AWFUL: """
        katastrophe, katastrophal, furchtbar, schrecklich, grauenhaft, grottenschlecht, unterirdisch, skandal, betrug
        betrüger, schlimmste, schlimmster, schlechteste, schlechtesten, das letzte, widerlich, ekelhaft, unzumutbar
    """,
    Cue.NOT: NEGATIONS.replace("|", ","),
    Cue.VERY: "sehr, wirklich, total, absolut, extrem, völlig, so, richtig",
    Cue.BUT: "aber, jedoch, allerdings, leider",
    Cue.QUESTION: """
        wann, warum, wieso, weshalb, wo ist, wo bleibt, wie lange, wie kann ich, können sie, könnt ihr, kann man
        gibt es, kann ich
    """,
    Cue.REQUEST: """
        bitte, hilfe, brauche hilfe, bitte um, helfen sie, helft mir, kann mir jemand helfen, melden sie sich
        meldet euch, ich möchte, ich will mein, erstattung, rückerstattung, entschädigung
    """,
    Cue.SPREAD: """
        finger weg, vorsicht vor, nicht zu empfehlen, kann ich nur empfehlen, nur weiterempfehlen, weiterempfehlen
        geht es noch jemandem, hat noch jemand
    """,
    Cue.OWN: """
        mein|meine|meinen|meinem|meiner|unser|unsere|unseren flug|zug|konto|paket|bestellung|koffer|gepäck
        mein|meine|meinen|meinem|meiner|unser|unsere|unseren karte|handy|internet|geld|rechnung|vertrag
        mein|meine|meinen|meinem|meiner|unser|unsere anschluss|lieferung|buchung|kind|tochter|sohn|mutter
        unseren anschluss|lieferung|buchung|kind|tochter|sohn|mutter, ich habe, wir haben, ich warte, wir warten
    """,
    Cue.SELF: "ich, wir, mich, mir, uns, mein, meine",
    Cue.YOU: "sie, ihr, euch, euer, eure, ihnen, ihre",
    Cue.DANGER: """
        brennt, feuer gefangen, in flammen, explodiert, verletzt, krankenhaus, notarzt, rettungswagen, lebensgefahr
        lebensgefährlich, gefährlich, stromschlag, allergische reaktion, gehackt, datenleck, rassistisch, rassismus
        diskriminiert, diskriminierung, belästigt, bedroht, selbstmord, gasgeruch, konto leergeräumt, herzinfarkt
        insulin
    """,
    Cue.VULNERABLE: """
        baby, kind, kinder, kindern, schwanger, rollstuhl, behindert, behinderung, oma, opa, medikamente, krank
        säugling, kleinkind
    """,
    Cue.STUCK: """
        gestrandet, sitzen fest, sitze fest, festsitzen
        flug|zug|flüge ... gestrichen|storniert|annulliert|ausgefallen, flug gestrichen, flug annulliert
        anschluss verpasst, anschlussflug verpasst, anschlusszug verpasst, stunden verspätung
        stunden ... warteschleife, seit stunden, kein strom, keine heizung
    """,
    Cue.MONEY: """
        doppelt abgebucht, zweimal abgebucht, doppelt belastet, zu viel abgebucht, zuviel abgebucht, abgebucht
        geld zurück, keine erstattung, erstattung
    """,
    Cue.LOCKED_OUT: """
        konto ... gesperrt, karte ... gesperrt, ausgesperrt, nicht einloggen, nicht anmelden, kein zugriff
    """,
    Cue.DOWN: "kein internet, kein netz, kein empfang, totalausfall, ausfall, störung, server down, seite down",
    Cue.LEAVING: """
        kündige, kündigen, kündigung, nie wieder, wechsle, wechsel den anbieter, wechsle den anbieter, zur konkurrenz
    """,
    Cue.THREAT: """
        anwalt, rechtsanwalt, anzeige, verbraucherzentrale, verbraucherschutz, gericht, verklagen, klage
        bundesnetzagentur, schlichtungsstelle, presse
    """,
    Cue.NOW: "jetzt, heute, sofort, dringend, gerade, morgen früh, heute abend, aktuell",
    Cue.IRONIC: "toll, super, danke, prima, klasse, na toll, na super, vielen dank, bravo, großartig",
    Cue.SINCERE: "aber, trotz, obwohl, schnell, schnelle, hilfe, gelöst, gefunden, bitte",
    Cue.SCORN: "danke für nichts, na toll, na super, ja super, ja toll, vielen dank auch, schönen dank auch",
}
