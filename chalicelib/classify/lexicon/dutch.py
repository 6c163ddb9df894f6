"""Dutch: enough that trouble and praise are not taken for neutral."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = "niet|geen|nooit|niemand|zonder|niks|niets"

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.SUPERB: """
        geweldig, geweldige, fantastisch, fantastische, uitstekend, uitstekende, perfect, perfecte, prachtig, heerlijk
        heerlijke, topservice, briljant, super blij
    """,
    Cue.GOOD: """
        goed, goede, leuk, leuke, fijn, fijne, mooi, mooie, netjes, vriendelijk, vriendelijke, snel, snelle, tevreden
        blij, aanrader, behulpzaam, lekker, top, prima, keurig, complimenten, geen probleem, zonder problemen
    """,
    Cue.THANKS: "bedankt, dank je, dank je wel, dankjewel, dank u, dank u wel, dankuwel, hartelijk dank",
    Cue.PLAIN: "goede morgen, goedemorgen, goedemiddag, goedenavond, fijne dag, niet alleen",
    Cue.PROBLEM: """
        kapot, kapotte, defect, beschadigd, beschadigde, vertraagd, vertraging, vertragingen, geannuleerd, uitgevallen
        valt uit, verloren, kwijt, vermist, gestolen, ontbreekt, fout, foute, fouten, foutmelding, probleem, problemen
        storing, storingen, klacht, klachten, lek, werkt niet, werkt nog niet, doet het niet, doen het niet
        niet geleverd, niet ontvangen, niet aangekomen, niet bereikbaar, geen reactie, geen antwoord, geen internet
        geen bereik, geen stroom, nog steeds niet, nog steeds geen, nog altijd niet, wacht al, wachten al, al weken
        al dagen, dubbel afgeschreven, twee keer afgeschreven, verkeerde, crasht, vastgelopen
    """,
    Cue.BAD: """
        slecht, slechte, slechter, teleurgesteld, teleurstellend, teleurstelling, boos, woedend, irritant, geïrriteerd
        onacceptabel, onbeschoft, onbeschofte, onvriendelijk, onvriendelijke, incompetent, belachelijk, duur, te duur
        traag, trage, langzaam, vies, vieze, jammer, helaas, kut, klote, stom, zat, schande, puinhoop, zooi, nutteloos
        waardeloos, waardeloze, nooit meer, leugens, oplichting, oplichters, opgelicht, chaos, balen
        klantonvriendelijk
    """,
    Cue.AWFUL: """
        verschrikkelijk, verschrikkelijke, vreselijk, vreselijke, afschuwelijk, schandalig, schandalige, ramp
        rampzalig, dramatisch, walgelijk, slechtste, diefstal, dieven, bizar slecht
    """,
    Cue.NOT: NEGATIONS.replace("|", ","),
    Cue.VERY: "heel, erg, echt, zeer, zo, enorm, ontzettend, totaal, super",
    Cue.BUT: "maar, echter, helaas, hoewel",
    Cue.QUESTION: """
        wanneer, waarom, hoe lang, hoe kan ik, waar is, waar blijft, kunnen jullie, kan iemand, kan ik, is er
        weet iemand, hoelang
    """,
    Cue.REQUEST: """
        alsjeblieft, alstublieft, aub, help, hulp nodig, graag, kunnen jullie, kunt u, bel me, ik wil mijn|een|graag
        terugbetaling, vergoeding, compensatie, reageer, geld terug
    """,
    Cue.SPREAD: """
        koop niet, niet kopen, pas op voor, afrader, een aanrader, aanrader, niet aan te raden, raad ik af
        iemand anders, nog iemand, blijf weg
    """,
    Cue.OWN: """
        mijn|onze|ons vlucht|trein|rekening|pakket|pakketje|bestelling|koffer|bagage|pas|pinpas|telefoon
        mijn|onze|ons geld|factuur|contract|internet|levering|boeking|zoon|dochter|moeder|vader|kind, ik heb
        wij hebben, we hebben, ik wacht, ik ben
    """,
    Cue.SELF: "ik, wij, we, mij, mijn, ons, onze",
    Cue.YOU: "jullie, u, uw, je, jij",
    Cue.DANGER: """
        brand gevlogen, vloog in brand, in brand, ontploft, geëxplodeerd, gewond, ziekenhuis, ambulance
        allergische reactie, gevaarlijk, gevaar, levensgevaarlijk, gehackt, datalek, racistisch, racisme
        gediscrimineerd, discriminatie, aangerand, bedreigd, lastiggevallen, zelfmoord, gaslucht, gaslek, insuline
        rekening leeggehaald
    """,
    Cue.VULNERABLE: """
        baby, kind, kinderen, zwanger, rolstoel, gehandicapt, gehandicapte, invalide, oma, opa, medicijnen, ziek
        bejaarde
    """,
    Cue.STUCK: """
        gestrand, gestrande, vast op|in|te, zitten vast, zit vast, vlucht ... geannuleerd
        trein ... geannuleerd|uitgevallen, vlucht geannuleerd, aansluiting gemist, overstap gemist, uur vertraging
        uren vertraging, uur in de wacht, al uren, uur aan het wachten, geen stroom, zonder stroom, geen verwarming
    """,
    Cue.MONEY: """
        dubbel afgeschreven, twee keer afgeschreven, te veel afgeschreven, teveel betaald, geld terug, mijn geld
        afgeschreven, terugbetaling, niet terugbetaald
    """,
    Cue.LOCKED_OUT: """
        account ... geblokkeerd, rekening ... geblokkeerd, pas ... geblokkeerd, niet inloggen, kan niet inloggen
        geen toegang
    """,
    Cue.DOWN: """
        geen internet, geen bereik, geen signaal, storing, ligt plat, ligt eruit, netwerk plat, site plat
    """,
    Cue.LEAVING: """
        zeg op, opzeggen, zeg mijn abonnement op, nooit meer, stap over, overstappen naar, naar de concurrent
    """,
    Cue.THREAT: """
        advocaat, rechter, rechtszaak, aangifte, consumentenbond, geschillencommissie, acm, politie, radar
        kassa programma, pers
    """,
    Cue.NOW: "nu, vandaag, vanavond, vanmorgen, vanochtend, dringend, spoed, direct, meteen, op dit moment",
    Cue.IRONIC: "bedankt, lekker, fijn, top, geweldig, bravo, complimenten, mooi",
    Cue.SINCERE: "maar, ondanks, snel, snelle, opgelost, hulp, geholpen, gevonden, aub",
    Cue.SCORN: "bedankt voor niets, bedankt voor niks, lekker dan, fijn dan, lekker bezig, goed bezig",
}
