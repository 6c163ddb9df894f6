"""Italian: enough that trouble and praise are not taken for neutral."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = "non|mai|senza|né|nessun|nessuna|nessuno|niente|nulla"

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.SUPERB: """
        eccellente, ottimo, ottima, ottimi, fantastico, fantastica, perfetto, perfetta, meraviglioso, meravigliosa
        stupendo, stupenda, favoloso, impeccabile, buonissimo, buonissima, bravissimi
    """,
    Cue.GOOD: """
        buono, buona, bene, bravo, bravi, bello, bella, veloce, gentile, gentili, gentilissimi, contento, contenta
        soddisfatto, soddisfatta, felice, consiglio, consigliato, piacevole, puntuale, complimenti, nessun problema
        senza problemi
    """,
    Cue.THANKS: "grazie, grazie mille, molte grazie, ringrazio",
    Cue.PLAIN: """
        buona giornata, buona serata, buon giorno, buona notte, va bene, non solo, per favore, per piacere
    """,
    Cue.PROBLEM: """
        rotto, rotta, difettoso, difettosa, danneggiato, danneggiata, guasto, guasti, ritardo, ritardi, cancellato
        cancellata, cancellati, cancellazione, annullato, annullata, smarrito, smarrita, rubato, manca, mancano
        errore, errori, problema, problemi, reclamo, disservizio, disservizi, non funziona, non va, non arriva
        non è arrivato, non è arrivata, mai arrivato, mai arrivata, non risponde, non rispondono, nessuno risponde
        nessuna risposta, senza risposta, ancora niente, ancora nulla, sto aspettando, aspetto da, aspettando da
        addebitato due volte, doppio addebito, non riesco
    """,
    Cue.BAD: """
        cattivo, cattiva, deluso, delusa, delusi, delusione, deludente, arrabbiato, arrabbiata, inaccettabile
        maleducato, maleducati, scortese, scortesi, incompetenti, incompetente, ridicolo, ridicoli, caro, carissimo
        lento, lenta, sporco, merda, schifo, vergogna, purtroppo, bugie, bugiardi, ingannato, presa in giro, mai più
        inutile, inutili, caos, peggio, stufo, stufa, assurdo, indecente
    """,
    Cue.AWFUL: """
        orribile, terribile, pessimo, pessima, pessimi, vergognoso, vergognosa, vergognosi, disastro, disastroso
        truffa, truffatori, ladri, furto, disgustoso, schifoso, indignato, furioso, furiosa, il peggior, il peggiore
        la peggiore, scandaloso, penoso
    """,
    Cue.NOT: NEGATIONS.replace("|", ","),
    Cue.VERY: "molto, davvero, veramente, totalmente, così, troppo, super, completamente",
    Cue.BUT: "ma, però, tuttavia, purtroppo, sebbene",
    Cue.QUESTION: """
        quando, perché, come mai, come faccio, come posso, quanto, dov'è, dove si trova, qualcuno sa, potete, potreste
        è possibile, che succede
    """,
    Cue.REQUEST: """
        per favore, per piacere, aiuto, aiutatemi, ho bisogno, chiedo, pretendo, voglio il|un rimborso, rimborso
        rispondete, contattatemi, richiamatemi, vorrei, soluzione, risarcimento
    """,
    Cue.SPREAD: """
        non comprate, non volate, non consiglio, lo sconsiglio, sconsiglio, sconsigliato, evitate, attenzione a
        state alla larga, lo consiglio, consiglio a tutti, qualcun altro, boicottate
    """,
    Cue.OWN: """
        mio|mia|miei|mie|nostro|nostra volo|treno|conto|pacco|ordine|valigia|bagaglio|carta|telefono|soldi
        mio|mia|miei|mie|nostro|nostra bolletta|fattura|contratto|linea|internet|prenotazione|figlio|figlia
        mio|mia|miei|mie|nostro|nostra madre|padre, miei soldi, ho ordinato, ho pagato, ho comprato, abbiamo
    """,
    Cue.SELF: "io, mi, mio, mia, noi, ci, nostro, nostra, ho",
    Cue.YOU: "voi, vi, vostro, vostra, lei, siete, avete",
    Cue.DANGER: """
        preso fuoco, in fiamme, incendio, esploso, esplosa, ferito, ferita, feriti, ospedale, ambulanza
        reazione allergica, pericoloso, pericolosa, pericolo, hackerato, hackerata, violato ... account|conto
        fuga di dati, razzista, razzismo, discriminazione, discriminato, discriminata, molestata, molestato, molestie
        minacciato, minacciata, aggredito, aggredita, suicidio, fuga di gas, odore di gas, puzza di gas, insulina
    """,
    Cue.VULNERABLE: """
        neonato, neonata, bambino, bambina, bambini, incinta, sedia a rotelle, disabile, disabili, disabilità, anziano
        anziana, nonna, nonno, medicine, farmaci, malato, malata
    """,
    Cue.STUCK: """
        bloccato|bloccata|bloccati a|in|all'aeroporto|aeroporto|da|qui, bloccati, volo ... cancellato
        cancellato ... volo, voli cancellati, treno ... cancellato|soppresso, perso ... volo|coincidenza
        ore di ritardo, ore di attesa, ore di fila, da ore, senza luce, senza corrente, senza acqua
        senza riscaldamento
    """,
    Cue.MONEY: """
        addebitato due volte, doppio addebito, addebitato, addebito, miei soldi, rimborso, rimborsato
        pagato due volte, restituite
    """,
    Cue.LOCKED_OUT: """
        conto ... bloccato|sospeso, account ... bloccato|sospeso, carta ... bloccata, non riesco ad accedere
        non riesco a entrare, non riesco ad entrare, non posso accedere
    """,
    Cue.DOWN: """
        senza internet, senza linea, senza rete, senza segnale, non c'è rete, sito ... down, blackout, guasto
    """,
    Cue.LEAVING: """
        mai più, disdico, disdetta, cambio operatore, cambio banca, passo alla concorrenza, chiudo il conto
    """,
    Cue.THREAT: """
        avvocato, denuncia, denuncio, denunciare, tribunale, agcom, codacons, altroconsumo, querela, giudice di pace
        polizia, stampa
    """,
    Cue.NOW: "adesso, ora, oggi, stasera, stamattina, urgente, subito, immediatamente, in questo momento",
    Cue.IRONIC: "grazie, complimenti, bravi, ottimo, perfetto, fantastico, bene, bravissimi",
    Cue.SINCERE: "ma, nonostante, veloce, veloci, risolto, risolvere, aiuto, aiutato, trovato, per favore",
    Cue.SCORN: """
        grazie per niente, grazie di niente, grazie per il ritardo, complimenti per il ritardo|disservizio
    """,
}
