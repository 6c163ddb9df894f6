"""
The morning of Tuesday 10 March 2026, 08:00 to 10:30, and what must come of it.

A catering truck has met the wing of LK207. The policy is the one that ships:
a critical case is promised its first reply within 10 minutes and the next
ones within 20, every other within 60 and 120. Times are UTC.
"""

from typing import Any, Final

from infra.demo import airline as a
from infra.demo import facebook, x
from infra.demo.airline import FACEBOOK, X, clock
from infra.demo.numbers import Numbers
from infra.demo.script import (
    AgentAct,
    Delivery,
    Moment,
    ScriptLine,
    SignedWith,
    Told,
    Visit,
    again,
    answered_comment,
    answered_message,
    answered_on_x,
    answered_rating,
    changed_on_x,
    commented,
    messaged,
    messaged_on_x,
    posted,
    rated,
    removed,
    sealed,
    told,
    wrote,
)

BEGINS: Final = clock("08:00:00")
ENDS: Final = clock("10:30:00")
AGENT: Final = "ines"
ON_CALL: Final = "Jonas"

# --- before eight ----------------------------------------------------------------------------------------------------

TIMETABLE = facebook.PagePost(number=9101, at=clock("07:00:00"))
SNOW = x.XPost(at=clock("07:31:00"), by=a.AIRLINE_ON_X, text="Snow at Tromsø has cleared. Everything runs on time.")

# --- what people write -----------------------------------------------------------------------------------------------

QUEUE = x.XPost(
    at=clock("08:00:40"),
    by=a.RUAIRI,
    text="Good morning to everyone at Leeds gate 9, and to the Larkspur boarding queue, which by now has its own "
    "weather.",
)
RABBIT = x.XPost(
    at=clock("08:02:15"),
    by=a.YUSRA,
    text="@larkspurair the crew of LK334 found my son's stuffed rabbit and sent us a photo of it in the captain's "
    "seat. Thank you so much, whoever you are.",
)
CASES = facebook.Comment(
    at=clock("08:03:20"),
    by=a.MARGUERITE,
    on=TIMETABLE,
    text="Two of our suitcases are still missing from LK112 on Sunday. Could somebody ring? The blue one has all my "
    "sheet music in it.",
)
TRUCK = x.XPost(
    at=clock("08:06:30"),
    by=a.AIRLINE_ON_X,
    text="LK207 Leeds to Bergen: a catering truck has touched our wing. Engineers are looking at it now. We are "
    "sorry, and will tell you here what they say.",
)
TOUCHED = x.XPost(
    at=clock("08:08:10"),
    by=a.TOMASZ,
    below=TRUCK,
    text="“Touched” is a lovely word for it. I can see the dent from 14C.",
)
WATER = x.XPost(
    at=clock("08:09:05"),
    by=a.SAOIRSE,
    text="@larkspurair stuck on board LK207 at Leeds for over an hour, no water, and a baby in row 9 who has run out "
    "of milk. Can somebody come?",
)
TARMAC = x.XPost(
    at=clock("08:10:20"),
    by=a.IDRIS,
    text="@larkspurair LK207 is still sitting at the stand. Is my connection in Bergen gone, yes or no? I can take "
    "a no.",
)
FERRY = x.XPost(
    at=clock("08:11:00"),
    by=a.BEATRIZ,
    below=TRUCK,
    text="Will we make the 13:40 ferry from Bergen?",
)
ROW_22 = facebook.PagePost(
    number=9144,
    by=a.DESMOND,
    at=clock("08:11:40"),
    text="Row 22 of LK207 here. We have elected a mayor. His first act was to ask when we leave.",
)
INSULIN = x.XPost(
    at=clock("08:14:05"),
    by=a.OTTOLINE,
    text="@larkspurair I am diabetic, stuck on board LK207, and my insulin is in the bag you took from me at the "
    "gate. Please, who do I ask?",
)
BISCUITS = x.XPost(
    at=clock("08:16:10"),
    by=a.HANNEKE,
    below=INSULIN,
    text="There is juice with me in 9B, and a box of biscuits. Shall I bring them?",
)
WHEELCHAIR = facebook.MessengerMessage(
    at=clock("08:17:30"),
    by=a.GWENDOLYN,
    to=a.AIRLINE_ON_FACEBOOK,
    text="My father is in a wheelchair, stuck at gate B2. The assistance never came and LK112 is boarding now.",
)
THIRD_TIME = facebook.Comment(
    at=clock("08:18:00"),
    by=a.PRIYA,
    on=TIMETABLE,
    text="New timetable, same delays. This is the third time this month that I sit here with cold coffee.",
)
OFF = x.XPost(at=clock("08:19:00"), by=a.LEOPOLD, text="@larkspurair is LK207 canelled?")
OFF_EDITED = x.XPost(at=clock("08:20:30"), by=a.LEOPOLD, text="@larkspurair is LK207 cancelled?", edits=OFF)
STARS = facebook.Rating(
    at=clock("08:20:50"),
    by=a.BARTHOLOMEW,
    stars=2,
    text="Two stars: one for the captain, who reads us the crossword, and one for 14 down.",
)
COFFEE = x.XPost(
    at=clock("08:26:00"), by=a.GWYN, text="@larkspurair is the coffee machine at gate 9 broken too, or only asleep?"
)
MAYOR = facebook.Comment(
    at=clock("08:29:00"),
    by=a.LUCA,
    on=ROW_22,
    text="I did not vote for him. When do we leave?",
)
TRAVEL = x.XPost(
    at=clock("08:31:00"),
    by=a.FEMI,
    text="Two hours on a plane that is not flying, with @larkspurair. The crew are kind and were told nothing. Is "
    "there anybody at the airline who knows more?",
)
GOT_IT = x.XPost(
    at=clock("08:36:20"),
    by=a.OTTOLINE,
    below=x.XPost(at=clock("08:28:30"), by=a.AIRLINE_ON_X, text="", below=INSULIN),
    text="The purser came with the bag herself. All is well. Thank you for being quick.",
)
CANCELLED = x.XPost(
    at=clock("08:56:00"),
    by=a.AIRLINE_ON_X,
    text="LK207 is cancelled: the wing needs a part from Oslo. Desk 4 is rebooking everyone. There will be breakfast, "
    "and it is on us.",
)
WEDDING = x.XPost(
    at=clock("08:59:20"),
    by=a.NELL,
    below=CANCELLED,
    text="My sister marries in Bergen at four. If I miss the wedding I would like it in writing that it was a truck.",
)
REBOOKED = facebook.MessengerMessage(
    at=clock("09:06:00"),
    by=a.OONA,
    to=a.AIRLINE_ON_FACEBOOK,
    text="Hello, am I rebooked? Booking LKQ7ZT, two adults and a cello.",
)
ONE_PEN = facebook.Comment(
    at=clock("09:10:00"),
    by=a.SUNNIVA,
    on=TIMETABLE,
    text="The woman at desk 4 rebooked 180 of us with one pen and never once raised her voice. Wonderful. Thank you.",
)
SEAT = x.XPost(
    at=clock("09:20:00"),
    by=a.GWYN,
    text="@larkspurair you charged my card twice for the seat on the flight that stayed at home. One refund will do. "
    "Two if you are feeling sorry.",
)
DEPARTED = x.XPost(
    at=clock("09:33:00"),
    by=a.IDRIS,
    text="@larkspurair your refund form says that LK207 has departed. I am looking at it. Who is right?",
)
FERRY_ANSWER = x.XPost(
    at=clock("08:46:00"), by=a.AIRLINE_ON_X, below=FERRY, text="We will know at nine. There is another at 15:10."
)
FERRY_GONE = x.XPost(
    at=clock("09:51:00"),
    by=a.BEATRIZ,
    below=FERRY_ANSWER,
    text="For the record: the new flight lands at 13:55. The ferry is a punctual one.",
)
ADDRESS = x.DirectMessage(
    at=clock("10:08:00"),
    by=a.YUSRA,
    to=a.AIRLINE_ON_X,
    text="Here is our address for the rabbit: 4 Chandler's Row, Otley. He travels best by window.",
)
MAYOR_RESIGNS = facebook.Comment(
    at=clock("10:12:00"),
    by=a.DESMOND,
    on=ROW_22,
    text="The mayor has resigned and is on the bus to Manchester. Where do the rest of us go?",
)

# --- answers through Earshot -----------------------------------------------------------------------------------------

BERGEN = "Jonas rang Bergen: both suitcases are there."
NOTE = "Rang the cabin: the purser has the bag tag."
INES_TO_OTTOLINE = (
    "Ottoline, this is Ines at Larkspur. The purser of LK207 knows and is fetching your bag from the hold now. "
    "If you feel unwell before it comes, press the call bell and say insulin."
)
INES_TO_MARGUERITE = (
    "Mrs Tollander, I am sorry that nobody rang. Both suitcases are in Bergen and fly to Leeds tonight; a courier "
    "brings them to you tomorrow before ten. I will ring at noon. Ines, Larkspur Airways"
)


def _acts(at: str, channel: str, message_id: str, text: str, action: dict[str, Any]) -> tuple[AgentAct, ...]:
    line = ScriptLine(about=Told.ACTED, who=AGENT, text=text)
    return (AgentAct(at=clock(at), channel=channel, message_id=message_id, action=action, line=line),)


def _visits(at: str, author: a.InventedPerson, text: str, title: str, *, presses: bool = False) -> tuple[Visit, ...]:
    line = ScriptLine(about=Told.TAKEN, who=ON_CALL, text=text)
    return (Visit(at=clock(at), group="on-call", author=author.name, title=title, line=line, presses=presses),)


def _nothing(at: str, channel: str, who: a.InventedPerson, body: bytes, text: str) -> tuple[Delivery, ...]:
    name = f"@{who.handle}" if who.handle else who.name
    return told(clock(at), channel, body, name, text, Told.NOTHING)


_QUEUE_HEARD = wrote(QUEUE, x.stream(QUEUE))
_PRANK = x.XPost(at=clock("08:24:10"), by=a.GWYN, text="@larkspurair refund everybody. Yours, the CEO")
_FREE_FLIGHTS = facebook.Comment(at=clock("08:24:30"), by=a.LUCA, on=TIMETABLE, text="Free flights for all!")
_NEW_KIND = b'{"meta":{"sent":"2026-03-10T08:23:00Z"},"digest":[{"post":"1"},{"post":"2"}]}'

# fmt: off
_MORNING: Final[tuple[tuple[Moment, ...], ...]] = (
    # 08:00, nothing is wrong yet
    _QUEUE_HEARD,
    wrote(RABBIT, x.account_activity(RABBIT), x.activity(RABBIT, "post.mention.create")),
    commented(CASES),
    _nothing("08:04:00", X, a.IDRIS, x.liked(a.IDRIS, SNOW, clock("08:04:00")), "a like"),
    _nothing("08:04:30", FACEBOOK, a.OONA, facebook.reacted(a.OONA, TIMETABLE, "angry", clock("08:04:30")),
             "an angry face"),
    # the truck
    wrote(TRUCK, x.account_activity(TRUCK)),
    wrote(TOUCHED, x.account_activity(TOUCHED), x.activity(TOUCHED, "post.reply.create")),
    wrote(WATER, x.activity(WATER, "post.mention.create"), x.stream(WATER)),
    wrote(TARMAC, x.account_activity(TARMAC)),
    wrote(FERRY, x.activity(FERRY, "post.reply.create"), x.account_activity(FERRY)),
    posted(ROW_22),
    _nothing("08:12:20", X, a.GWYN, x.repost(a.GWYN, TRUCK, clock("08:12:20")), "a repost"),
    wrote(INSULIN, x.account_activity(INSULIN), x.activity(INSULIN, "post.mention.create"), x.stream(INSULIN)),
    answered_on_x(WATER, "Saoirse, water and warm milk are on the steps now. Sorry.", clock("08:15:30")),
    wrote(BISCUITS, x.activity(BISCUITS, "post.reply.create")),
    messaged(WHEELCHAIR),
    commented(THIRD_TIME),
    wrote(OFF, x.account_activity(OFF)),
    changed_on_x(OFF_EDITED, "mends a typing mistake"),
    rated(STARS),
    answered_on_x(QUEUE, "We noticed. Umbrellas and engineers are on the way.", clock("08:21:20")),
    answered_message(WHEELCHAIR, "Jonas from our team is on his way to B2, and LK112 waits for you both.",
                     clock("08:22:10")),
    told(clock("08:23:00"), X, _NEW_KIND, "X", "signed, but in a form nobody has seen before", Told.TROUBLE),
    sealed(wrote(_PRANK, x.account_activity(_PRANK)), SignedWith.FORGED, "signed with a key that is not X's"),
    sealed(commented(_FREE_FLIGHTS), SignedWith.NONE, "not signed at all"),
    wrote(COFFEE, x.stream(COFFEE)),
    # 08:25, the first page: Ines takes over
    _acts("08:26:20", X, INSULIN.id, "takes the case", {"action": "assign", "to": AGENT}),
    _acts("08:27:10", X, INSULIN.id, f"notes: {NOTE}", {"action": "note", "text": NOTE}),
    _acts("08:28:30", X, INSULIN.id, INES_TO_OTTOLINE, {"action": "reply", "text": INES_TO_OTTOLINE}),
    commented(MAYOR),
    wrote(TRAVEL, x.account_activity(TRAVEL), x.activity(TRAVEL, "post.mention.create")),
    again(_QUEUE_HEARD[0], clock("08:33:00")),
    answered_on_x(RABBIT, "The captain is sorry to lose his first officer. Send us your address?", clock("08:34:00")),
    wrote(GOT_IT, x.activity(GOT_IT, "post.reply.create")),
    _acts("08:40:00", X, INSULIN.id, "resolves the case", {"action": "resolve"}),
    answered_on_x(TOUCHED, "Fair. The engineers call it a dent too, and are measuring it.", clock("08:41:00")),
    answered_on_x(TARMAC, "It is a no, and we are sorry: 11:20 via Oslo is yours if you like.", clock("08:44:00")),
    wrote(FERRY_ANSWER, x.account_activity(FERRY_ANSWER)),
    answered_on_x(BISCUITS, "You are better at this than we are. Thank you, Hanneke.", clock("08:47:00")),
    answered_on_x(OFF, "Not yet. We will say so here first, before the boards do.", clock("08:49:00")),
    commented(facebook.Comment(at=clock("08:50:00"), by=a.AIRLINE_ON_FACEBOOK, on=ROW_22,
                               text="Our congratulations to the mayor. An answer to his question at nine.")),
    removed(THIRD_TIME, clock("08:55:00"), "deletes the comment: its text goes, and so does the clock"),
    wrote(CANCELLED, x.account_activity(CANCELLED)),
    answered_rating(STARS, "14 down is “patience”. The captain says hello.", clock("08:58:00")),
    wrote(WEDDING, x.activity(WEDDING, "post.reply.create"), x.account_activity(WEDDING)),
    answered_on_x(COFFEE, "It has gone to Oslo with the wing part. Desk 4 has a kettle.", clock("09:05:00")),
    messaged(REBOOKED),
    # Marguerite was promised an answer by 09:03:20. On-call says "I am on it": nobody else is called for half an hour
    _visits("09:06:40", a.MARGUERITE, "opens the link in the page:", "A customer waits"),
    _visits("09:07:00", a.MARGUERITE, "I am on it. The page says:", "Somebody is on it", presses=True),
    answered_comment(MAYOR, "12:15 from gate 4, with or without a mandate.", clock("09:08:00")),
    commented(ONE_PEN),
    answered_message(REBOOKED, "You are: 12:15, all three of you. The cello has a window.", clock("09:12:00")),
    wrote(SEAT, x.account_activity(SEAT)),
    _acts("09:21:00", FACEBOOK, CASES.id, f"notes: {BERGEN}", {"action": "note", "text": BERGEN}),
    wrote(DEPARTED, x.activity(DEPARTED, "post.mention.create")),
    answered_on_x(WEDDING, "The 12:15 lands at 13:55 and a taxi waits for you. In writing: it was a truck.",
                  clock("09:36:00")),
    answered_on_x(TRAVEL, "Now we do: cancelled, 12:15 instead. You should have heard at seven.", clock("09:40:00")),
    # nobody has told Marguerite, so at 09:37 the care lead was called; the answer ends it for both
    _acts("09:44:00", FACEBOOK, CASES.id, INES_TO_MARGUERITE, {"action": "reply", "text": INES_TO_MARGUERITE}),
    wrote(FERRY_GONE, x.account_activity(FERRY_GONE)),
    answered_comment(ONE_PEN, "Her name is Agnes. We have bought her a second pen.", clock("09:52:00")),
    messaged_on_x(ADDRESS),
    commented(MAYOR_RESIGNS),
    _nothing("10:24:00", X, a.NELL, x.followed(a.NELL, clock("10:24:00")), "follows us"),
)
# fmt: on
MORNING: Final = tuple(sorted((moment for group in _MORNING for moment in group), key=lambda moment: moment.at))

# The one place where the numbers stand; "late", "overdue" and "cancelled" are named so that a reader can follow.
EXPECTED: Final = Numbers(
    received=63,  # all that is listed but the two refused, and the echoes of the two answers through Earshot
    refused=2,
    quarantined=1,
    cases=23,
    met=16,  # first replies of all the others
    late=3,  # Ottoline 08:24, Marguerite 09:03, Femi 09:31
    overdue=1,  # Gwyn's seat 10:20
    waiting=4,  # Idris on his refund, Yusra in private; a next reply for Beatriz and for Desmond
    cancelled=2,  # Priya deleted hers; Ottoline's thanks, resolved
    warnings=5,  # the three late ones, the seat at 10:05, the refund at 10:18
    pages=5,  # one for each late or overdue case, and the care lead for Marguerite at 09:37
    acknowledged=1,  # by Jonas, for Marguerite, 09:07 to 09:37
    notices=4,  # to all who were paged for the three late ones
    replied=2,
    given_up=0,
)
