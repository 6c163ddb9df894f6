"""French: enough that trouble and praise are not taken for neutral."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = "pas|jamais|aucun|aucune|sans|ni|rien|personne"

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.SUPERB: """
        excellent, excellente, génial, géniale, parfait, parfaite, formidable, magnifique, exceptionnel
        exceptionnelle, ravi, ravie, adore, délicieux
    """,
    Cue.GOOD: """
        super, bravo, bien, bon, bonne, agréable, sympa, rapide, efficace, satisfait, satisfaite, content, contente
        recommande, top, chouette, aimable, accueillant, pas mal, pas de problème, aucun problème, sans problème
    """,
    Cue.THANKS: "merci, merci beaucoup, merci bien, merci encore",
    Cue.PLAIN: """
        bonne journée, bonne soirée, bon courage, eh bien, ou bien, bien sûr, bonne nuit, bon anniversaire, bien que
        bonjour, bien reçu, pas seulement, si bien
    """,
    Cue.PROBLEM: """
        cassé, cassée, défectueux, défectueuse, abîmé, abîmée, endommagé, endommagée, panne, retard, retards, retardé
        annulé, annulée, annulés, annulation, perdu, perdue, perdus, manquant, manque, volé, erreur, bug, bugs
        problème, problèmes, réclamation, litige, marche pas, marche plus, fonctionne pas, fonctionne plus
        marche toujours pas, fonctionne toujours pas, pas reçu, jamais reçu, pas livré, pas livrée, jamais arrivé
        jamais arrivée, pas arrivé, pas de réponse, aucune réponse, sans réponse, toujours pas, toujours rien
        toujours en attente, injoignable, impossible de, attends depuis, attend depuis, j'attends, débité deux fois
        prélevé deux fois, débitée deux fois, erroné, erronée
    """,
    Cue.BAD: """
        mauvais, mauvaise, nul, nulle, nuls, déçu, déçue, déçus, décevant, décevante, déception, inadmissible
        inacceptable, lamentable, pénible, agaçant, énervé, énervée, colère, marre, ras le bol, ridicule, incompétent
        incompétents, incompétence, impoli, désagréable, malpoli, arnaque, arnaqueurs, arnaqué, trop cher, lent, lente
        sale, honte, dommage, malheureusement, merde, catastrophique, plus jamais, pire, inutile, insupportable
        du n'importe quoi, n'importe quoi, à fuir, foutage de gueule
    """,
    Cue.AWFUL: """
        horrible, affreux, scandaleux, scandaleuse, honteux, honteuse, catastrophe, désastre, désastreux, exécrable
        minable, escroc, escrocs, escroquerie, voleurs, dégoûtant, dégueulasse, furieux, furieuse, scandale, le pire
    """,
    Cue.NOT: NEGATIONS.replace("|", ","),
    Cue.VERY: "très, vraiment, tellement, trop, totalement, complètement, extrêmement, absolument",
    Cue.BUT: "mais, cependant, pourtant, malheureusement, hélas",
    Cue.QUESTION: """
        quand, pourquoi, comment, combien, où est, où en est, est ce que, pouvez vous, pourriez vous, peut on
        y a t il, c'est quand
    """,
    Cue.REQUEST: """
        svp, s'il vous plaît, s'il vous plait, aidez moi, besoin d'aide, à l'aide, au secours, merci de
        je veux être remboursé, remboursement, remboursez, rappelez moi, contactez moi, répondez, je voudrais
        j'aimerais
    """,
    Cue.SPREAD: """
        fuyez, à fuir, n'achetez, évitez, je recommande, je ne recommande pas, je déconseille, à éviter
        quelqu'un d'autre, attention à, boycott
    """,
    Cue.OWN: """
        mon|ma|mes|notre|nos vol|train|compte|colis|commande|bagage|bagages|valise|carte|téléphone|argent
        mon|ma|mes|notre|nos facture|contrat|ligne|box|livraison|réservation|billet|billets|fille|fils|mère
        mon|ma|mes|notre|nos père|enfant, j'ai, nous avons, on a, je suis
    """,
    Cue.SELF: "je, j'ai, moi, mon, ma, mes, nous, notre",
    Cue.YOU: "vous, votre, vos",
    Cue.DANGER: """
        pris feu, prend feu, en feu, explosé, blessé, blessée, hôpital, ambulance, urgences, réaction allergique
        dangereux, danger, piraté, piratée, fuite de données, raciste, racisme, discrimination, agressé, agressée
        menacé, menacée, harcelé, harcelée, suicide, fuite de gaz, odeur de gaz, insuline, électrocuté
    """,
    Cue.VULNERABLE: """
        bébé, bébés, enfant, enfants, enceinte, fauteuil roulant, handicapé, handicapée, handicap, personne âgée
        médicaments, malade, grand mère
    """,
    Cue.STUCK: """
        bloqué à|au|en|dans|depuis, bloquée à|au|en|dans|depuis, bloqués à|au|en|dans|depuis, coincé, coincée, coincés
        vol ... annulé, train ... annulé, vol annulé, vols annulés, correspondance ratée, raté ... correspondance
        heures de retard, heures d'attente, depuis des heures, sans électricité, pas d'électricité, sans chauffage
    """,
    Cue.MONEY: """
        débité deux fois, prélevé deux fois, débitée deux fois, prélevée deux fois, prélèvement, double prélèvement
        trop perçu, prélevé, remboursement, rembourser, remboursé, mon argent
    """,
    Cue.LOCKED_OUT: """
        compte ... bloqué|suspendu|désactivé, carte ... bloquée|avalée, me connecter, plus accès, pas accès
    """,
    Cue.DOWN: """
        en panne, plus d'internet, pas d'internet, plus de réseau, pas de réseau, panne générale
        site ... inaccessible, plus de connexion
    """,
    Cue.LEAVING: """
        résilie, résilier, résiliation, plus jamais, changer d'opérateur, change d'opérateur, changer de banque
        à la concurrence
    """,
    Cue.THREAT: """
        avocat, tribunal, justice, plainte, porter plainte, dgccrf, médiateur, 60 millions de consommateurs
        ufc que choisir, presse
    """,
    Cue.NOW: """
        maintenant, aujourd'hui, ce soir, ce matin, urgent, urgence, immédiatement, tout de suite, demain
        actuellement
    """,
    Cue.IRONIC: "merci, bravo, super, génial, parfait, félicitations, excellent",
    Cue.SINCERE: "mais, malgré, rapide, rapidement, résolu, aide, aidé, retrouvé, svp",
    Cue.SCORN: "merci pour rien, merci pour le retard, bravo pour le retard, bravo la",
}
