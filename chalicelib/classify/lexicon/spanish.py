"""Spanish: enough that trouble and praise are not taken for neutral."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = "no|nunca|jamás|sin|tampoco|ningún|ninguna|nadie|nada"

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.SUPERB: """
        excelente, excelentes, increíble, maravilloso, maravillosa, perfecto, perfecta, fantástico, fantástica
        estupendo, genial, encanta, encantado, encantada, espectacular, delicioso
    """,
    Cue.GOOD: """
        bueno, buena, buen, bien, rápido, rápida, amable, amables, contento, contenta, satisfecho, satisfecha, feliz
        recomiendo, recomendable, agradable, bonito, felicidades, felicitaciones, sin problemas, sin problema
        ningún problema
    """,
    Cue.THANKS: "gracias, muchas gracias, mil gracias, agradezco",
    Cue.PLAIN: """
        buenos días, buenas tardes, buenas noches, buen día, está bien, más bien, si bien, bueno pues, qué bueno sería
        no solo, por favor
    """,
    Cue.PROBLEM: """
        roto, rota, dañado, dañada, defectuoso, defectuosa, averiado, avería, retraso, retrasos, retrasado, demora
        cancelado, cancelada, cancelaron, cancelación, perdido, perdida, perdieron, extraviado, robado, falta, fallo
        falla, fallas, error, errores, problema, problemas, reclamo, reclamación, queja, no funciona, no sirve
        no llega, no llegó, no ha llegado, no me llega, no responde, no responden, no contestan, nadie responde
        nadie contesta, sin respuesta, sin servicio, sin internet, sin luz, sin señal, todavía no, aún no
        sigo esperando, llevo esperando, llevamos esperando, llevo ... esperando, cobrado dos veces
        cobraron dos veces, cobro doble, doble cobro, no puedo
    """,
    Cue.BAD: """
        malo, mala, malos, malas, decepcionado, decepcionada, decepción, decepcionante, enojado, enojada, enfadado
        enfadada, molesto, molesta, harto, harta, hartos, inaceptable, lamentable, grosero, groseros, maleducados
        incompetentes, incompetente, ridículo, caro, carísimo, lento, lenta, sucio, asco, mierda, vergüenza, qué pena
        desgraciadamente, lamentablemente, mentira, mentirosos, engaño, engañado, abuso, burla, una burla, nunca más
        inútil, inútiles, caos, peor
    """,
    Cue.AWFUL: """
        horrible, terrible, pésimo, pésima, vergonzoso, vergonzosa, desastre, fatal, estafa, estafadores, ladrones
        robo, asqueroso, indignante, indignado, indignada, nefasto, nefasta, furioso, furiosa, el peor, la peor
        porquería, basura
    """,
    Cue.NOT: NEGATIONS.replace("|", ","),
    Cue.VERY: "muy, realmente, totalmente, tan, demasiado, súper, completamente",
    Cue.BUT: "pero, sin embargo, aunque, lamentablemente",
    Cue.QUESTION: """
        cuándo, por qué, cómo, cuánto, dónde está, alguien sabe, se puede, pueden, podrían, hay alguna, qué pasa
    """,
    Cue.REQUEST: """
        por favor, ayuda, ayúdenme, ayúdame, necesito, necesitamos, necesito ayuda, solicito, exijo, quiero mi
        reembolso, devolución, respondan, contesten, contáctenme, auxilio, solución
    """,
    Cue.SPREAD: """
        no compren, no compréis, no viajen, no vuelen, no recomiendo, no lo recomiendo, eviten, evitad, cuidado con
        recomiendo, lo recomiendo, alguien más, a alguien más, boicot
    """,
    Cue.OWN: """
        mi|mis|nuestro|nuestra|nuestros vuelo|tren|cuenta|paquete|pedido|maleta|equipaje|tarjeta|teléfono
        mi|mis|nuestro|nuestra|nuestros móvil|celular|dinero|factura|contrato|línea|internet|reserva|envío
        mi|mis|nuestro|nuestra|nuestros hijo|hija|madre|padre|bebé, me cobraron, me han cobrado, nos dejaron
        me dejaron, he pagado, compré, pagué, llevo
    """,
    Cue.SELF: "yo, me, mi, mis, nos, nuestro, nuestra",
    Cue.YOU: "usted, ustedes, vosotros, su, sus, vuestro",
    Cue.DANGER: """
        se incendió, incendio, en llamas, explotó, herido, herida, heridos, hospital, ambulancia, reacción alérgica
        peligroso, peligro, hackeado, hackeada, hackearon, hackeó, filtración de datos, racista, racismo
        discriminación, discriminado, discriminada, acosado, acosada, acoso, amenazó, amenazado, amenazada, agredió
        suicidio, fuga de gas, olor a gas, insulina, electrocutado
    """,
    Cue.VULNERABLE: """
        bebé, niño, niña, niños, embarazada, silla de ruedas, discapacitado, discapacitada, discapacidad, anciano
        anciana, abuela, abuelo, medicamentos, medicinas, enfermo, enferma
    """,
    Cue.STUCK: """
        varado, varada, varados, varadas, tirado en, tirados en, tirada en, atrapado, atrapada, atrapados
        vuelo ... cancelado, cancelaron ... vuelo, cancelado ... vuelo, vuelos cancelados, perdí ... vuelo|conexión
        perdimos ... vuelo|conexión, horas de retraso, horas de espera, horas esperando, # horas ... esperando
        desde hace horas, sin luz, sin electricidad, sin agua
    """,
    Cue.MONEY: """
        cobraron dos veces, cobrado dos veces, doble cobro, cobro doble, me cobraron, cobro indebido, mi dinero
        devolución, devuelvan, devuélvanme, reembolso, cobrado de más
    """,
    Cue.LOCKED_OUT: """
        cuenta ... bloqueada|suspendida|cerrada, tarjeta ... bloqueada, no puedo entrar, no puedo acceder
        no puedo ingresar, no puedo iniciar
    """,
    Cue.DOWN: """
        sin internet, sin servicio, sin señal, caído, caída, sin conexión, no hay internet, no hay luz, apagón
    """,
    Cue.LEAVING: """
        nunca más, me cambio, me voy a la competencia, doy de baja, darme de baja, dar de baja
        cancelar mi contrato|cuenta|suscripción
    """,
    Cue.THREAT: """
        abogado, demanda, demandar, denuncia, denunciar, denunciaré, consumidor, profeco, ocu, facua, sernac, indecopi
        tribunal, prensa, policía
    """,
    Cue.NOW: """
        ahora, hoy, esta noche, esta mañana, urgente, urgentemente, inmediatamente, ya mismo, en este momento
    """,
    Cue.IRONIC: "gracias, genial, excelente, felicidades, bravo, perfecto, estupendo, qué bien",
    Cue.SINCERE: """
        pero, a pesar de, rápido, rápida, resuelto, resolver, solucionado, ayuda, ayudaron, encontraron, por favor
    """,
    Cue.SCORN: "gracias por nada, gracias por el retraso, gracias por perder|arruinar",
}
