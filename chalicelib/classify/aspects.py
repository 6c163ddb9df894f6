"""
Which parts of the experience a text is about, and whether it speaks well of each.

"Great food, 45 minutes for our lunch": the clause gives each its tone. English
words only; what is not said in them has no aspects here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from chalicelib.classify.confidence import confidence
from chalicelib.classify.cues import Cue
from chalicelib.classify.match import Reading
from chalicelib.classify.phrases import FoundPhrase, Phrases
from chalicelib.classify.tone import Tone, Weighed
from chalicelib.domain.labels import Aspect, AspectName, Label, Sentiment

# Words of a matter; 0 stands for every number. After "|" those that are trouble in themselves: who waits for pleasure?
_LISTINGS: Final[Mapping[AspectName, str]] = {
    AspectName.STAFF: """
        staff, crew, cabin crew, waiter, waiters, waitress, waitresses, server, servers, bartender, bartenders
        manager, managers, host, hostess, agent, agents, employee, employees, representative, rep, reps, cashier
        chef, owner, owners, driver, drivers, pilot, flight attendant, flight attendants, attendant, attendants
        receptionist, clerk, technician, support, customer service, customer care, service, helpdesk, help desk
        hotline, call centre, call center, chat bot, chatbot, team, sommelier, busboy, maitre d, personnel
        service staff, wait staff, waitstaff, doorman, security guard, delivery man, delivery guy
        | rude, unhelpful, hung up, hung up on me, ignored us, ignores me, ignored me
    """,
    AspectName.WAITING: """
        wait, waiting time, wait time, line, lines, queue, queues, seated, reservation, reservations, on time
        prompt, promptly, quick, quickly, fast, speedy, no waiting, response time
        | waited, waiting, still waiting, delay, delays, delayed, late, slow, slowly, forever, on hold, ages
        took ages, 0 minutes for, 0 minutes to, 0 hours for, 0 hours to, 0 minutes late, 0 hours late
        0 hours delayed, 0 hour wait, 0 minute wait, an hour for, an hour to, half an hour, over an hour
        for an hour, took 0 minutes, took 0 hours, took an hour, took forever, for 0 minutes, for 0 hours
        for 0 days, 0 days for, no answer, no reply, no response, never replied, not replied, nobody answers
        cancelled, canceled, no announcement
    """,
    AspectName.PRICE: """
        price, prices, priced, pricing, cost, costs, charge, charges, fee, fees, bill, bills, expensive, cheap
        cheaper, cheapest, overpriced, inexpensive, affordable, value, money, worth the price, worth the money
        dollars, bucks, euros, pounds, deal, deals, discount, discounts, coupon, voucher, vouchers, refund, refunds
        refunded, fare, fares, invoice, reasonable, reasonably, pricey, payment, payments, subscription, price tag
        budget
        | charged twice, double charged, charged double, billed twice, billed double, double charge
        duplicate charge, debited twice, paid twice, two payments, duplicate payment, overcharged, hidden fees
        rip off, ripoff, rip-off
    """,
    AspectName.PRODUCT: """
        product, products, quality, item, items, model, device, battery, battery life, screen, keyboard, speaker
        speakers, charger, size, sizes, colour, color, fabric, material, zip, zipper, warranty, selection, choice
        stock
        | defective, faulty, broke after, stopped working, fell apart, torn, out of stock, dented, scratched
    """,
    AspectName.APP: """
        app, application, website, web site, site, web page, webpage, page, login, log in, sign in, signing in
        logging in, check out page, checkout, network, signal, wifi, wi-fi, internet, connection, server
        servers down, update, online check-in, online check in, online booking, payment page, boarding pass
        broadband, coverage, password, booking site, logged out, online, portal, button
        | outage, crash, crashes, crashed, crashing, error, error message, error code, bug, glitch, is down
        are down, app down, site down, freezes, frozen, times out, time out, timeout, unavailable, offline
        not loading, won't load, won't open, blank page, white screen, service unavailable, unreachable
        keeps spinning, cannot log in, can't log in, can't sign in, cannot sign in, won't let me sign in
        logging me out
    """,
    AspectName.DELIVERY: """
        delivery, deliveries, delivered, parcel, parcels, package, packages, shipment, shipping, courier, tracking
        tracking number, luggage, baggage, bag, bags, suitcase, suitcases, belt, conveyor, conveyor belt, carousel
        stroller, order arrived, takeout, take out
        | lost my bag, lost my luggage, never arrived, not arrived, did not arrive, didn't arrive, lost luggage
        lost baggage, wrong address, not delivered, never delivered, no bags, no luggage, no suitcases, damaged
    """,
    AspectName.ACCOUNT: """
        account, accounts, profile, identity, verification, passcode, two factor, points, miles, membership
        passport
        | locked out, locked my account, account locked, hacked, blocked my account, account blocked, suspended
        fraud, phishing, reset mail, forgot my password, session expired, points missing
    """,
    AspectName.FOOD: """
        food, meal, meals, dish, dishes, menu, menus, lunch, dinner, breakfast, brunch, dessert, desserts, appetizer
        appetizers, entree, entrees, pizza, pasta, burger, burgers, sushi, steak, steaks, chicken, beef, pork, lamb
        fish, salmon, tuna, shrimp, lobster, crab, seafood, soup, soups, salad, salads, rice, noodles, noodle, bread
        sauce, sauces, cheese, wine, wines, wine list, beer, beers, drink, drinks, cocktail, cocktails, coffee, tea
        margarita, margaritas, martini, martinis, portion, portions, cuisine, flavor, flavour, flavors, taste
        tasted, tasting, taste buds, ingredients, spicy, delicious, fries, potatoes, vegetables, vegetarian, vegan
        bagel, bagels, roll, rolls, dumplings, curry, naan, tacos, taco, burrito, guacamole, oysters, mussels
        calamari, sandwich, sandwiches, cake, chocolate, ice cream, water, omelette, eggs, kitchen, specials, buffet
        tapas, dim sum, sashimi, duck, meat, meats, plate, plates, course, courses, cooked, ribs, tofu, pancakes
        french toast, wings, crust, toppings, sangria, sake, juice, champagne, bottle, hot dog, hot dogs, filet
        side dishes, sides, rib eye, veal, risotto
        | undercooked, overcooked, stale, raw, burnt, soggy, tasteless, bland, food poisoning, cold food
    """,
    AspectName.PLACE: """
        room, rooms, seat, seats, seating, atmosphere, ambience, ambiance, decor, decoration, decorations, interior
        music, table, tables, bathroom, bathrooms, restroom, toilet, toilets, noise, lighting, lights, view, views
        location, patio, garden, outdoor, space, bar area, dining room, setting, vibe, bed, beds, floor, lobby
        terrace, cozy, cosy, romantic, neighborhood, neighbourhood, parking, lounge, cabin, gate, terminal
        air conditioning, chairs, booth, booths, furniture, walls, window, windows, environment, clean, cleanliness
        upstairs, downstairs, backyard, fireplace, candles, venue, dj
        | dirty, filthy, noisy, loud, cramped, crowded, smelly, too hot, freezing, blocked, uncomfortable, dingy
    """,
    AspectName.RULES: """
        policy, policies, rules, terms, conditions, information, informed, announcement, instructions, contract
        promise, promised, agreement, paperwork, limit
        | nobody tells us, no information, no one informed, nobody informed, not informed, without asking
        misleading, lied, not as advertised, false advertising, never told, no communication, nobody tells
        no notice, no updates
    """,
}
_FAR: Final = 12  # words: what is further away speaks of something else


class _Word(NamedTuple):
    """`is_trouble`: bad by itself."""

    name: AspectName
    is_trouble: bool


@cache
def _phrases() -> Phrases[_Word]:
    return Phrases(_listed(), any_number=True)


def _listed() -> Iterator[tuple[str, _Word]]:
    for name, listing in _LISTINGS.items():
        for is_trouble, half in enumerate(listing.split("|")):
            for phrase in half.replace("\n", ",").split(","):
                yield phrase.strip(), _Word(name, bool(is_trouble))


def judge(reading: Reading, tone: Tone) -> tuple[Aspect, ...]:
    """Each aspect once, in the order of the text; what is said against it outweighs what is said for it."""
    around = _Around(reading, [*tone.praise, *tone.trouble])
    found: dict[AspectName, list[_Heard]] = {}
    for one in _phrases().find(reading.passage):
        found.setdefault(one.value.name, []).append(_heard(one, reading, around))
    return tuple(Aspect(name, _label(heard)) for name, heard in found.items())


class _Around:
    """What carries tone, by the words in which it stands: nobody looks further than `_FAR` words for it."""

    def __init__(self, reading: Reading, weighed: Sequence[Weighed]) -> None:
        self._words = reading.passage.words
        self._weighed = weighed
        self._at: dict[int, list[int]] = {}  # places in `weighed`, by each word
        for place, item in enumerate(weighed):
            for at in range(item.hit.first, item.hit.last + 1):
                self._at.setdefault(at, []).append(place)
        turns = Counter(hit.first for hit in reading.hits(Cue.BUT))
        self._turns = [0, *accumulate(turns[at] for at in range(len(self._words)))]  # before each word

    def near(self, one: FoundPhrase[_Word]) -> list[Weighed]:
        """What carries tone in its clause; else what stands nearest in its sentence, if no other matter is closer."""
        reach = range(one.first - _FAR, one.last + _FAR + 1)
        places = sorted({place for at in reach for place in self._at.get(at, ())})
        spans = [(self._span(one, self._weighed[at]), self._weighed[at]) for at in places]
        apart = [(span, item) for span, item in spans if span is not None]
        clause = self._words[one.first].clause
        within = [item for _, item in apart if self._words[item.hit.first].clause == clause]
        if within or one.value.is_trouble or not apart:
            return within
        return [min(apart, key=lambda each: each[0])[1]]

    def _span(self, one: FoundPhrase[_Word], item: Weighed) -> int | None:
        """So many words it takes to get from one to the other; None when a "but" or a sentence lies between."""
        hit = item.hit
        if self._words[one.first].sentence != self._words[hit.first].sentence:
            return None
        first, last = min(one.last, hit.last), max(one.first, hit.first)
        if last - first >= _FAR or self._turns[last + 1] > self._turns[first]:
            return None
        return max(0, last - first + 1)


class _Heard(NamedTuple):
    """What one mention of an aspect weighs, negative for trouble, and the words that say so."""

    weight: float
    words: tuple[str, ...]


def _heard(one: FoundPhrase[_Word], reading: Reading, around: _Around) -> _Heard:
    said = reading.passage.quote(one.first, one.last)
    near = around.near(one)
    weight = sum(item.weight for item in near)
    if one.value.is_trouble and weight <= 0:
        weight = min(weight, -1.0)
    return _Heard(weight, (said, *reading.quote(item.hit for item in near)))


def _label(heard: list[_Heard]) -> Label[Sentiment]:
    worst, best = min(heard, key=lambda one: one.weight), max(heard, key=lambda one: one.weight)
    chosen = worst if worst.weight < 0 and -worst.weight >= best.weight / 2 else best
    if not chosen.weight:
        return Label(Sentiment.NEUTRAL, 0.5, heard[0].words)
    value = Sentiment.POSITIVE if chosen.weight > 0 else Sentiment.NEGATIVE
    return Label(value, confidence(abs(chosen.weight) / 2), tuple(dict.fromkeys(chosen.words)))
