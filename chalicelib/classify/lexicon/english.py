"""English, the language that is judged best."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.cues import Cue

NEGATIONS: Final = (
    "not|no|never|don't|doesn't|didn't|isn't|wasn't|aren't|weren't|can't|cannot|couldn't|won't|wouldn't|shouldn't|"
    "hasn't|haven't|hadn't|ain't|without|hardly|barely|nobody|neither|nor"
)

ENTRIES: Final[Mapping[Cue, str]] = {
    Cue.IDIOM: """
        insult to injury, jump the gun, jumped the gun, jumping the gun, under the gun, top gun, fingers crossed
        gun control, gun laws, gun law, gun rights, gun violence, gun lobby, suicide attack|attacks|bomber|bombing|squad
        fire sale, black friday, killing it, killed it, to die for, dying to, dressed to kill, hot deal
        you|team|crew|staff|guys|kitchen|band are|is|were|was on fire, the bomb, bath bomb, bath bombs, photo bomb
        break a leg, heart attack burger, fire stick, fire tv, fire tablet, crash course, gate crash, bug bounty
        sick beat, insanely good, crazy good, stupidly good, ridiculously good, wicked good, damn good, hell yes
        lost for words, no problem at all, problem solver, late night, late checkout, better late than never
        kill two birds, sue's, press conference, press release, press the, press and, press on, court side, food court
        tennis court, basketball court, bad boy, hard drive, hard disk, hard copy, slow cooker, dead sea, dead line
        free of charge, charge my phone, charging cable, wireless charging, lost and found, cheap and cheerful
        terms of service, customer service number, customer complaint form, complaints department, complaints team
    """,
    Cue.SUPERB: """
        amazing, awesome, brilliant, excellent, exceptional, fabulous, fantastic, incredible, magnificent, marvelous
        marvellous, outstanding, perfect, perfectly, phenomenal, spectacular, stellar, sublime, superb, terrific
        wonderful, wonderfully, flawless, impeccable, delicious, delightful, delighted, thrilled, best, adore
        ecstatic, love it, love this, love these, love that, love the, love your, love you, loved it, loved the
        loved every, love my, love love, absolutely love, really love, i love, we love, we loved, i loved, blown away
        top notch, first class, world class, five stars, 5 stars, # out of ten, a lifesaver, life saver, made my day
        made our day, went above and beyond, above and beyond, over the moon, hats off, couldn't be happier
        could not be happier, can't praise ... enough, can't recommend ... enough, can't fault, cannot fault
        exceeded|surpassed|beat ... expectations, second to none, so impressed, very impressed, beyond impressed
        well played, chef's kiss, game changer, keep up the great|good|amazing work, never been happier, gorgeous
        stunning, scrumptious, mouthwatering, unbeatable, faultless, exquisite
    """,
    Cue.GOOD: """
        great service, good service, excellent service, amazing service, great experience, great customer service
        good, great, nice, nicely, lovely, cool, fine, happy, glad, pleased, pleasant, pleasure, friendly, helpful
        polite, courteous, kind, quick, quickly, prompt, promptly, efficient, efficiently, smooth, smoothly, easy
        easily, clean, comfortable, comfy, comfort, reliable, professional, attentive, tasty, yummy, fresh, cozy, cosy
        convenient, conveniently, affordable, generous, charming, beautiful, beautifully, cute, fun, enjoy, enjoyed
        enjoying, enjoyable, impressed, impressive, appreciate, appreciated, appreciative, satisfied, satisfying
        recommend, recommended, yay, woohoo, hooray, bravo, kudos, props, congrats, congratulations, win, wins, winner
        winning, excited, exciting, hero, heroes, angel, star, legend, legends, genius, smart, classy, win win, better
        safe, welcoming, welcome, warm, knowledgeable, accommodating, patient, understanding, caring, thoughtful, fair
        spotless, speedy, seamless, sturdy, durable, handy, solid, crisp, sleek, stylish, elegant, neat, sweet
        blessed, proud, favorite, favourite, fav, fave, rocks, rock, yum, stoked, grateful, gratitude, hilarious
        smile, smiling, beauty, well done, good job, great job, nice job, good work, great work, way to go, nice one
        nice work, worth it, worth every, well worth, works well, works great, works like a charm, works perfectly
        good as new, on time, thumbs up, big fan, huge fan, shout out, shoutout, looking forward, can't wait
        cannot wait, highly recommend, not bad, can't complain, cannot complain, no complaints, no complaint
        zero complaints, never disappoints, never fails, never let me down, never lets me down, never disappointed
        no issues, no issue, no problems, no problem, no hassle, no fuss, hassle free, without a hitch
        without any problems, with no problems, no worries, no waiting, no queue, {not} regret, {not} late, no delays
        no delay, ahead of schedule, got ... upgraded, free upgrade, so good, pretty good, happy customer
        satisfied customer, loyal customer for life, customer for life, good vibes, feels like home
    """,
    Cue.THANKS: """
        thanks, thank you, thank u, thankyou, thanx, thx, ty, tysm, tyvm, thank, thankful, cheers, much obliged
        many thanks, thanks again, thank you again, thanks so much, thank you so much, thank you very much
        thanks a million, much appreciated, really appreciate, greatly appreciated
    """,
    Cue.MENDED: """
        fixed now, all fixed, it's fixed, is fixed now, got fixed, sorted now, all sorted, got sorted, it's sorted
        resolved now, got resolved, is resolved, been resolved, been fixed, been sorted, has been solved
        working again, works again, works now, working now, back online, back up and running, up and running
        up and running again, all good now, fixed my|the|it|our, sorted my|the|it|our, solved my|the|it|our
        resolved my|the|it|our, finally arrived, found my|our|the ... bag|bags|luggage|phone|wallet|suitcase
        refund arrived|received, got my refund, got my money back
    """,
    Cue.PROBLEM: """
        breaking, dent, dents, {not} fit|match, rattles, flickers, unstable, discontinued, compromised, get rid of
        signed out, logged out, run out of, running out of, getting the message, error message
        keeps turning|restarting|stopping|closing|logging|buffering
        {not} let|accept|accepted|redeem|verify|login|opening, won't take|let|accept, wouldn't take|let|accept
        no heat, {not} have ... power|internet|signal|service|water|heating, no music, no food, got billed
        been billed, could not complete, couldn't complete, told ... can't|cannot, times in a row, happened again
        happens again, happening again, broken, broke, breaks, faulty, defective, damaged, damage, cracked, leaking
        leaks, leaked, dented, scratched, torn, ripped, stained, smashed, shattered, crash, crashed, crashes, crashing
        freeze, freezes, freezing, frozen, glitch, glitches, glitchy, glitching, bug, bugs, buggy, laggy, lag, lagging
        lags, error, errors, fails, fail, failed, failing, failure, malfunction, malfunctioning, malfunctioned, outage
        outages, disconnected, disconnects, disconnecting, delay, delays, delayed, late, cancelled, canceled
        cancellation, cancelation, overbooked, bumped, stranded, stuck, lost, missing, stolen, misplaced, overcharged
        overcharge, overcharging, overbilled, undelivered, incomplete, unavailable, unresponsive, unanswered, expired
        bounced, declined, refused, denied, rejected, ignored, ignoring, ignores, issue, issues, problem, problems
        trouble, troubles, complaint, complaints, mistake, mistakes, inoperable, undercooked, overcooked, stale
        mouldy, moldy, rotten, inedible, bland, soggy, burnt, cold food, wrong item, wrong order, wrong size
        wrong address, wrong color, wrong colour, wrong one, wrong product, wrong name, sent ... wrong
        {not} work|working|worked|works|arrive|arrived|load|loading|loads|respond|responded|responding
        {not} connect|connecting
        {not} ... turn|turning|charge|charging|open|opening|start|starting|play|playing|recognise|recognize
        {not} ... sync|syncing|update, {not} even ... work|load|open|respond|answer|care
        {not} been delivered|refunded|resolved|fixed|sorted|credited
        {not} answer|answered|answering|reply|replied|replying|delivered|received|receive|receiving
        {not} refunded|resolved|notified, {not} get ... to work, {not} get through
        {not} got ... delivery|order|parcel|package|refund|reply|response|email
        {not} ... received|get|gotten|got ... reply|response|answer|refund|confirmation|code|email|package
        {not} ... received|get|gotten|got ... parcel|order
        {not} ... log|login|sign|access|checkout|check|pay|send|download|install|activate|connect|contact
        {not} ... reach|find
        no ... response|reply|answer|explanation|apology|notice|confirmation|update|help|signal|internet
        no ... power|heating|water, no ... service|wifi|electricity|record|show|luck|joy|avail|communication|idea when
        no one ... answers|answer|cares|knows, nobody ... answers|answer|cares|knows|replies|came|called
        noone answers, nothing works, nothing happens, nothing ... done, stopped working, stops working, stop working
        quit working, gone wrong, went wrong, goes wrong, died on, went dead, ran out of, out of stock, out of order
        sold out, cut off, cuts off, cut out, kicked out, timed out, times out, shut down, shuts down, shutting down
        locked out, hung up on, hung up, hangs up, on hold, put on hold, still waiting, been waiting, still no
        still not, still haven't, still hasn't, still don't, still doesn't, still can't, yet to receive, yet to arrive
        yet to hear, waiting for ... hours|weeks|days|months|ages, waited ... hours|weeks|days|months|ages
        # hours late, # days late, # minutes late, # weeks late, # hour wait, # hour delay, hours late, late again
        never arrived, never came, never received, never showed, never turned up, never got, never called, no show
        did not turn up, too long, too slow, too expensive, too small, too big, too loud, too salty, past its date
        out of date, charged twice, charged ... twice, double charged, billed twice, wrongly charged, hidden fees
        hidden charges, not as described, not as advertised, nothing like ... picture|photo|description, fell apart
        falls apart, falling apart, came off, peeled, peeling, worn out, doesn't fit, won't fit, went missing
        keeps ... crashing|failing|freezing|dropping, keeps saying, keep getting, dropped calls, drops calls
        having trouble, having issues, having problems, made up, messed up, screwed up, mixed up, mess up, screw up
        lost my, lost our, sat on the tarmac, on the tarmac, unable to, isn't right, not right, acting up, no longer
        only half, half of it
    """,
    Cue.BAD: """
        clowns, fake, difficult to, inedible, bad, badly, poor, poorly, annoying, annoyed, annoys, angry, upset
        upsetting, sad, sadly, sorry state, unhappy, disappointed, disappointing, disappointment, disappoint
        disappoints, dissatisfied, frustrated, frustrating, frustration, unacceptable, unprofessional, unhelpful
        unreliable, unfair, unfriendly, unpleasant, unimpressed, underwhelming, underwhelmed, overpriced, expensive
        rude, rudely, rudeness, careless, clueless, confusing, confused, slow, slower, slowest, dirty, filthy, smelly
        noisy, cramped, uncomfortable, mediocre, lousy, shoddy, shabby, tacky, cheaply, sloppy, lazy, lame, sucks
        suck, sucked, sucking, hate, hated, hates, dislike, ugh, argh, boo, meh, wtf, smh, fml, ffs, omfg, ridiculous
        ridiculously, absurd, stupid, stupidity, dumb, idiotic, idiots, idiot, nonsense, nightmare, hassle, mess
        messy, fed up, sick of, tired of, had enough, joke, jokers, laughable, shame, shameful, embarrassing
        embarrassed, fiasco, chaos, shambles, waste, wasted, wasting, useless, pointless, hopeless, inept, incompetent
        incompetence, failing, misleading, misled, mislead, lied, lies, lying, liar, liars, dishonest, deceptive
        shady, scammed, regret, regrets, regretted, worse, worried, worrying, concerned, concerning, stress, stressed
        stressful, stressing, irritating, irritated, irritates, infuriating, insulting, insulted, insult
        inconvenience, inconvenient, inconvenienced, inconsiderate, negligent, neglect, arrogant, condescending
        dismissive, patronising, patronizing, ashamed, crazy, insane, outrageous, unbelievable, unreal, unreasonable
        unsatisfactory, inferior, greedy, greed, bs, bullshit, bull, damn, dammit, hell, fuck, fucking, fuckin, fucked
        f*cking, shit, shitty, crappy, crap, bloody, pissed, weak, weird, awkward, boring, bored, dull, ugly, gross
        nasty, yuck, icky, cheapest feeling, flimsy, wrong, unsafe, unclean, lose a customer, lost a customer
        losing customers, let down, letting me down, let me down, lets down, fool me, cheated, could be better
        could do better, could have been better, do better, try harder, needs work, needs improvement, must improve
        sort it out, sort yourselves out, get it together, get your act together, not impressed, not happy
        not good enough, not ok, not okay, not cool, not acceptable, not worth, not the first time, not recommended
        not what i, can't stand, can't believe, cannot believe, don't bother, don't care, doesn't care, do not care
        don't give a, couldn't care less, no excuse, no thanks to, nothing special
        nothing but trouble|problems|issues, last time, how hard is it, what a joke, what a mess, what a shame
        what a letdown, customer service is|was non, non existent, lack of, falls short, rip off, ripoff, rip offs
        ripped off, leaves a lot to be desired, waste of, thumbs down, pain in the, never again, wouldn't recommend
        would not recommend, {not} ... recommend, avoid, poor service, bad service, poorservice, badservice
        worse than, went downhill, gone downhill, going downhill, not worth it, not buying it, zero stars, 1 star
        one star, 0 stars, worst case, beyond a joke, so much for, supposed to, stop sending, stop spamming
        stop calling, if only, too much to ask, is it too much, no wonder, get a grip, shocked
    """,
    Cue.AWFUL: """
        awful, terrible, terribly, horrible, horribly, horrid, horrendous, horrific, atrocious, appalling, appalled
        abysmal, dreadful, disgusting, disgusted, disgraceful, disgrace, diabolical, deplorable, despicable, pathetic
        worst, worthless, garbage, trash, rubbish, dire, shocking, disaster, disastrous, catastrophe, furious, livid
        outraged, enraged, hell hole, scam, scammers, scammer, fraud, fraudulent, crooks, thieves, criminals
        con artists, daylight robbery, robbery, theft, piece of shit|crap|junk, hot garbage, dumpster fire, the worst
        worst ever, worst service, worst airline, worst experience, worst customer service, never been so|more
        never experienced such|so, never had such|so, never seen such|so, beyond angry, absolute joke, total joke
        complete joke, utter joke, absolute disgrace, complete disgrace, utterly useless, absolutely useless
        completely useless, ruined, heartbroken, devastated, traumatised, traumatized, nauseating, vile, cockroach
        cockroaches, bedbugs, bed bugs, food poisoning, poisoned, racist, racism, sexist, discriminated
        discrimination, harassed, harassment, assaulted
    """,
    Cue.SCORN: """
        oh brilliant|super|perfect|wonderful|awesome|amazing|nice, thanks for nothing, thank you for nothing
        thanks for ruining|losing|wasting|breaking|cancelling|canceling|ignoring
        thank you for ruining|losing|wasting|breaking|cancelling|canceling|ignoring, thanks for not, thank you for not
        thanks for ... delay|delays|headache|wait|nightmare|mess|stress, thanks but no thanks to
        great job ruining|losing|breaking, good job ruining|losing|breaking, way to ruin|lose|break|treat|go breaking
        nice way to treat, great way to treat|start|lose|ruin, good way to lose|treat|ruin, just what i needed
        just what we needed, exactly what i needed not, just great, just brilliant, just perfect, just wonderful
        just fantastic, oh great, oh joy, oh goody, oh lovely, oh fantastic, how lovely, how wonderful that you
        love waiting|paying|being|sitting|standing|spending|how you|how they|how my|it when|getting, so glad i paid
        glad i paid, so happy i paid, happy to see my ... gone, bravo for, slow clap, so much for, what a surprise
        surprise surprise, big surprise, color me shocked, colour me shocked, shocker, of course it|they|you
        because of course, that went well, that worked out well, good luck getting, good luck with that
        good to know you don't, nice try, yeah right, as if, money well spent not, well that's just, a real treat
        what a treat, what a delight to wait, living the dream, always a pleasure waiting, stellar job losing
        thanks a bunch, thanks a lot for, real classy, real nice, really nice of you to, how kind of you to
        how generous of, sarcasm, not sarcasm, slowclap
    """,
    Cue.NOT: NEGATIONS.replace("|", ",")
    + ", none, nothing, lack, far from, less than, anything but, instead of, n't, rather than, zero, isnt",
    Cue.PLAIN: """
        not only, no doubt, not to mention, not sure, not just, no idea, not yet, why not, or not, if not, no thanks
        no thank you, good morning, good afternoon, good evening, good night, good day, happy birthday, happy new year
        happy friday, happy monday, good luck, have a good|great|nice|lovely, hope you're well, hope you are well
        kind regards, best regards, best wishes, kind of, best way, best buy, best western, best time to, best option
        best price, great britain, good friday, good reads, fine print, fine dining, cool down, cool box, a fine
        fines, star wars, star alliance, starbucks, better help, rock band, any issues, any problems, any issue
        any problem, any trouble, any delays, any delay, any better, good enough, good for, problem is
        is there an issue, in case of, as well, warm up, late fee, late april, late may, is it safe, safe to, easy jet
        easyjet, fresh start, nice to have, would be great, would be nice, would be good, would be awesome
        would be amazing, would be lovely, would love, it'd be great, it'd be nice, be great if, be nice if
        be good if, be awesome if, do you love, wish you, i wish, used to be, used to love, used to, should be
        supposed to be good, was expecting better, good cause, how late, how slow, how bad, too late to, get better
        need better, needs better, deserve better, expect better, expected better, like new, do not hesitate
        don't hesitate, don't worry, do not worry, don't forget, no rush, no hurry, don't get me wrong
        friendly reminder, patient id, hospital patient, quick question, quick help, easy way, easier way
        quickly as possible, a quick, bug fix, bug report, error code, problem with, crash test, cold brew, cold drink
        win a, chance to win, to win
    """,
    Cue.VERY: """
        very, really, so, extremely, absolutely, totally, completely, incredibly, super, truly, utterly, beyond
        entirely, highly, such, insanely, seriously, thoroughly, deeply, hugely, always, ever, way, too, fucking
        bloody, damn, freaking, total, complete, utter
    """,
    Cue.BARELY: """
        slightly, somewhat, kinda, kind of, sort of, a bit, a little, fairly, rather, mildly, almost, sometimes
        partly
    """,
    Cue.BUT: "but, however, although, though, yet, except, unfortunately, sadly, until, then",
    Cue.QUESTION: """
        how do|does|did|can|could|to|long|much|many|is|are|should|would|about|come
        what is|are|time|happens|should|do|does|can|about|if|kind|happened|has, what's
        when is|are|will|do|does|can|should|would|did, when's, where is|are|do|does|can|should|did|has|have, where's
        why is|are|do|does|did|can|can't|won't|not|isn't|doesn't|don't|didn't|has|have|was|would|you, which one|is|of
        who do|can|should|is, can i|we|you|someone|anyone|somebody|u|it|they, could i|we|you|someone|anyone
        will i|you|we|there|it|my|the, would you|it, do you|i|we|they|the, does the|this|it|my|your, did you|the
        is there|this|it|the|my|your, are you|there|the|we|they, have you, has the, am i, may i, should i, shall i
        was|were there
    """,
    Cue.REQUEST: """
        help, help!, any idea, any ideas, any update, any updates, any news, any help, any advice, any suggestions
        any chance of, wondering if|when|why|how|whether, curious if|whether, wanted to ask, question about
        quick question, i have a question, got a question, question for you, know if, know when, know how to, know why
        advise on, what to do, what do i do, what should i do, what's going on, what is going on, what's happening
        what happened to my, please explain, where are our|my, how do we|you, how can i|we|you, help me, help us
        help please, please help, pls help, plz help, need help, need your help, need some help, need assistance
        needs help, can you help, could you help, help with, can someone help, please advise, pls advise
        kindly advise, please, pls, plz, kindly, please fix, fix this, fix it, fix your, fix the, fix my, sort this
        sort it, sort out, sort my, resolve this, resolve it, look into, looking into it please, investigate
        refund me, want a refund, want my money, want my refund, give me my, give us our, i demand
        i want my|a|to|answers|compensation, need my|a|to|you|someone|an|this|it|answers, i'd like to|a, i would like
        would like to|a, we would like, would appreciate, would be great if, call me, call us, contact me, contact us
        email me, message me, dm me, get back to me, reply to me|my, respond to my|me, answer my|me|the, let me know
        let us know, tell me, tell us, send me|us|a|my|someone, check my|your|dm|dms|inbox|the
        check your ... dm|dms|messages|inbox, dm'd you, sent you a dm, sent a dm, sent you a message, messaged you
        dmed you, where is my, where's my, where are my, when will my|i|you, when can i, how do i, how long ... wait
        still waiting, been waiting, waiting for|on ... reply|response|refund|answer|delivery|call, awaiting
        yet to hear, trying to|get|reach|contact|speak, tried to|calling|contacting|everything|that|it|this, cancel my
        close my, change my, update my, reset my, track my, track this, rebook|rebooked me|us, reschedule, replace it
        a replacement, exchange it, compensate, compensation, reimburse, reimbursement, make it right, make this right
        do something, need a reply, urgent help, someone help, sos, asap, want to know, like to know, love to know
        how can i, how can we, how could i, could you, can you, would you mind, can u, could u, can i get, can i have
        assist me, assist, support needed, my order number, order number is, booking reference, reference number
        case number, ticket number, my email is, my number is, my name is, having trouble, having issues
        having problems, having an issue, having a problem, i'm unable, i am unable, i can't, i cannot, we can't
        we cannot, won't let me, wont let me, doesn't let me, will not let me, it says, it keeps, keeps saying
        keeps telling, there is no option, bring back, please add, add the, please bring
    """,
    Cue.COURTESY: """
        no help, your help, the help, for ... help, great help, big help, for helping, of help, a help, helped me|us
        help line, help desk, help centre, help center, was help, much help, little help, no need to, do not need a|to
        don't need a|to, don't need, you need a|to, they need a|to, yes please, of you to, what is the point
        let me down, let me know if you, oh please, add to, tell me about it, i can't believe, i can't wait
        can't wait, i can't complain, i can't recommend, i can't fault, i can't stand, i cannot fault
        need to do better, could you be, when you tried to, please everyone, hard to please, pleased to|with
    """,
    Cue.RHETORICAL: """
        are you serious, are you kidding, you kidding, are you joking, is this a joke, is this some kind of joke
        seriously, really, what the hell, what the heck, what the fuck, wtf, how hard can it be, how hard is it
        who does that, what is wrong with you, what's wrong with you, how dare you, who cares, what is the point
        what's the point, how about no, why bother, what else is new, surprised, are you even, do you even
        when will you learn, is it any wonder, is it too much, isn't it, aren't they, aren't you, don't you think
        don't you, am i right, know what i mean, who knew, guess what, why do i bother, why even
        how is this|that acceptable|ok|okay|legal|possible, how can you, how could you, how do you sleep, do better
        what kind of, what were you thinking
    """,
    Cue.SPREAD: """
        anyone else, anybody else, any one else, everyone else, is it just me, just me or, has anyone, have any of you
        does anyone, does anybody, do any of you, anyone know|knows|tried|having|using|out, anybody know|knows|tried
        is anyone, is anybody, who else, someone else having
        fellow|dear customers|travellers|travelers|passengers|users, hey everyone, hey folks, hey guys if you, psa
        heads up, warning, beware, be warned, be aware, buyer beware, word of warning
        don't buy|use|fly|go|order|waste|trust|shop|stay|book|eat|bother|sign|fall|touch|expect
        do not buy|use|fly|go|order|waste|trust|shop|stay|book|eat|bother|sign|fall|touch
        never buy|use|fly|go|order|trust|shop|book|stay|eat|deal, stay away, steer clear, stay clear, run away, avoid
        avoid at all costs, boycott, think twice, save your money, spend your money elsewhere, look elsewhere
        go elsewhere, please rt, please retweet, please share, pls rt, pls share, retweet, share this, pass it on
        spread the word, tell your friends, everyone should, everybody should, everyone needs
        you should all|try|go|buy|check, you guys should try, you have to try, you need to try, highly recommend
        would recommend, i recommend, we recommend, recommend this|it|them|to, recommended to, definitely recommend
        can't recommend ... enough, must try, must visit, must have, a must, check out, check them out, go check
        give them a try, give it a try, if you are looking, if you're looking, if you're thinking, if you are thinking
        for anyone, to anyone, now streaming, now available, sign the petition, sign this, petition
        wouldn't recommend, would not recommend, don't recommend, do not recommend, switch to, recommend anyone
        tell everyone, telling everyone, looking for a good
    """,
    Cue.OWN: """
        my|our order|orders|parcel|package|delivery|account|card|phone|flight|flights|bag|bags|baggage ...
        my|our luggage|suitcase|booking|reservation|ticket|tickets|seat|seats|refund|money|bill|bills ...
        my|our contract|internet|wifi|broadband|connection|line|router|app|email|emails|password ...
        my|our payment|subscription|train|trip|room|hotel|car|laptop|computer|tv|device|number|claim ...
        my|our case|complaint|appointment|item|items|shipment|signal|service|loan|mortgage|balance ...
        my|our purchase|membership|points|miles|vouchers|voucher|code|login|profile|data|statement ...
        my|our engineer|meter|boiler|fridge|washing|dishwasher|oven|headphones|watch|tablet|printer ...
        my|our screen|battery|playlist|playlists|music|game|games|songs|library|plan|insurance|policy ...
        my|our pin|prescription|table|food|meal|pizza|coffee|ipad|iphone|mac|macbook|pc|windows|files ...
        my|our file|channel|video|page|website|site|domain|gift|name|address|wallet|crib|stroller|pram ...
        my|our wheelchair|son|daughter|wife|husband|mother|mum|mom|father|dad|kids|child|baby|family ...
        my|our update|connecting ..., my new ...
        i ordered|bought|paid|booked|received|purchased|called|emailed|cancelled|canceled|returned|sent
        i tried|got|missed|lost|have|had|signed|subscribed|upgraded|downloaded|installed|cant|can't
        we ordered|bought|paid|booked|received|called|tried|missed|have, charged me, billed me, sent me, gave me
        told me, told us, charged us, left me, left us, cost me, owe me, owes me, refused me, refused to, let me
        ignored me, hung up on me, i've been|had|tried|called|got|received|paid, we've been|had, i was|am, i'm
        we were|are, for me, to me
    """,
    Cue.SELF: "i, i'm, i've, i'd, me, my, mine, we, we're, we've, us, our, myself",
    Cue.YOU: """
        you, your, yours, u, ur, you're, you've, yourself, yourselves, you guys, y'all, yall, customer service
        customer care, support
    """,
    Cue.DANGER: """
        caught fire, catches fire, catching fire, burst into flames, in flames, went up in flames, set on fire
        on fire, smoke coming, is smoking, was smoking, started smoking, sparks, sparking, burning smell
        smell of burning, smells of burning, smelling burning, exploded, explodes, exploding, explosion, blew up in
        overheating, electrocuted, electric shock, got a shock, gas leak, smell of gas, smells of gas, smell gas
        smelling gas, carbon monoxide, burned my|me|his|her, burnt my|me|his|her, burns on, injured, injury, injuries
        bleeding, blood everywhere, unconscious, collapsed, passed out, fainted, fainting, ambulance, paramedics
        hospitalised, hospitalized, in hospital, to hospital, in the hospital, to the hospital, emergency room
        heart attack, having a seizure, stroke, allergic reaction, anaphylaxis, anaphylactic, peanut allergy
        nut allergy, glass in my|the, metal in my|the, piece of glass|metal|plastic in, needle in, choked, choking
        can't breathe, cannot breathe, struggling to breathe, food poisoning, medical emergency, need a doctor
        life threatening, life or death, matter of life, risk of death, nearly died, almost died, could have died
        could have killed, nearly killed, almost killed, could have been killed, someone will die, going to die
        suicidal, kill myself, end my life, ending it all, want to die, hurt myself, take my own life, self harm
        assaulted, assault, sexually harassed, sexual harassment, groped, molested, harassed, harassing, stalking me
        stalked, threatened me|us|to|my, threatening me|us|to, death threats, attacked me|us|my, attacked by, hit me
        punched, shoved me, grabbed me, followed me home, unsafe with, fear for my, not safe, unsafe, in danger
        dangerous, danger, child|baby|kid|daughter|son|toddler|minor ... alone
        left ... child|baby|kid|daughter|son|toddler|grandmother|mother alone, unaccompanied minor
        unaccompanied child, lost my child|son|daughter, locked in, trapped in, trapped inside, trapped on
        stuck in the lift, stuck in the elevator, stuck in an elevator, stuck in a lift, without food, without water
        no food or water, no water or food, no food no water, without heating, without insulin, without oxygen
        ran out of insulin|oxygen, without my medication|insulin|medicine|medication, without medication
        no medication, medication in ... bag|luggage|suitcase, insulin, oxygen tank, brakes failed, brake failure
        brakes failing, brakes stopped, engine on fire, engine failure, airbag, gun, bomb, weapon, knife, data breach
        data leak, leaked my|our|customer|personal, data leaked
        my data is|was|has ... leaked|stolen|sold|exposed|public
        someone else's account|data|details|order|statement|information
        other people's account|accounts|data|details|information, other customers data|details|accounts|information
        other customer's data|details|account|information, see other customers, personal data exposed
        shared my personal|medical|bank, identity theft, stole my identity, hacked, hacker, hackers, been hacked
        got hacked, account takeover, account compromised, compromised account, someone ... using my account|card
        someone else ... my account, someone ... into my account, stolen card, card stolen, stole my card
        draining my account, emptied my account, account ... emptied, account was cleared out, money is being taken
        unauthorised transactions|payments|transaction|payment|purchase|purchases|access|login
        unauthorized transactions|payments|transaction|payment|purchase|purchases|access|login|charges
        unauthorized charge, fraudulent transactions|payments|transaction|payment|charges|charge, fraud on my
        life savings, cloned card, card cloned, phishing, didn't authorise, didn't authorize
        didn't make this|these|those, racially profiled, racist, racism, racial slur, racial abuse
        because of my skin|race|colour|color|religion|hijab|turban|accent|wheelchair|disability
        because i am|i'm black|gay|muslim|jewish|trans|disabled|deaf|blind|asian|pregnant
        because he|she is|was black|gay|muslim|jewish|trans|disabled|deaf|blind, discriminated, discriminating
        discrimination, homophobic, transphobic, antisemitic, islamophobic, xenophobic, ableist
        denied boarding because of my|her|his, refused service because
    """,
    Cue.VULNERABLE: """
        month old son|daughter|baby|twins|child, is|very|too|seriously|terribly sick|ill|unwell
        sick child|kid|baby|wife|husband|mother|father, baby, babies, infant, newborn, toddler, child, children, kid
        kids, pregnant, elderly, grandmother, grandma, grandfather, grandad, grandpa, year old mother, year old father
        year old daughter, year old son, # year old, # yr old, wheelchair, disabled, disability, disabilities, deaf
        blind, autistic, autism, dementia, alzheimer's, diabetic, diabetes, cancer, chemo, dialysis, epileptic
        epilepsy, medication, medicine, medicines, prescription, surgery, funeral, unwell, oxygen, vulnerable
        single mum, single mom, guide dog, service dog, asthma, inhaler, my mum is, terminally
    """,
    Cue.STUCK: """
        has|been|was cancelled|canceled ... flight, my|our flight|train ... cancelled|canceled|canx
        get to the|my ... before, on the phone for, # mins|minutes ... hold, hold ... # minutes|mins, stranded
        stuck at|here|for, stuck in ... airport|lift|elevator|traffic|queue|line|station|terminal|city
        stuck on ... plane|tarmac|train|runway|hold|board, been stuck, we are stuck, i am stuck, i'm stuck, left us
        abandoned, abandoned us|me, sleeping on the floor, slept on the floor, sleep on the floor
        sleeping at the airport, sleep at the airport, overnight at the airport, nowhere to sleep, nowhere to stay
        nowhere to go, no hotel, no way home, can't get home, cannot get home, need to get home, get us home
        get me home, on the tarmac, on the runway
        flight|flights|train|bus|ferry|coach|trip|booking ... cancelled|canceled|cancelled|axed|cancel
        reservation|connection|appointment ... cancelled|canceled|cancelled|axed|cancel
        cancelled|canceled|cancelling|canceling ... flight|flights|train|trip|booking|reservation|service
        flight cancellation, cancelled flight, missed ... connection|flight|connecting|train|connections
        miss ... connection|flight|connecting|train|wedding|funeral, missing ... connection|connecting
        missed connection, denied boarding, overbooked, bumped from, not allowed to board, refused boarding
        rebook|rebooked
        # hours|hour|hrs|hr ... hold|delay|delayed|late|waiting|queue|line|wait|tarmac|phone|plane|airport
        hold|delayed|waiting|waited|queue|queuing|queueing|line|stuck ... #|an|over hours|hour|hrs|hr
        sitting|tarmac|phone|delay ... #|an|over hours|hour|hrs|hr, waiting for hours, waited for hours, hours on hold
        hours on the phone, hour on hold, on hold for hours, hours in line, hour in line, for over an hour
        for an hour, hour and counting, hours and counting, still on hold, locked out of ... house|room|car|home
        broken down on, broke down on, side of the road, hard shoulder, roadside, no heating, no hot water, no heat
        without power, without electricity, no electricity, no power, power cut, without hot water, without internet
    """,
    Cue.MONEY: """
        charged ... twice, charged twice, double charged, double charge, charged double, charged # times
        charged ... two|three|2|3 times, billed twice, billed ... twice, double billed, paid twice, payment ... twice
        taken ... twice, taken twice, took ... twice, debited twice, duplicate charge|payment|charges|transaction
        overcharged, overcharging, overcharge, overbilled, wrongly charged
        charged ... wrong|incorrectly|extra|more|wrongly, charged ... after ... cancelled|canceled|cancelling
        still charging, still being charged, still charged, kept charging, keep charging, keeps charging
        charged me for, charged my card|account, charging me for, got charged, been charged, being charged, got billed
        billed me, billed for, wrong amount, incorrect charge|bill|amount, unknown charge, unexpected charge
        didn't authorise, without my permission|consent|authorisation|authorization|knowledge, took ... out of my
        taken ... out of my, taken ... from my, took ... from my, take ... from my account
        money ... gone|missing|disappeared|vanished|stolen|deducted|debited|taken, money was|has deducted|debited
        amount ... deducted|debited, deducted from, debited from, stole my money, stealing my money, stole my
        steal money, want my money back, my money back, give me my money, where is my money, where's my money, owe me
        owes me, still no refund, {not} ... refund|refunded, no refund, refused|refuse|refusing|denied|deny ... refund
        refund ... weeks|months|days, waiting ... refund, need a refund, want a refund, refund me, need to refund
        lost ... £|$|€|dollars|pounds|euros, salary ... not, wages ... not, lost money, losing money, out of pocket
        late fee i, bank charges, overdraft because, payment went through but, paid but, paid for ... never
        {not} ... credited, transfer ... missing|not, transfer {not} arrived, stolen, stole, was stolen, got stolen
    """,
    Cue.LOCKED_OUT: """
        locked out, locked me out, locked my
        account ... locked|suspended|disabled|blocked|deactivated|banned|restricted|deleted|frozen
        card ... blocked|frozen|declined|swallowed|eaten|retained, can't ... log|login|sign|access|recover|reset
        cannot ... log|login|sign|access|recover, unable to ... log|login|sign|access|recover
        couldn't ... log|login|sign|access, won't let me ... log|login|in|on|sign|access
        not able to ... log|login|sign|access, lost access, no access to my, lose access, suspended my|account
        blocked my, deactivated my, disabled my, banned my, restricted access, recover my|account, recover ... account
        forgot my password ... reset|email, never got the code, {not} ... verification|reset code|email|link
    """,
    Cue.DOWN: """
        outage, outages, is down, are down, went down, gone down, goes down, been down, still down, down again
        website|site|app|server|servers|network|system|internet|systems|service|services|lines|online down
        portal|wifi down, no internet, no signal, no service, no connection, no broadband, no network, no phone signal
        no coverage, no water, nothing works, not working at all, completely dead, won't turn on, total blackout
        blackout, no dial tone, internet ... out, lost internet|signal|connection|service|power
        can't make|take payments|calls|payment, whole business, business ... down|losing, losing business
        losing customers
    """,
    Cue.LEAVING: """
        cancelling my|our|and|this, canceling my|our|and|this
        cancel my|our account|subscription|contract|membership|policy|service|plan|card, i'll be cancelling
        i will be cancelling, closing my|our, close my account, switching to|from|provider|providers|banks|carriers
        switch to, switched to, moving to another, moving my, move to another, leaving you|your|for, i'm leaving
        i am leaving, we're leaving, last time i|we|i'll|flying|ordering|shopping
        never flying|fly|using|use|buying|buy|shopping|shop|ordering|order|booking|book|going ... again
        never coming|returning|return|again ... again, never again
        never using|flying|buying|shopping|ordering|booking, will never, won't be back, won't be coming back
        not coming back, won't be returning, won't be using|buying|flying|ordering|shopping|renewing, not be renewing
        will not be renewing, will not be back, won't use|buy|fly|order|shop|return|renew
        done with you|this|your|them|with, i'm done, i am done, me done with, taking my business, take my business
        took my business, business elsewhere, money elsewhere, go elsewhere, going elsewhere, lost a customer
        lost me as, lost my business|custom, lost another customer, loyal no more, not loyal anymore, ex customer
        former customer, goodbye, going to your competitor, going with your competitor, porting my number, cut ties
    """,
    Cue.THREAT: """
        lawyer, lawyers, solicitor, attorney, legal action, legal team, legal advice, legal proceedings
        take|see|taking|seeing ... court, small claims, going to court, to court, in court, suing, sue you, will sue
        going to sue, lawsuit, class action, consumer court, consumer forum, consumer protection, trading standards
        ombudsman, regulator, regulators, ofcom, ofgem, ofwat, fca, ftc, fcc, dot complaint, faa, caa, bbb
        better business bureau, cfpb, trai, gdpr, ico, data protection, attorney general, small claim, chargeback
        charge back, dispute the charge, dispute this charge, section 75, report you, reporting you, reported you
        reporting this, report this to, filed a complaint, filing a complaint, file a complaint, formal complaint
        official complaint, complain to, police, police report, journalist, reporter, the press, newspapers
        local news, the news, bbc, cnn, watchdog, going public, go public, media attention, go viral, going viral
        contact the media, your ceo, email the ceo, ceo, on twitter about, tell everyone, name and shame
        naming and shaming, escalate this, escalate it, want to escalate, to escalate, speak to a manager
        speak to your manager, speak to a supervisor, your supervisor
    """,
    Cue.NOW: """
        now, right now, today, tonight, tonight's, today's, this morning, this afternoon, this evening, at the moment
        immediately, urgent, urgently, asap, emergency, tomorrow, tomorrow's, this instant, straight away
        in # minutes|hours|mins|hrs|hour|minute, in an hour, within the hour, # hours ago, at the gate, at the airport
        at the station, at the checkout, at the counter, in the queue, boarding now, about to board, about to miss
        leaves in, departs in, last minute, deadline, no time, currently, since this morning, since yesterday, all day
        all morning, still here, still at, time sensitive
    """,
    Cue.NO_HURRY: """
        no rush, no hurry, not urgent, when you can, whenever you can, whenever you get a chance, no need to reply
        last year, years ago, months ago, back in the day, used to
    """,
    Cue.IRONIC: """
        great, good, fantastic, brilliant, lovely, wonderful, awesome, nice, perfect, excellent, amazing, superb
        fabulous, terrific, stellar, thanks, thank you, cheers, bravo, congrats, congratulations, kudos, love, glad
        thrilled, delighted, stoked, super stoked, good job, great job, nice job, nice one, well done, way to go
        good work, great work, great service, great customer service, excellent service, amazing service, impressive
        outstanding, classy, hats off, happy, cool, genius, hooray, yay, woohoo, best, pleasure, props, applaud
        splendid, 👏, 👍, 🎉, 🙌, :), 🙂
    """,
    Cue.SINCERE: """
        but, however, despite, although, though, even though, even with, even after, after, when, while, sorted
        sorting, fix, fixed, fixing, fixes, resolve, resolved, resolving, solve, solved, solving, help, helped
        helping, helpful, refund, refunded, replaced, replacing, replacement, quick, quickly, fast, prompt, found
        finding, returned, returning, handled, handling, dealt, dealing, rebooked, recovered, recovering, otherwise
        except, apart from, minus, only, whereas, sorry, instead of, saved, please, pls, and yet, patience, used to
        if, before, best ... ever, answering, replying, reply, response, responding, looking into, getting back
        would be
    """,
    Cue.WINK: """
        eye roll, eyeroll, rolls eyes, rolling my eyes, sarcasm, irony, ironic, ironically, shocker, slow clap
    """,
    Cue.SPAM: """
        retweet to win, rt to win, follow and retweet, follow and rt, rt and follow, retweet and follow
        like and retweet to, like and share to win, follow us to win, follow to win, enter to win, entered to win
        enter our giveaway, enter the giveaway, giveaway alert, win a free, win a ... giveaway, giveaway closes
        giveaway ends, tag # friends, tag a friend to, chance to win, to be in with a chance, now hiring, we're hiring
        we are hiring, is hiring, hiring alert, job alert, new job opening, job opening, job openings, apply now
        apply here, apply today, see our latest, join our team, join the ... team, jobs available, vacancy, vacancies
        this job might be, want to work at, want to land a job, career opportunity, open positions, click to apply
        recommend anyone for this job, make money from home, work from home and earn, earn # ... daily|weekly|day|week
        earn up to #, earn extra income, guaranteed profit|returns|profits|income, passive income, financial freedom
        invest with, invest now, forex trader|trading|signals, binary options
        crypto giveaway|investment|trading|signals, bitcoin investment|mining|trading
        double your money|bitcoin|btc|investment, expert trader, account manager ... trading
        whatsapp me|us|him|her ... earn|trade|invest|loan, dm me to earn|start|invest, dm for promo
        dm to earn|invest|start, helped me recover, recovered my ... account ... contact|message|dm
        contact ... to recover, he recovered my, she recovered my, message ... on instagram ... recover|help|hack
        hack any, hacking services, spy on your, fast loan, instant loan, loan offer, cheap followers, buy followers
        free followers, gain followers, followers instantly, boost your followers, onlyfans, sugar daddy, sugar baby
        hot singles, nudes, casino bonus, free spins, betting tips, sure odds, fixed matches, viagra, cialis
        weight loss pills, replica watches, automatically checked by, people followed me, person followed me
        unfollowed me, followers and # unfollowers, new followers, i liked a youtube video, i added a video to
        just posted a photo, posted a new photo, promo code at checkout, use my promo code, use my code
        use my referral, my referral link, referral code, click the link in my bio, link in my bio, link in bio
        check out my new|latest|channel|mixtape|soundcloud|video, subscribe to my, limited time offer, shop now
        buy now, order yours, congratulations you have been selected|chosen, you have won, you've won
        you have been selected, claim your prize|reward|free, text win to, call now to claim, reply stop
        unsubscribe reply, txt # to, essay due, pay someone to write, assignment due, hire me to write
    """,
    Cue.SPAM_HINT: """
        giveaway, giveaways, sweepstakes, hiring, jobs, job, careers, crypto, bitcoin, btc, forex, nft, nfts, airdrop
        invest, investment, casino, jackpot, promo, discount code, coupon, coupons, free shipping, sale ends
        percent off, followers, retweet, prize, prizes, earn, profit, loan, loans, whatsapp, telegram, follow back
        followback, f4f, l4l, click here, sign up now, free trial now, win, winner, txt, hurry, limited stock
    """,
}
