"""The words in which a week may be told: what each speaks of, and which say what nobody counted.

A text that uses another word isn't known to be false, but it can't be checked, so it isn't sent. English only.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Topic(StrEnum):
    """What a word speaks of: a figure of the week, or a kind of visit by name."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    MOVED_BY_STAFF = "moved by staff"
    MOVED = "moved"
    CANCELLED = "cancelled"
    FREED = "freed"
    REFILLED = "refilled"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"
    FAILED = "failed"
    NO_SHOW = "no-show"
    QUIET = "quiet"
    UNREACHABLE = "unreachable"
    BAD_ROW = "bad row"
    CALLS = "people to call"
    SEGMENTS = "segments"
    EMAILS = "e-mails"
    TEXTS = "texts"
    REMINDERS = "reminders"
    VISITS = "visits"
    NOTICE = "notice"
    MINUTES = "minutes"
    HOURS = "hours"
    PERCENT = "per cent"
    WEEKS = "weeks"
    DAYS = "days"


GENERAL = frozenset({Topic.VISITS, Topic.TEXTS, Topic.EMAILS, Topic.REMINDERS, Topic.NOTICE})
"""Topics that another one in the same clause makes more exact: `31 visits confirmed` is about confirmations."""

_NOT = r"(?: ?not|n't| ?never)"
TOPICS: tuple[tuple[Topic, str], ...] = (
    (
        Topic.UNKNOWN,
        r"(?:nobody knows|(?:it is|it's|is) not known)(?: (?:whether|if) (?:it|they) (?:went|arrived))?"
        r"|unknown|uncertain|unclear|unaccounted for|without word",
    ),
    (
        Topic.UNDELIVERED,
        rf"undelivered|failed to arrive|(?:was|were|did|do|has|have)?{_NOT} (?:been )?"
        r"(?:delivered|arrived?|reach(?:ed)? (?:the|their|its|your) customers?)",
    ),
    (Topic.NO_SHOW, r"failed to (?:come|show up|turn up|attend)"),
    (Topic.FAILED, rf"failed|(?:can't|cannot|(?:could|was|were){_NOT}) (?:be )?sent"),
    (
        Topic.UNREACHABLE,
        rf"(?:can't|cannot|can not|could{_NOT}) be reached|no message can reach|unreachable|out of reach"
        r"|no way to (?:message|reach)"
        r"|no (?:usable|working|valid) (?:contact(?: details)?|phone number|number|address)"
        r"(?: or (?:e-?mail(?: address)?|address))?",
    ),
    (
        Topic.QUIET,
        rf"(?:has|have|had)?{_NOT} (?:yet )?(?:answered|replied|responded|got back|heard (?:back|from))"
        rf"|did{_NOT} (?:answer|reply|respond)|neither (?:of them )?(?:has |have )?(?:answered|replied|responded)"
        r"|quiet|silent|unanswered|no answer|no reply|without an answer|yet to (?:answer|reply|respond)"
        r"|waiting to hear",
    ),
    (Topic.NO_SHOW, rf"no-shows?|did{_NOT} (?:come|turn up|show(?: up)?|attend)|missed"),
    (
        Topic.UNCONFIRMED,
        rf"unconfirmed|(?:was|were|has|have)?{_NOT} (?:yet )?(?:been )?confirmed"
        r"|(?:that|which) nobody (?:answered|confirmed)|yet to (?:be )?confirm(?:ed)?|without (?:a )?confirmation",
    ),
    (
        Topic.CALLS,
        r"(?:needs?|requires?|waiting for) (?:a )?(?:call|follow-?up)|(?:calls?|jobs?) (?:to make|for today|required)"
        r"|to (?:call|ring|phone)|call all|open matters?|require follow-?up|on your list",
    ),
    (Topic.BAD_ROW, r"(?:bad |open )?rows?(?: (?:of|in) the sheet)?|to (?:be )?mend(?:ed)?"),
    (
        Topic.MOVED_BY_STAFF,
        r"moved by (?:the |your )?(?:staff|team|front desk)|(?:the |your )?(?:staff|team|front desk) (?:\w+ )?moved",
    ),
    (
        Topic.REFILLED,
        r"re-?filled|fill(?:ed|ing)?(?: again)?|taken again|re-?booked"
        r"|(?:taken by|went to|found) (?:somebody|someone) (?:else|new)",
    ),
    (Topic.FREED, r"freed(?: up)?|given up|slots?|(?:came|became|come) free|opened up"),
    (Topic.CANCELLED, r"cancel(?:s|led|ed|lation|lations|ling|ing)?"),
    (Topic.MOVED, r"moved|moves?|rescheduled|reschedules?"),
    (Topic.CONFIRMED, r"confirm(?:s|ed|ation|ations|ing)?"),
    (Topic.NOTICE, r"notice"),
    (Topic.SEGMENTS, r"(?:text )?segments?"),
    (Topic.EMAILS, r"e-?mails?|e-?mailed"),
    (Topic.TEXTS, r"texts?|sms|texted"),
    (Topic.REMINDERS, r"reminders?|reminded"),
    (Topic.VISITS, r"visits?|appointments?|took place"),
    (Topic.MINUTES, r"minutes?"),
    (Topic.HOURS, r"hours?"),
    (Topic.PERCENT, r"%|per ?cent"),
    (Topic.WEEKS, r"weeks"),
    (Topic.DAYS, r"days"),
)
"""Topic -> how it is said, the longer way before the shorter one."""
TOPIC = re.compile(
    "|".join(rf"(?P<{topic.name}_{n}>(?<![\w-])(?:{said})(?![\w]))" for n, (topic, said) in enumerate(TOPICS)), re.I
)


def topic_of(found: re.Match[str]) -> Topic:
    """Which topic a match of TOPIC speaks of, alone or as a part of a larger pattern."""
    return next(topic for n, (topic, _) in enumerate(TOPICS) if found[f"{topic.name}_{n}"])


MORE = frozenset({"more", "up", "higher", "rose", "rise", "increase", "increased", "above", "grew"})
FEWER = frozenset({"fewer", "less", "down", "lower", "fell", "decrease", "decreased", "dropped", "drop", "below"})
OF_ITS_OWN = {
    "busier": (Topic.VISITS, 1),
    "quieter": (Topic.VISITS, -1),
    "faster": (Topic.MINUTES, -1),
    "quicker": (Topic.MINUTES, -1),
    "slower": (Topic.MINUTES, 1),
}
"""Comparing words that say by themselves what is compared."""
SAME = frozenset({"same", "unchanged", "equal"})
STAFF = frozenset({"staff", "team", "desk"})
BOTH = frozenset({"both", "each"})
UP_TOGETHER = frozenset(
    {"filled", "follow", "followed", "freed", "opened", "show", "showed", "turn", "turned", "tidy", "wrote"}
)
"""What an `up` or `down` behind it belongs to."""
NEGATIONS = frozenset({"not", "n't", "never", "neither", "nor", "no", "none", "nobody", "before", "until", "once"})
AGAINST = frozenset({"than", "from", "against", "versus", "compared", "compares", "after", "average"})
"""A figure behind one of these is the former week's."""
FORMER = re.compile(
    r"\b(?:the )?(?:week (?:before|earlier)|(?:previous|former|prior|preceding) week|last week|week ago|before that)\b",
    re.I,
)
AVERAGE = re.compile(
    r"\b(?:average|mean|usual(?:ly)?|(?:last|past|previous|former|prior|four) (?:four )?weeks)\b", re.I
)
MOST = re.compile(r"\b(?:most|busiest|best)\b", re.I)

CLAIMS = re.compile(
    r"\b(?:prevent\w*|saved?|saving|avoid\w*|thank(?:s to|ful\w*)|because|due to(?! see)|owing to|caus\w+|led to|"
    r"leads? to|result\w*|therefore|hence|so that|help(?:s|ed|ing)?|(?<!nice )(?<!good )work(?:s|ed)?|"
    r"(?<!no )working|effect\w*|improv\w*|reduc\w*|boost\w*|drove|driven|success\w*|as a consequence|"
    r"made (?:sure|possible)|guarant\w*|(?<!at )all(?! (?:two|three|four|five|six|\d))|every\w*|most of|half|"
    r"majority|nearly|almost|roughly|about half|dozens?|hundreds?|thousands?|third|quarter|twice|double\w*|"
    r"triple\w*|(?<!too )ear)\b",
    re.I,
)
"""Causes, effects and shares: nobody counted them."""
UNSAFE = re.compile(r"https?:|www\.|[@<>{}\[\]\\|*_`~^#=]|\+\d{3,}|\b\d{5,}\b", re.I)

_TO_NINETEEN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = {
    **{word: number for number, word in enumerate(_TO_NINETEEN.split())},
    **{word: 10 * tens for tens, word in enumerate(_TENS.split(), start=2)},
}
NONE_WORDS = frozenset({"no", "none", "nobody", "nothing", "no one", "no-one", "not one", "not a single"})
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

LEXICON = frozenset(
    """
    a an the this that these those it its they them their he she his her him we our us you your who whom whose
    which what when where how why there here is are was were be been being has have had do does did will would
    can could should may might must to of in on at by for with without within from into onto over under between
    among amid through during before after until till since as than then and or but nor so yet if whether while
    whereas both either neither not n't never still already again also too only just even ever so-called each
    other others another same such own very quite week day hour minute morning afternoon evening today tomorrow
    yesterday weekend monday's time times date dates earlier later previous former prior preceding last next
    past ahead first latest now soon coming upcoming customer customers client clients people person patient
    patients guest guests name names staff desk front shop team sheet row cell phone number numbers address
    addresses contact column owner summary story figures figure count counts total totals record records
    recorded recording note notes noted list listed money cost costs price prices paid billed bill spend spent
    currency stood stand stands took take takes taken place came come comes went go goes going gone sent send
    sends got get gets gave give gives given made make makes need needs needed want wants wait waits waiting
    waited remain remains remained keep keeps kept leave leaves left let look looks see saw seen show shows
    showed shown said say says tell tells told know knows knew known ask asks asked answer answered answers
    reply replied respond responded reach reached mend mended fix fixed check checked call called calls ring
    rang please offer offered offers arrive arrived deliver delivered delivery happen happened happens follow
    followed follows following booked booking bookings scheduled held stay stays stayed open closed ended end
    ends began begin begins start starts started average median mean rate rates share compared comparison
    against versus range typical typically usual usually good hello hi dear kind regards sincerely best welcome
    here's that's it's there's overview report brief short full quick worth attention action todo thing things
    nothing anything something everything-else else usable valid readable wrong missing bad unknown clear few
    small little enough attendance hand together besides further including included plus minus respectively
    overall altogether namely message messages notice channel side way part one's once page slot slots free
    empty filled up down more fewer less higher lower rose fell equal unchanged increase increased decrease
    decreased dropped drop above below grew most busiest day's weeks days out off back about around new old
    another-time no-one someone somebody anyone anybody nobody none no not-yet reminded texted e-mailed emailed
    turn turned turns far ones list ca wo else's rows they're
    beginning corresponding glance fate due brackets bracketed respond response responses require required requires
    recommend recommended suggested telephone attend attended state compare compares received mending correct
    corrected loose finally outstanding apart able used use uses find found finds became become becomes position
    invalid proper perhaps diary welcomed update summary weekly hear heard hers mine jobs job matters start
    starting positive nice nicely lovely solid steady busy well done enjoy thanks lost lose case giving slightly
    exactly indeed quickly actions wrote write written tidy bit visits' customers' some
    see saw compare early replies today's all single working
    details busier quieter faster quicker slower rise work
    """.split()  # noqa: SIM905
)
"""What else may be said: it binds the figures together and claims nothing by itself."""
