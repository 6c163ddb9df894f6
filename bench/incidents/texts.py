"""
What invented people write to an invented airline: on any day, and when something breaks.

`{…}` is filled from `SLOTS`. Nothing here was ever written by anybody.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

SLOTS: Final[Mapping[str, Sequence[str]]] = {
    "city": ("Harwick", "Ostmere", "Velden", "Brackley", "Saltmoor", "Tarnow Bay", "Quillon", "Marchfeld", "Lindby"),
    "flight": tuple(f"LK{number}" for number in range(110, 960, 17)),
    "hours": ("two", "three", "four", "5", "6", "nearly three", "over two"),
    "mins": ("20", "35", "40", "45", "50", "90"),
    "days": ("three", "four", "5", "nine", "ten", "two weeks'"),
    "money": ("40", "65", "120", "180", "240", "310"),
    "seat": ("14C", "22A", "7F", "31D", "18B", "9E"),
    "who": ("my mum", "my husband", "my kids", "my wife", "my dad", "my sister", "a friend", "our group"),
    "open": ("", "", "", "", "Hi, ", "Hello, ", "Seriously, ", "Hey, ", "So ", "Ugh. ", "OK so ", "Wow. "),
    "close": (
        *("", "", "", "", "", ""),
        *(" Any help?", " Please advise.", " Not impressed.", " Thanks.", " What now?", " Can someone look into this?"),
        *(" #travel", " 😡", " 🙄", " Poor show.", " Never again.", " Cheers."),
    ),
}

GRUMBLES: Final = (
    "{open}{flight} from {city} is delayed {hours} hours and nobody tells us anything.{close}",
    "{open}sitting at the gate in {city} for {mins} minutes now, no announcement.{close}",
    "{open}my suitcase did not arrive in {city}. It has been {days} days.{close}",
    "{open}you lost my bag on {flight} and the form online does not accept my tag number.{close}",
    "{open}still waiting for my refund of {money} euros, {days} days after you promised it.{close}",
    "{open}you charged {money} for a cabin bag that was fine on the way out.{close}",
    "{open}the crew on {flight} was so rude to {who}.{close}",
    "{open}your hotline kept me on hold for {mins} minutes and then hung up.{close}",
    "{open}I have been waiting {days} days for an answer to my email.{close}",
    "{open}seat {seat} was broken and filthy on {flight}.{close}",
    "{open}the food on {flight} was cold and there was no vegetarian meal left.{close}",
    "{open}why did you change my flight to {city} without asking?{close}",
    "{open}missed my connection in {city} because {flight} was late. Who pays for the hotel?{close}",
    "{open}queue at the check-in in {city} is a joke, {mins} minutes and two desks open.{close}",
    "{open}the app keeps logging me out when I look for my boarding pass.{close}",
    "{open}cannot add a bag to my booking on the website, error every time.{close}",
    "{open}forgot my password and the reset mail never comes.{close}",
    "{open}paid with my card and got no confirmation for {city}.{close}",
    "{open}my points from {flight} are still missing in my account.{close}",
    "{open}the lounge in {city} was closed although your site says it opens at six.{close}",
    "{open}no wifi on {flight} again although I paid {money} for it.{close}",
    "{open}{who} needs a wheelchair in {city} and nobody came for {mins} minutes.{close}",
    "{open}{flight} cancelled an hour before take-off. Rebooked for tomorrow. Great.{close}",
    "{open}why is the price for {city} {money} higher than yesterday?{close}",
    "{open}toilet blocked on {flight} for the whole flight.{close}",
    "{open}stroller of {who} came out damaged in {city}.{close}",
    "{open}the screens on {flight} did not work, {hours} hours of nothing.{close}",
    "{open}the online check-in says my passport is invalid. It is not.{close}",
    "{open}boarding in {city} was chaos, no groups, everybody pushing.{close}",
    "{open}your chat bot just sends me round in circles about {flight}.{close}",
    "{open}was promised a voucher of {money} in {city}, nothing came.{close}",
    "{open}gate changed three times in {city}, {who} almost missed {flight}.{close}",
    "{open}air conditioning broken on {flight}, like an oven in there.{close}",
    "{open}you separated {who} and me though we booked {seat} together.{close}",
    "{open}the invoice for {flight} has the wrong name and support ignores me.{close}",
    "{open}upgrade to business paid, got {seat} in economy. Where is my {money}?{close}",
    "{open}luggage belt in {city} took {mins} minutes. Unreal.{close}",
    "{open}your payment page asked for my card again, is my booking of {money} safe?{close}",
    "{flight} hat {hours} Stunden Verspätung und keiner sagt was.{close}",
    "Mein Koffer ist seit {days} Tagen verschwunden. Wann kommt er?{close}",
    "Die Hotline in {city} geht nicht ran, {mins} Minuten Warteschleife.{close}",
    "Warte immer noch auf meine Erstattung von {money} Euro.{close}",
    "Das Personal auf {flight} war sehr unfreundlich.{close}",
    "Kann auf der Webseite kein Gepäck dazubuchen, Fehlermeldung.{close}",
    "Sitz {seat} war kaputt und das Essen kalt.{close}",
    "Warum wurde mein Flug nach {city} geändert?{close}",
    "Mi maleta no llegó a {city}, ya van {days} días.{close}",
    "El vuelo {flight} con {hours} horas de retraso y nadie informa.{close}",
    "Sigo esperando mi reembolso de {money} euros.{close}",
    "El personal en {city} fue muy maleducado con nosotros.{close}",
    "Mon bagage n'est pas arrivé à {city} depuis {days} jours.{close}",
    "Le vol {flight} a {hours} heures de retard, aucune information.{close}",
    "Toujours pas de remboursement de {money} euros.{close}",
    "Service client injoignable depuis {mins} minutes.{close}",
)
QUESTIONS: Final = (
    "{open}can I take a guitar on board of {flight}?{close}",
    "{open}is {flight} on time today?{close}",
    "{open}how do I change the name on a booking to {city}?{close}",
    "{open}do you still fly to {city} in winter?{close}",
    "{open}what is the weight limit for a cabin bag?{close}",
    "{open}which terminal do you use in {city}?{close}",
    "{open}can {who} use my points for a flight to {city}?{close}",
    "{open}when do you open sales for summer to {city}?{close}",
    "{open}is there a vegan meal on {flight}?{close}",
    "{open}where do I find the invoice of my booking?{close}",
    "{open}how early should I be in {city} for {flight}?{close}",
    "Fliegt ihr im Winter noch nach {city}?{close}",
    "Wie viel Handgepäck darf ich auf {flight} mitnehmen?{close}",
    "¿Puedo cambiar el nombre en mi reserva a {city}?{close}",
    "Quelle est la taille maximale du bagage cabine ?{close}",
)
PRAISE: Final = (
    "Thanks to the lovely crew of {flight}, {who} had a great birthday on board!",
    "Smooth flight to {city} today, thank you!",
    "Big shout out to the desk in {city}, they found my bag in {mins} minutes. Brilliant!",
    "{flight} landed early and the coffee was good. Well done.",
    "Best service in years, thank you so much!",
    "Love the new seats on {flight}.",
    "Danke an das tolle Team auf {flight}!",
    "Super Service in {city}, vielen Dank!",
    "Gracias por la ayuda en {city}, excelente servicio!",
    "Merci à l'équipage de {flight}, parfait !",
)
CHATTER: Final = (
    "On my way to {city} with {flight}.",
    "Back from {city}, what a week.",
    "Window seat {seat} on {flight}, clouds everywhere.",
    "Just saw one of your new planes over {city}.",
    "Wieder in {city}, schönes Wetter.",
)

LOGIN_DOWN: Final = (
    "is the app down? can't log in since nine",
    "Your app won't let me sign in, just spins and spins",
    "login broken for anyone else?",
    "cannot log in to get my boarding pass, app says unknown error",
    "App down again?! I need my boarding pass in 20 minutes",
    "getting error 503 when I sign in",
    "the app crashes right after I type my password",
    "locked out of my account, the login page just reloads",
    "Anyone else unable to log into the app this morning?",
    "what's going on with your login? keeps saying session expired",
    "Tried three times to sign in, app freezes at the logo",
    "app not loading at all, stuck on white screen",
    "your login server seems to be dead",
    "can't access my booking, app throws an error as soon as I log in",
    "Sign in fails on phone and on laptop. outage?",
    "please fix the app, I cannot check in without logging in",
    "Error 503 on the app, is there an outage?",
    "App login has been failing for half an hour",
    "my boarding pass is in the app and the app won't open",
    "log in page says service unavailable",
    "same here, app login not working",
    "Same problem, can't sign in either",
    "me too, error when logging in",
    "+1 app is down for me as well",
    "app outage?? everybody at the gate is trying to log in",
    "seriously your app picked today to stop working? login loop",
    "nobody at gate B7 can open their boarding pass, app login down",
    "I am logged out and it will not accept my password any more",
    "Reset my password twice, login still says error",
    "the sign-in button does nothing, app useless today",
)
DOUBLE_CHARGE: Final = (
    "you charged my card twice for one booking",
    "I see two payments of {money} for the same ticket on my card",
    "Double charged! Same amount taken two times",
    "my bank shows the booking to {city} debited twice",
    "why did you take {money} twice?",
    "duplicate charge on my credit card from you, please refund one",
    "Charged double for {flight}, want the second payment back",
    "booked once, paid twice. Great system",
    "two identical charges of {money} from your airline today",
    "Your site billed me twice, confirmation came only once",
    "was charged two times for the same seats",
    "card charged twice, one booking only, who do I call?",
    "the payment went through twice, please cancel the duplicate",
    "Same here, double charge on my card",
    "also billed twice, is this a known problem?",
    "my account is overdrawn because you debited the fare twice",
    "got billed double for {city}",
    "duplicate payment for {flight}, card statement shows both",
)
BELT_HARWICK: Final = (
    "no bags at all in Harwick, the belt has stopped",
    "Harwick baggage belt broken, two hundred people waiting",
    "standing at belt 4 in Harwick for an hour, not a single suitcase",
    "what is wrong with the luggage in Harwick? nothing is coming out",
    "belt in Harwick stands still and no staff anywhere",
    "Harwick arrivals: conveyor dead, everybody waits for bags",
    "Landed in Harwick with {flight} an hour ago, still no luggage on the belt",
    "baggage system failure in Harwick they say. How long?",
    "whole of {flight} is waiting at the belt in Harwick",
    "Harwick airport, luggage belt out of order, no information",
    "same here in Harwick, no suitcases since noon",
    "we are also stuck at the Harwick belt, kids are tired",
    "bags from {flight} stuck somewhere under Harwick, belt does not move",
    "Conveyor belt in Harwick broken again",
    "hundreds of us in the Harwick baggage hall",
)
PAYMENT_PAGE: Final = (
    "your payment page times out at the last step",
    "cannot pay for my booking, checkout just hangs",
    "checkout error: payment declined although my card is fine",
    "Tried two cards, payment page freezes on submit",
    "booking fails at payment every single time today",
    "payment gateway down? checkout says try later",
    "Anyone else unable to pay on the site?",
    "the pay button does nothing, checkout broken",
    "can't complete checkout, spinner forever after entering card",
    "Paying with card fails with timeout since this morning",
    "checkout keeps rejecting my card, bank says all good on their side",
    "same, payment step times out here too",
    "payment page returns an error 502",
    "want to book to {city} but checkout is dead",
    "payment times out and the fare is gone up meanwhile",
)
SITE_DOWN: Final = (
    "your website is down, 503 everywhere",
    "booking site shows service unavailable",
    "cannot open the website to check in for tomorrow, error 503",
    "site down? tomorrow 6 am flight and no online check-in",
    "The website gives me a blank page since eleven",
    "503 when I try to check in online",
    "is your whole site offline?",
    "website unreachable, need to check in now",
    "Online check-in not available, site error",
    "same here, website does not load",
    "page says service unavailable, when will the site be back?",
    "your website crashed in the middle of my check-in",
    "site is offline on phone and on computer",
    "error 503 on the check-in page",
    "unable to reach your website tonight",
)
LOGIN_GERMAN: Final = (
    "Eure App lässt mich nicht einloggen",
    "Login in der App kaputt? Komme nicht rein",
    "Anmeldung in der App geht seit heute morgen nicht",
    "Störung bei der App? Fehler beim Anmelden",
    "Kann mich nicht anmelden, App hängt",
    "Die App meldet Fehler 503 beim Login",
    "Ist die App down? Brauche meine Bordkarte",
    "App stürzt ab sobald ich mein Passwort eingebe",
    "komme nicht an meine Bordkarte, Anmeldung schlägt fehl",
    "bei mir auch, Login in der App funktioniert nicht",
    "Hier ebenfalls Störung, App Anmeldung unmöglich",
    "Warum kann ich mich nicht mehr einloggen?",
    "Die Anmeldung lädt und lädt, App unbrauchbar",
    "App-Login defekt, stehe am Gate ohne Bordkarte",
    "Fehlermeldung beim Einloggen, was ist los mit der App?",
)

_PREFIXES: Final = ("", "", "", "", "Hi, ", "Hey ", "Hello? ", "Guys, ", "ok so ", "Ugh, ")
_SUFFIXES: Final = (
    *("", "", "", "", "", "!", "!!", "?", " 😡", " please help", " fix this", " any update?", " what is going on"),
    *(" I have a flight to catch", " seriously", " thanks for nothing", " how long will it take", " hello???"),
)


def filled(template: str, dice: Random) -> str:
    """The template with a value in each slot."""
    for name, values in SLOTS.items():
        while (slot := f"{{{name}}}") in template:
            template = template.replace(slot, dice.choice(values), 1)
    return template


def worded(templates: Sequence[str], dice: Random) -> str:
    """One of them, begun and ended as people do."""
    return f"{dice.choice(_PREFIXES)}{filled(dice.choice(templates), dice)}{dice.choice(_SUFFIXES)}"
