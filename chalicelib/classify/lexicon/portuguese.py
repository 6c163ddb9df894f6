"""Portuguese: enough that trouble and praise are not taken for neutral."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = "não|nunca|jamais|sem|nem|nenhum|nenhuma|ninguém|nada"

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.SUPERB: """
        excelente, incrível, maravilhoso, maravilhosa, perfeito, perfeita, fantástico, fantástica, sensacional, amei
        adorei, espetacular, ótimo, ótima, delicioso
    """,
    Cue.GOOD: """
        bom, boa, bem, rápido, rápida, gentil, educado, feliz, satisfeito, satisfeita, recomendo, parabéns, legal
        agradável, bonito, sem problemas, nenhum problema
    """,
    Cue.THANKS: "obrigado, obrigada, muito obrigado, muito obrigada, valeu, agradeço",
    Cue.PLAIN: "bom dia, boa tarde, boa noite, tudo bem, tudo bom, não só, por favor",
    Cue.PROBLEM: """
        quebrado, quebrada, defeito, defeituoso, danificado, danificada, avariado, avariada, atraso, atrasos, atrasado
        atrasada, cancelado, cancelada, cancelaram, cancelamento, perdido, perdida, perderam, extraviado, extraviada
        roubado, faltando, falha, falhas, erro, erros, problema, problemas, reclamação, não funciona, não chega
        não chegou, não recebi, não responde, não respondem, não atendem, não consigo, ninguém responde
        ninguém atende, sem resposta, sem internet, sem luz, sem sinal, sem serviço, ainda não, até agora nada
        até agora não, estou esperando, à espera, cobrado duas vezes, cobraram duas vezes, cobrança indevida
        cobrança dupla
    """,
    Cue.BAD: """
        ruim, ruins, mau, má, decepcionado, decepcionada, desiludido, desiludida, decepção, decepcionante, chateado
        chateada, irritado, irritada, inaceitável, lamentável, grosseiro, mal educado, mal educados, incompetentes
        incompetente, ridículo, caro, lento, lenta, sujo, merda, vergonha, infelizmente, mentira, mentirosos, enganado
        enganada, descaso, absurdo, palhaçada, nunca mais, inútil, caos, pior, falta de respeito, desrespeito
    """,
    Cue.AWFUL: """
        horrível, terrível, péssimo, péssima, vergonhoso, vergonhosa, desastre, golpe, golpistas, ladrões, roubo
        nojento, indignado, indignada, revoltado, revoltada, furioso, furiosa, o pior, a pior, lixo, porcaria, burla
    """,
    Cue.NOT: NEGATIONS.replace("|", ","),
    Cue.VERY: "muito, realmente, totalmente, tão, demais, super, completamente",
    Cue.BUT: "mas, porém, entretanto, embora, infelizmente",
    Cue.QUESTION: """
        quando, por que, porque é que, como faço, quanto, onde está, cadê, alguém sabe, podem, poderiam, vocês podem
        o que aconteceu
    """,
    Cue.REQUEST: """
        por favor, ajuda, me ajudem, me ajuda, ajudem, preciso, precisamos, preciso de ajuda, solicito, exijo
        quero meu|minha|o, reembolso, estorno, respondam, socorro, solução, devolução
    """,
    Cue.SPREAD: """
        não comprem, não viajem, não recomendo, evitem, cuidado com, recomendo, mais alguém, fujam, boicote
    """,
    Cue.OWN: """
        meu|minha|meus|minhas|nosso|nossa voo|trem|comboio|conta|pacote|encomenda|pedido|mala|bagagem
        meu|minha|meus|minhas|nosso|nossa cartão|telefone|celular|telemóvel|dinheiro|fatura|contrato|linha
        meu|minha|meus|minhas|nosso|nossa internet|reserva|filho|filha|mãe|pai|bebê|bebé, me cobraram, comprei, paguei
        recebi
    """,
    Cue.SELF: "eu, me, meu, minha, nós, nos, nosso, nossa",
    Cue.YOU: "você, vocês, seu, sua, vos, vosso",
    Cue.DANGER: """
        pegou fogo, incêndio, em chamas, explodiu, ferido, ferida, feridos, hospital, ambulância, reação alérgica
        perigoso, perigo, hackeado, hackeada, hackearam, invadiram ... conta, vazamento de dados, racista, racismo
        discriminação, discriminado, discriminada, assediada, assediado, assédio, ameaçou, ameaçado, ameaçada, agrediu
        suicídio, vazamento de gás, cheiro de gás, insulina
    """,
    Cue.VULNERABLE: """
        bebê, bebé, criança, crianças, grávida, cadeira de rodas, deficiente, deficiência, idoso, idosa, avó, remédios
        medicamentos, doente
    """,
    Cue.STUCK: """
        preso no|na|em, presa no|na|em, presos no|na|em, retido, retidos, voo ... cancelado, cancelaram ... voo
        voos cancelados, perdi ... voo|conexão, perdemos ... voo|conexão, horas de atraso, horas de espera
        horas esperando, há horas, sem luz, sem energia, sem água
    """,
    Cue.MONEY: """
        cobrado duas vezes, cobraram duas vezes, cobrança dupla, cobrança indevida, me cobraram, meu dinheiro, estorno
        reembolso, devolvam, cobrado a mais, debitado
    """,
    Cue.LOCKED_OUT: """
        conta ... bloqueada|suspensa|encerrada, cartão ... bloqueado, não consigo entrar, não consigo acessar
        não consigo aceder
    """,
    Cue.DOWN: "sem internet, sem serviço, sem sinal, fora do ar, sem conexão, caiu, apagão",
    Cue.LEAVING: """
        nunca mais, vou cancelar, vou mudar, cancelar meu|minha conta|contrato|plano, vou para a concorrência
    """,
    Cue.THREAT: """
        advogado, processar, processo, procon, anatel, anac, justiça, denúncia, denunciar, tribunal, reclame aqui
        deco, polícia, imprensa
    """,
    Cue.NOW: "agora, hoje, esta noite, urgente, urgentemente, imediatamente, neste momento",
    Cue.IRONIC: "obrigado, obrigada, parabéns, ótimo, excelente, perfeito, bravo, que bom",
    Cue.SINCERE: """
        mas, apesar, rápido, rápida, resolvido, resolver, resolveram, ajuda, ajudaram, encontraram, por favor
    """,
    Cue.SCORN: "obrigado por nada, obrigada por nada, parabéns pelo|pela atraso|demora|descaso|péssimo|péssima",
}
