"""What an honest model would say of a week: fifty-five texts, written from its rules before they were checked.

A text that the checker refuses here is a false alarm. In each text a line that begins with two spaces goes on with
the line before it.
"""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """One honest text: which of `week_shops.SHOPS` it tells, in which style, and its words."""

    shop: str
    style: str
    text: str


def told(shop: str, style: str, text: str) -> Told:
    return Told(shop, style, text.strip().replace("\n  ", " "))


BULLETS, PROSE, REPORT, NOTE = "brisk bullets", "warm prose", "formal report", "chatty note"

HONEST = (
    told(
        "full",
        BULLETS,
        """
- 42 visits took place this week, up from 39 the week before.
- 31 visits were confirmed, 3 more than the week before.
- 3 visits were cancelled, down from 5. Customers moved 4, staff moved 1.
- 5 of the 8 freed slots were filled again.
- 2 no-shows, one fewer than the week before.
- Call Mei Tan (Tuesday 2:30pm) and Arun Rao (Thursday 10:00am); neither has answered.
- Offer Dana Lim another time after Wednesday's no-show.
- Rex Goh (Wednesday 4:00pm) can't be reached by message, so please call.
- Row 14 (Ivy Chua) still needs its phone number mended.
""",
    ),
    told(
        "full",
        BULLETS,
        """
Visits: 42 (39 the week before)
Confirmed: 31 (28 the week before)
Cancelled: 3 (5 the week before)
No-shows: 2 (3 the week before)
Freed slots: 8, of which 5 were filled again
Texts: 55 reminders by text, 8 by e-mail; the texts cost SGD 2.81
To call: Mei Tan, Tue 22 Dec 2:30pm; Arun Rao, Thu 24 Dec 10:00am; Rex Goh, Wed 23 Dec 4:00pm
To offer another time: Dana Lim
To mend: row 14, Ivy Chua's phone
""",
    ),
    told(
        "full",
        PROSE,
        """
Bright Dental had a good week. 42 visits took place, three more than the week before, and 31 were confirmed. Customers
  who confirmed did so a median of 14 minutes after our message. Three visits were cancelled, with a median notice of
  26.5 hours, and five of the eight freed slots were filled again.

Two people need a call: Mei Tan, who is booked with Dr Lim on Tuesday at 2:30pm, and Arun Rao, who is with Dr Ong on
  Thursday at 10:00am. Both were reminded and have not answered yet. Rex Goh can't be reached, so please call before
  Wednesday at 4:00pm. Dana Lim was a no-show on Wednesday; it would be kind to offer another time.
""",
    ),
    told(
        "full",
        PROSE,
        """
This week you saw 42 visits, compared with 39 the week before. Thirty-one visits were confirmed, up from twenty-eight,
  and cancellations fell from five to three. There were two no-shows, down from three. Your customers moved four visits
  and your staff moved one. Eight slots were freed and five of them were filled again.

Over the last five weeks, confirmed visits had 4 no-shows among 136 (2.9 per cent), and unconfirmed visits had 11 among
  59 (18.6 per cent).

Mei Tan and Arun Rao have not answered their reminders. Please call Mei before her visit on Tuesday at 2:30pm and Arun
  before his on Thursday at 10am.
""",
    ),
    told(
        "full",
        REPORT,
        """
In the week beginning on Monday 14 December, 42 visits took place at Bright Dental, against 39 in the week before. A
  total of 31 visits were confirmed, with a median of 14 minutes from the message to the confirmation. Three visits were
  cancelled, two fewer than in the week before; the median notice was 26.5 hours. Of the 8 slots freed, 5 were filled
  again. Two no-shows were recorded. 55 reminders were sent by text and 8 by e-mail, at a cost of SGD 2.81 for the
  texts. Two texts did not arrive, and for one it is not known whether it went.

Action is needed for the following customers: Mei Tan (Tuesday 22 December, 2:30pm, Dr Lim): call. Arun Rao (Thursday 24
  December, 10:00am, Dr Ong): call. Dana Lim: offer another time. Rex Goh (Wednesday 23 December, 4:00pm): call. Row 14
  of the sheet (Ivy Chua): mend the phone.
""",
    ),
    told(
        "full",
        REPORT,
        """
Summary for Bright Dental. Visits this week: 42, compared with 39 the week before. Visits confirmed: 31, compared with
  28. Visits cancelled: 3, compared with 5. No-shows: 2, compared with 3. Five of eight freed slots were filled again,
  compared with four of seven the week before.

Over 5 weeks the no-show rate was 2.9 per cent among confirmed visits and 18.6 per cent among unconfirmed visits.

Mei Tan (Tue 22 Dec, 2:30pm) and Arun Rao (Thu 24 Dec, 10:00am) were reminded and have not replied; they should be
  called. Rex Goh (Wed 23 Dec, 4:00pm) has no usable contact and should be called. Dana Lim should be offered another
  time.
""",
    ),
    told(
        "full",
        NOTE,
        """
Good morning! It was a busy week: 42 visits, 3 more than the week before, and only 2 no-shows. 31 visits got confirmed,
  typically within 14 minutes of the message. You lost 3 visits to cancellations but filled 5 of the 8 freed slots.

A few people to look after: give Mei Tan a ring about Tuesday 2:30pm and Arun Rao about Thursday 10am, as neither has
  answered. Dana Lim missed Wednesday 9am, so offer another time. Rex Goh can't be reached for Wednesday 4pm, and Ivy
  Chua's row (row 14) still needs a proper phone number.
""",
    ),
    told(
        "full",
        NOTE,
        """
Hello! Here's how your week went. You had 42 visits, which is 3 up on the week before. Confirmations came to 31, also 3
  up. There were 3 cancellations, 2 fewer than the week before, and the notice was 26.5 hours at the median. Nice work
  filling 5 of the 8 slots that came free.

Please call Mei Tan (Tuesday at 2:30pm with Dr Lim) and Arun Rao (Thursday at 10am with Dr Ong). They haven't answered
  their reminders. Please also call Rex Goh about Wednesday at 4pm. And Dana Lim didn't show up on Wednesday at 9am:
  perhaps offer another time. Have a lovely week!
""",
    ),
    told(
        "first week",
        BULLETS,
        """
- 18 visits took place this week, with 1 no-show.
- 13 visits were confirmed, at a median of 21 minutes after the message.
- 2 visits were cancelled, with a median of 30 hours' notice.
- 3 slots were freed and 1 was filled again.
- Reminders: 22 by text, 3 by e-mail. The texts cost SGD 1.10.
- Call Sofia Reyes about her haircut with Jo on Tuesday at 11:00am.
- Call Hana Sato about her colour with Jo on Wednesday at 5:15pm.
""",
    ),
    told(
        "first week",
        BULLETS,
        """
This week at Corner Cuts:
18 visits, 1 no-show
13 confirmed, 2 cancelled, 1 moved by the customer
1 of 3 freed slots filled again
25 reminders sent: 22 texts and 3 e-mails
No messages failed
Not answered yet, please call: Sofia Reyes (Haircut, Tue 22 Dec 11:00am), Hana Sato (Colour, Wed 23 Dec 5:15pm)
""",
    ),
    told(
        "first week",
        PROSE,
        """
You had 18 visits this week and 1 no-show. Thirteen visits were confirmed, two were cancelled and one was moved by the
  customer. The cancellations came with a median of 30 hours of notice, and one of three freed slots was taken again.
  Reminders went out as 22 texts and 3 e-mails, and every text arrived.

It's too early to compare no-show rates for confirmed and unconfirmed visits. Please call Sofia Reyes about Tuesday at
  11am and Hana Sato about Wednesday at 5:15pm, since neither has replied.
""",
    ),
    told(
        "first week",
        REPORT,
        """
During the week of 14 December, Corner Cuts recorded 18 visits and 1 no-show. Customers confirmed 13 visits; the median
  time from message to confirmation was 21 minutes. Two visits were cancelled with a median notice of 30 hours. Three
  slots were freed, and one of these was filled again. Twenty-two reminders went out by text and three by e-mail. The
  texts used 24 segments and cost SGD 1.10.

The following customers have not answered and should be called: Sofia Reyes, haircut with Jo, Tuesday 22 December at
  11:00am; Hana Sato, colour with Jo, Wednesday 23 December at 5:15pm.
""",
    ),
    told(
        "first week",
        REPORT,
        """
Visits: 18 took place this week, of which 1 was a no-show. Confirmations: 13. Cancellations: 2. Moves by customers: 1.
  Freed slots: 3, of which 1 was filled again. There are too few visits to tell a no-show rate: 0 no-shows among 12
  confirmed visits and 1 among 6 unconfirmed visits. There is no earlier week to compare with.

Follow up: Sofia Reyes (Tue 22 Dec 11:00am) and Hana Sato (Wed 23 Dec 5:15pm) have not responded to their reminders. A
  call is recommended.
""",
    ),
    told(
        "first week",
        NOTE,
        """
Hi there! 18 visits this week, and just 1 no-show. 13 visits were confirmed, and the replies came in quickly: the median
  was 21 minutes. 2 customers cancelled, giving 30 hours' notice at the median, and you filled 1 of the 3 slots that
  opened up.

Two people to ring this week: Sofia Reyes, in for a haircut with Jo on Tuesday at 11am, and Hana Sato, in for a colour
  with Jo on Wednesday at 5:15pm. Neither has answered yet.
""",
    ),
    told(
        "first week",
        NOTE,
        """
A nice start: 18 visits took place and 13 were confirmed this week. One customer didn't turn up. Two cancelled and one
  moved to another time. The reminders cost you SGD 1.10 for texts.

Could you call Sofia Reyes and Hana Sato? Sofia is booked for Tuesday at 11:00am and Hana for Wednesday at 5:15pm, both
  with Jo, and we haven't heard back from either.
""",
    ),
    told(
        "first week",
        BULLETS,
        """
• 18 visits took place; 1 customer didn't show up.
• 13 confirmed, 2 cancelled, 1 moved.
• Median time to confirm: 21 minutes.
• Slots: 3 freed, 1 refilled.
• Texts: 22 reminders, 24 segments, SGD 1.10.
• Sofia Reyes, Tuesday 11:00am: no answer, please call.
• Hana Sato, Wednesday 5:15pm: no answer, please call.
""",
    ),
    told(
        "no cancels",
        BULLETS,
        """
- 42 visits took place, 3 more than the week before.
- No cancellations this week; there were 5 the week before.
- 31 visits confirmed, up from 28.
- 2 no-shows, down from 3.
- Customers moved 4 visits, and staff moved 1.
- 3 of 5 freed slots were filled again.
- All texts arrived, and no message failed.
- Please call Mei Tan (Tue 2:30pm, Dr Lim) and Arun Rao (Thu 10:00am, Dr Ong).
""",
    ),
    told(
        "no cancels",
        BULLETS,
        """
42 visits this week (39 the week before).
31 confirmed (28).
0 cancelled (5).
2 no-shows (3).
5 slots freed, 3 filled again.
Texts cost SGD 2.67.
Mei Tan, Tuesday 22 December 2:30pm: hasn't answered, call.
Arun Rao, Thursday 24 December 10:00am: hasn't answered, call.
""",
    ),
    told(
        "no cancels",
        PROSE,
        """
What a week: nobody cancelled! 42 visits took place, compared with 39 the week before, and 31 visits were confirmed. The
  median confirmation came 14 minutes after the message. Four visits were moved by customers, two more than the week
  before, and of the five slots that became free three were filled again. Two customers were no-shows.

Please call Mei Tan before Tuesday at 2:30pm and Arun Rao before Thursday at 10:00am. Both were reminded, and neither
  has answered.
""",
    ),
    told(
        "no cancels",
        PROSE,
        """
Not a single visit was cancelled this week, after five the week before. 42 visits took place and 31 visits were
  confirmed, three more in each case. There were 2 no-shows, one fewer than the week before. Five slots came free and
  three were filled.

Over five weeks, 2.9 per cent of confirmed visits were no-shows, and 18.6 per cent of unconfirmed ones.

Two customers have gone quiet. Mei Tan is due on Tuesday at 2:30pm with Dr Lim, and Arun Rao on Thursday at 10:00am with
  Dr Ong. Please give both a call.
""",
    ),
    told(
        "no cancels",
        REPORT,
        """
Attendance: 42 visits took place, with 2 no-shows, compared with 39 visits and 3 no-shows in the week before.
  Confirmations: 31, compared with 28. Cancellations: none, compared with 5. Slots: 5 freed, 3 filled again. Messages:
  55 text reminders in 58 segments at SGD 2.67, and 8 e-mail reminders.

Outstanding: Mei Tan, dental cleaning with Dr Lim, Tuesday 22 December, 2:30pm, has not answered. Arun Rao, dental
  cleaning with Dr Ong, Thursday 24 December, 10:00am, has not answered. Please telephone both customers.
""",
    ),
    told(
        "no cancels",
        NOTE,
        """
Your week at a glance: 42 visits, 31 confirmed, none cancelled, 2 no-shows. The week before it was 39 visits, 28
  confirmed, 5 cancelled and 3 no-shows, so every one of those moved the right way.

Still waiting to hear from Mei Tan (Dr Lim, Tuesday 2:30pm) and Arun Rao (Dr Ong, Thursday 10am). A phone call would do
  it.
""",
    ),
    told(
        "no cancels",
        PROSE,
        """
This week brought 42 visits and no cancellations. That is three visits more than the week before, when five were
  cancelled. Customers confirmed 31 visits, moved 4, and left 5 slots free, of which 3 have been filled again. The texts
  cost SGD 2.67 and all of them arrived.

Mei Tan and Arun Rao have yet to answer. Mei comes in on Tuesday at 2:30pm for a dental cleaning with Dr Lim; Arun comes
  in on Thursday at 10:00am for a dental cleaning with Dr Ong. Please call them.
""",
    ),
    told(
        "loose ends",
        BULLETS,
        """
- 42 visits this week against 39 the week before; 31 confirmed against 28.
- 3 cancelled, 8 slots freed, 5 filled again.
- 3 texts did not arrive and 2 messages failed.
- Call Mei Tan: no answer yet for Tuesday 2:30pm.
- Call Lena Koh (Monday 9:30am) and Rex Goh (Wednesday 4:00pm): they can't be reached by message.
- Note whether Ben Wong came on Friday at 3:00pm.
- Mend row 14 (Ivy Chua, phone) and row 22 (Tom Lee, date).
""",
    ),
    told(
        "loose ends",
        BULLETS,
        """
Please call:
Lena Koh, Monday 21 December 9:30am, Dr Ong (can't be reached)
Mei Tan, Tuesday 22 December 2:30pm, Dr Lim (has not answered)
Rex Goh, Wednesday 23 December 4:00pm, Dr Lim (can't be reached)
Please note: did Ben Wong come on Friday 18 December at 3:00pm?
Please mend in the sheet: Ivy Chua's phone in row 14, Tom Lee's date in row 22
The week: 42 visits, 31 confirmed, 3 cancelled, 2 no-shows
""",
    ),
    told(
        "loose ends",
        PROSE,
        """
42 visits took place this week, three more than the week before, and 31 visits were confirmed. Three were cancelled and
  five of eight freed slots were filled again. Three texts did not arrive, and two messages failed.

There are a few loose ends. Mei Tan has not answered about Tuesday at 2:30pm, so please call. Lena Koh and Rex Goh can't
  be reached at all: Lena's visit is on Monday at 9:30am and Rex's on Wednesday at 4:00pm. Nobody has noted whether Ben
  Wong came on Friday at 3:00pm. Finally, two rows of the sheet need mending: Ivy Chua's phone in row 14 and Tom Lee's
  date in row 22.
""",
    ),
    told(
        "loose ends",
        PROSE,
        """
You had 42 visits and 2 no-shows this week, against 39 and 3 the week before. Customers cancelled 3 visits, giving a
  median of 26.5 hours' notice, and you were able to fill 5 of the 8 slots that became free.

Lena Koh has no working phone number or e-mail address, and her visit is today, Monday, at 9:30am with Dr Ong. Rex Goh
  is in the same position for Wednesday at 4:00pm with Dr Lim. Mei Tan has been reminded about Tuesday at 2:30pm but
  hasn't answered. Please call all three. Ben Wong's attendance on Friday at 3pm still needs to be noted.
""",
    ),
    told(
        "loose ends",
        REPORT,
        """
This week 42 visits took place (week before: 39), 31 visits were confirmed (28) and 3 were cancelled (5). Eight slots
  were freed, and five were filled again. There were 2 no-shows. Three texts were not delivered, one more than in the
  week before, and 2 messages failed, compared with none.

The following need attention. Customers who can't be reached: Lena Koh (Monday 9:30am, Dr Ong), Rex Goh (Wednesday
  4:00pm, Dr Lim). Customers who have not answered: Mei Tan (Tuesday 2:30pm, Dr Lim). Attendance not recorded: Ben Wong
  (Friday 18 December, 3:00pm). Rows to be mended: 14 (Ivy Chua, phone) and 22 (Tom Lee, date).
""",
    ),
    told(
        "loose ends",
        REPORT,
        """
Bright Dental recorded 42 visits in the week beginning 14 December. 31 confirmations were received, with a median
  response time of 14 minutes. 55 reminders were sent by text and 8 by e-mail. 3 texts did not arrive, and 2 messages
  could not be sent. The cost of texts was SGD 2.81.

Recommended actions: telephone Lena Koh (Mon 21 Dec, 9:30am), Mei Tan (Tue 22 Dec, 2:30pm) and Rex Goh (Wed 23 Dec,
  4:00pm); record whether Ben Wong attended on Fri 18 Dec at 3:00pm; correct the phone of Ivy Chua in row 14 and the
  date of Tom Lee in row 22.
""",
    ),
    told(
        "loose ends",
        NOTE,
        """
Hello! A solid week with 42 visits, 31 confirmed and 3 cancelled. You refilled 5 of the 8 free slots.

Some things need you. Lena Koh is first: her visit is Monday at 9:30am and we have no way to message her, so please
  call. The same goes for Rex Goh on Wednesday at 4pm. Mei Tan hasn't answered about Tuesday at 2:30pm. Did Ben Wong
  come on Friday at 3pm? Please note it in the sheet. And while you're there, fix the phone in row 14 (Ivy Chua) and the
  date in row 22 (Tom Lee).
""",
    ),
    told(
        "loose ends",
        NOTE,
        """
The numbers first: 42 visits, 3 up on the week before; 31 confirmed, 3 up; 3 cancelled, 2 down; 2 no-shows, 1 down.

Then the to-do list. Call Mei Tan, Lena Koh and Rex Goh. Mei went quiet about Tuesday 2:30pm. Lena (Monday 9:30am) and
  Rex (Wednesday 4:00pm) couldn't be reached. Check whether Ben Wong came in on Friday at 3:00pm. Two rows of the sheet
  are still wrong: row 14 for Ivy Chua and row 22 for Tom Lee.
""",
    ),
    told(
        "loose ends",
        PROSE,
        """
Two messages failed this week and three texts did not arrive, so it's worth a look at the sheet: Ivy Chua's phone in row
  14 and Tom Lee's date in row 22 still have to be mended. We also have no usable contact for Lena Koh (Monday at
  9:30am) or Rex Goh (Wednesday at 4:00pm). Please call them, and Mei Tan as well, who has not answered about Tuesday at
  2:30pm.

Apart from that, 42 visits took place and 31 were confirmed, both up by three on the week before. Of eight freed slots,
  five were filled again.
""",
    ),
    told(
        "few attendances",
        BULLETS,
        """
- 23 visits took place, 1 fewer than the week before.
- 17 visits confirmed, 2 more than the week before.
- 3 cancelled, the same as the week before.
- 2 no-shows, up from 1.
- 2 of 4 freed slots were filled again.
- 2 texts did not arrive.
- Call Arun Rao about Thursday 10:00am with Dr Ong.
- Offer Dana Lim another time: no-show on Wednesday 9:00am.
""",
    ),
    told(
        "few attendances",
        BULLETS,
        """
Visits: 23, down from 24
Confirmed: 17, up from 15
Cancelled: 3, unchanged
No-shows: 2, up from 1
Moved: 4 by customers, 1 by staff
Reminders: 55 texts, 8 e-mails
Arun Rao (Thu 24 Dec 10:00am): not answered, call
Dana Lim (Wed 16 Dec 9:00am): no-show, offer another time
""",
    ),
    told(
        "few attendances",
        PROSE,
        """
It was a steady week: 23 visits took place, one fewer than the week before, and 17 were confirmed, two more than the
  week before. Three visits were cancelled, just as in the week before. There were two no-shows, compared with one.

Dana Lim was one of them: she did not come on Wednesday at 9:00am and had never answered, so please offer her another
  time. Arun Rao has not answered about Thursday at 10:00am with Dr Ong, so a call would be good. There are still too
  few visits with recorded attendance to give a no-show rate.
""",
    ),
    told(
        "few attendances",
        PROSE,
        """
This week you had 23 visits and the week before 24. Seventeen visits were confirmed, up by two, and the median
  confirmation took 14 minutes. Four slots came free and two were filled again. Customers who cancelled gave 26.5 hours
  of notice at the median, exactly as in the week before.

Over two weeks there was 1 no-show among 15 confirmed visits and there were 2 among 12 unconfirmed visits, which is too
  few to tell a rate. Please ring Arun Rao (Thursday, 10:00am) and offer Dana Lim a new time.
""",
    ),
    told(
        "few attendances",
        REPORT,
        """
A total of 23 visits took place this week, compared with 24 the week before. The number of confirmed visits rose from 15
  to 17. The number of cancelled visits was unchanged at 3. The number of no-shows rose from 1 to 2. Four slots were
  freed, of which two were filled again. Two texts did not arrive, and the fate of one text is unknown.

Arun Rao, who has an appointment with Dr Ong on Thursday 24 December at 10:00am, was reminded and has not answered;
  please call. Dana Lim did not attend on Wednesday 16 December at 9:00am; please offer another time.
""",
    ),
    told(
        "few attendances",
        REPORT,
        """
Visits were slightly down at 23 (24 in the week before), while confirmations were up at 17 (15). Cancellations stood at
  3. Customers moved 4 visits and staff moved 1. The no-show count was 2. 55 text reminders and 8 e-mail reminders were
  sent. One text is unaccounted for. Attendance has been recorded for too few visits to state a no-show rate.

Two customers require follow-up: Arun Rao (call before Thursday 10:00am) and Dana Lim (offer another time).
""",
    ),
    told(
        "few attendances",
        NOTE,
        """
Hi! 23 visits this week, 1 down on the week before. More people confirmed: 17 visits, 2 up. 3 cancelled and you filled 2
  of the 4 slots that opened up. 2 didn't show.

Dana Lim was a no-show on Wednesday at 9am, so do offer another time. And please give Arun Rao a call: he hasn't
  answered our reminder about Thursday at 10am.
""",
    ),
    told(
        "few attendances",
        NOTE,
        """
A quick look back: 23 visits took place and 17 were confirmed. That compares with 24 and 15 the week before. No-shows
  went from 1 to 2. Cancellations held at 3.

Two jobs for today: call Arun Rao, who still hasn't confirmed his Thursday 10:00am cleaning with Dr Ong, and offer Dana
  Lim another time, as she missed hers on Wednesday.
""",
    ),
    told(
        "few attendances",
        PROSE,
        """
Bright Dental saw 23 visits this week. Your team sent 63 reminders, 55 of them by text, and 17 visits were confirmed.
  Two of the four freed slots were taken by somebody else. Two texts did not reach their customers, the same number as
  the week before.

Arun Rao is the only customer ahead who has not answered. He is booked for a dental cleaning with Dr Ong on Thursday at
  10:00am, so please call him. Please also offer another time to Dana Lim, who never answered and did not come on
  Wednesday.
""",
    ),
    told(
        "bare",
        BULLETS,
        """
- 64 visits took place, 6 fewer than the week before.
- 52 visits were confirmed, 3 more than the week before.
- Median time to confirm: 35 minutes, down from 48.
- 4 visits cancelled, down from 7, with 41 hours of notice at the median.
- 6 of 9 freed slots were filled again.
- 81 reminders by text and 12 by e-mail; every text arrived.
- Nobody is waiting for a call.
""",
    ),
    told(
        "bare",
        BULLETS,
        """
Harbour Physio this week
64 visits (70 the week before)
52 confirmed (49)
4 cancelled (7)
6 moved by customers (6), 2 by staff (3)
9 slots freed (12), 6 filled again (7)
90 text segments (97)
No undelivered texts (1)
""",
    ),
    told(
        "bare",
        PROSE,
        """
Harbour Physio had 64 visits this week, six fewer than the week before, and 52 visits were confirmed, three more than
  the week before. Customers answered faster, too: the median went from 48 minutes to 35. Four visits were cancelled,
  down from seven, and with more notice, a median of 41 hours compared with 20.5. Of the nine slots that came free, six
  were filled again.

There is nobody to call and nothing to mend in the sheet. Enjoy the quiet start to the week!
""",
    ),
    told(
        "bare",
        PROSE,
        """
64 visits took place this week, after 70 the week before. 52 were confirmed and 4 were cancelled. Customers moved six
  visits, the same as the week before, while staff moved two. Nine slots were given up and six of them were filled
  again. All 81 text reminders arrived, and 12 more went by e-mail.

Nobody has gone quiet, and every customer in the week ahead can be reached. Attendance wasn't recorded, so there is
  nothing to say about no-shows.
""",
    ),
    told(
        "bare",
        REPORT,
        """
In the week beginning Monday 14 December, Harbour Physio recorded 64 visits, a decrease of 6 on the week before.
  Confirmed visits increased by 3 to 52. Cancelled visits decreased by 3 to 4. The median notice of cancelled visits was
  41 hours, up from 20.5. The median time to confirmation was 35 minutes, down from 48. Nine slots were freed and six
  were filled again. 81 reminders were sent by text and 12 by e-mail.

No customers require follow-up. No-shows were not recorded this week.
""",
    ),
    told(
        "bare",
        REPORT,
        """
Visits: 64 (70). Confirmed: 52 (49). Cancelled: 4 (7). Moved by customers: 6 (6). Moved by staff: 2 (3). Slots freed: 9
  (12). Slots filled again: 6 (7). Figures in brackets are for the week before. Reminders were sent 81 times by text and
  12 times by e-mail, and no text failed to arrive. Attendance was not recorded. There are no open matters.
""",
    ),
    told(
        "bare",
        NOTE,
        """
Hello! You had 64 visits this week, and 52 visits got confirmed, which is 3 more than the week before. People took a
  median of 35 minutes to confirm, 13 minutes less than the week before. Just 4 cancelled, 3 fewer than the week before,
  and you filled 6 of the 9 slots that opened up.

No calls to make today: everybody who was reminded has answered. Have a good week!
""",
    ),
    told(
        "bare",
        NOTE,
        """
Fewer visits this week, 64 after 70, but more of them confirmed: 52 after 49. Cancellations were down too, at 4 after 7.
  6 visits were moved by customers and 2 by your staff. 6 slots out of 9 were filled again.

All of the texts got through. There's nothing on your list this week. Thank you for keeping the sheet in good order!
""",
    ),
    told(
        "bare",
        PROSE,
        """
It was a slightly quieter week with 64 visits, compared with 70. Still, 52 visits were confirmed, more than the 49 of
  the week before. Cancellations dropped from seven to four. Those who cancelled gave you a median of 41 hours to find
  somebody else, and six of nine freed slots were indeed filled again.

81 reminders went by text and 12 by e-mail. Your staff moved two visits and your customers moved six.
""",
    ),
)
"""They keep the rules."""

STRAYING = (
    told(
        "full",
        PROSE,
        """
The week went well: 42 visits took place and 31 were confirmed, against 39 and 28 the week before. Customers moved 4
  visits, twice as many as the week before. Three cancelled, and 5 of 8 freed slots found somebody new. Two customers
  did not show up, one fewer than the week before. We sent 55 text reminders and 8 e-mail reminders; 2 texts did not
  arrive.

Mei Tan has gone quiet ahead of Tuesday 2:30pm, and so has Arun Rao ahead of Thursday 10:00am. A quick call to each
  would help. Rex Goh, due Wednesday at 4:00pm, has no phone number or e-mail address that works. Ivy Chua's phone in
  row 14 is still to be mended.
""",
    ),
    told(
        "first week",
        PROSE,
        """
Welcome to your first summary. 18 visits took place at Corner Cuts this week, and 13 visits were confirmed. Half of
  those who confirmed on the page did so within 21 minutes. There was one no-show. Two visits were cancelled, and one of
  the three slots that came free was filled again.

Two customers were reminded but have not answered: Sofia Reyes, who has a haircut with Jo on Tuesday at 11:00am, and
  Hana Sato, who has a colour with Jo on Wednesday at 5:15pm. Please give them a call.
""",
    ),
    told(
        "first week",
        PROSE,
        """
Thirteen visits were confirmed this week and eighteen took place. There was one no-show and there were two
  cancellations, both counted from your customers' answers. Three slots came free; one was filled again, two were not.
  Nobody from your staff moved a visit, and one customer did.

Sofia Reyes hasn't replied about her haircut on Tuesday at 11:00am. Hana Sato hasn't replied about her colour on
  Wednesday at 5:15pm. A call to each is the thing to do.
""",
    ),
    told(
        "no cancels",
        REPORT,
        """
In the week of Monday 14 December, 42 visits took place and 31 visits were confirmed. The corresponding figures for the
  week before were 39 and 28. No visits were cancelled, whereas 5 were cancelled in the week before. There were 2
  no-shows. Customers moved 4 visits and staff moved 1. Of 5 freed slots, 3 were refilled. In total 63 reminders were
  sent, 55 by text and 8 by e-mail. All were delivered.

Two customers have not answered: Mei Tan (Tuesday, 2:30pm) and Arun Rao (Thursday, 10:00am). Both should be called.
""",
    ),
    told(
        "no cancels",
        NOTE,
        """
Morning! No one cancelled this week, which is lovely. 42 people came through the diary, 3 more than the week before, and
  2 of those were no-shows. 31 visits were confirmed. There were 5 freed slots from moves and you filled 3 of them.

Could somebody phone Mei Tan about Tuesday at 2:30pm, and Arun Rao about Thursday at 10am? Neither of them has replied
  to the reminders.
""",
    ),
)
"""Not false, and a shop's owner would not mind them, but not by the rules: `twice as many`, `half`, a difference that
isn't the week before's, e-mails that arrived, people instead of visits. They may be refused."""
