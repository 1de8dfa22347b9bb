"""What an honest model would say of a week: twenty-four texts that the checker was first measured on.

They were written together, before the checker was changed, and counted once when it had been: nine were refused. Then
four rules more were made from looking at them, so the next figure needs fresh ones.
"""

from __future__ import annotations

from tests.unit.week_honest import BULLETS, NOTE, PROSE, REPORT, told

HELD_OUT = (
    told(
        "barber",
        BULLETS,
        """
- 57 visits took place this week, compared with 61 the week before.
- 44 visits were confirmed, 2 fewer than the week before.
- 6 visits were cancelled, up from 4, and 7 of 10 freed slots were filled again.
- 3 no-shows, down from 5.
- Call Omar Haddad about Tuesday 9:15am; he has not answered.
- Offer Peter Novak another time.
- Row 7 (Sam Hill) still has a date to mend.
""",
    ),
    told(
        "barber",
        BULLETS,
        """
57 visits, 3 no-shows
44 confirmed, 6 cancelled, 5 moved by customers
70 text reminders and 6 e-mail reminders, SGD 3.40 for the texts
10 slots freed, 7 filled again
To do: call Omar Haddad (Tue 22 Dec 9:15am), offer Peter Novak another time, mend the date in row 7 (Sam Hill)
""",
    ),
    told(
        "barber",
        PROSE,
        """
The Sharp Edge welcomed 57 customers' visits this week, four fewer than the week before. 44 visits were confirmed, and
  the median customer took 9 minutes to do it. Six visits were cancelled, two more than the week before, but seven of
  the ten freed slots were filled again, which is more than the five of the week before. No-shows were down to three
  from five.

Omar Haddad hasn't answered his reminder for Tuesday at 9:15am with Luca. Please give him a call. Peter Novak was a
  no-show last Wednesday at 6pm; please offer him another time.
""",
    ),
    told(
        "barber",
        PROSE,
        """
You had 57 visits and 3 no-shows this week, after 61 visits and 5 no-shows the week before. 44 visits were confirmed.
  Customers moved 5 visits and cancelled 6, with a median of 18.5 hours of notice. Ten slots were freed and seven were
  filled again.

Over two weeks, 2 of 71 confirmed visits were no-shows (2.8 per cent), and 6 of 47 unconfirmed visits (12.8 per cent).

Please call Omar Haddad before Tuesday at 9:15am, offer Peter Novak another time, and fix the date in row 7 for Sam
  Hill.
""",
    ),
    told(
        "barber",
        REPORT,
        """
In the week beginning Monday 14 December there were 57 visits, against 61 in the week before. 44 visits were confirmed,
  against 46. Six visits were cancelled, against 4, at a median notice of 18.5 hours, against 22. Of ten slots freed,
  seven were filled again. There were three no-shows, two fewer than in the week before. The median time from message to
  confirmation was 9 minutes. All texts arrived.

Omar Haddad (Tuesday 22 December, 9:15am, Luca) has not answered and should be called. Peter Novak was a no-show and
  should be offered another time. Row 7 (Sam Hill) has an invalid date.
""",
    ),
    told(
        "barber",
        REPORT,
        """
Visits this week: 57. Visits the week before: 61. Confirmed this week: 44. Confirmed the week before: 46. Cancelled this
  week: 6. Cancelled the week before: 4. No-shows this week: 3. No-shows the week before: 5. Reminders by text: 70.
  Reminders by e-mail: 6. Cost of texts: SGD 3.40.

To call: Omar Haddad, beard trim with Luca, Tuesday at 9:15am. To offer another time: Peter Novak. To mend: row 7, Sam
  Hill, date.
""",
    ),
    told(
        "barber",
        NOTE,
        """
Hello! It was a good week at The Sharp Edge. 57 visits took place, and 3 people didn't show up, 2 fewer than the week
  before. 44 visits were confirmed, and half an hour's wait is nothing to worry about: the median reply came in 9
  minutes.

Please ring Omar Haddad about his beard trim on Tuesday at 9:15am. Peter Novak missed his haircut on Wednesday, so offer
  him another time. Row 7 needs a proper date for Sam Hill.
""",
    ),
    told(
        "barber",
        NOTE,
        """
Good morning! 57 visits this week, 4 down on the week before, with 44 confirmed. You had 6 cancellations but 7 of the 10
  freed slots went to somebody else. No-shows fell by 2 to 3.

Omar Haddad has gone quiet: he's booked with Luca on Tuesday at 9:15am, so give him a call. Offer Peter Novak another
  time after his no-show. And please correct Sam Hill's date in row 7.
""",
    ),
    told(
        "vet",
        BULLETS,
        """
- 29 visits this week, the same as the week before.
- No no-shows this week; 1 the week before.
- 20 visits confirmed, 2 fewer than the week before.
- 1 visit cancelled, with 6.5 hours of notice.
- 4 slots freed, 1 filled again.
- 1 text did not arrive, 1 message failed, and for 2 texts nobody knows.
- Call Nora Blake about Wednesday 8:45am: she has not answered.
- Call Tim Ward about Monday 4:30pm: he can't be reached.
""",
    ),
    told(
        "vet",
        BULLETS,
        """
Green Lane Vets, this week
Visits: 29 (29 the week before)
Confirmed: 20 (22 the week before)
Cancelled: 1 (2 the week before)
No-shows: 0 (1 the week before)
Moved: 2 by customers, 3 by staff
Call Tim Ward, Mon 21 Dec 4:30pm, Dr Iqbal
Call Nora Blake, Wed 23 Dec 8:45am, Dr Iqbal
""",
    ),
    told(
        "vet",
        PROSE,
        """
Nobody missed a visit at Green Lane Vets this week: 29 took place, just as many as the week before, without a no-show.
  Twenty visits were confirmed, two fewer than the week before. One was cancelled, and one of the four slots that came
  free was filled again.

Tim Ward can't be reached, and his check-up with Dr Iqbal is on Monday at 4:30pm, so please call him. Nora Blake was
  reminded of her vaccination on Wednesday at 8:45am and hasn't answered; a call would be good there as well.
""",
    ),
    told(
        "vet",
        PROSE,
        """
This week 29 visits took place and none of them was a no-show. You had 20 confirmations, against 22 the week before, and
  they came at a median of 52 minutes after the message. Only one visit was cancelled. Your customers moved two visits
  and your staff moved three. One text did not arrive, and nobody knows whether two others went.

Two calls to make: Tim Ward on Monday before 4:30pm, as he can't be reached by message, and Nora Blake before Wednesday
  at 8:45am, as she hasn't answered.
""",
    ),
    told(
        "vet",
        REPORT,
        """
Green Lane Vets had 29 visits this week and 29 the week before. The number of confirmed visits was 20, down from 22. One
  visit was cancelled, down from two, with 6.5 hours of notice. Four slots were freed and one was filled again. No
  no-shows were recorded. 25 reminders were sent by text and 14 by e-mail. One text was not delivered and one message
  failed.

Calls required: Tim Ward (Monday 21 December, 4:30pm), who can't be reached; Nora Blake (Wednesday 23 December, 8:45am),
  who has not answered.
""",
    ),
    told(
        "vet",
        REPORT,
        """
Weekly summary. 29 visits took place. There were no no-shows, compared with 1 the week before. 20 visits were confirmed,
  compared with 22 the week before. 1 visit was cancelled, compared with 2 the week before. Customers moved 2 visits and
  staff moved 3. The texts had 31 segments.

Nora Blake has not confirmed her visit with Dr Iqbal on Wednesday 23 December at 8:45am. Tim Ward has no usable phone
  number for his visit with Dr Iqbal on Monday 21 December at 4:30pm. Please call both.
""",
    ),
    told(
        "vet",
        NOTE,
        """
Hi! 29 visits this week and not one no-show, well done. 20 visits were confirmed, and 1 was cancelled. The median time
  to confirm was 52 minutes, 12 minutes more than the week before.

First thing today, please call Tim Ward: his visit is Monday at 4:30pm and he can't be reached any other way. Then call
  Nora Blake about her vaccination on Wednesday at 8:45am, since she hasn't answered yet.
""",
    ),
    told(
        "vet",
        NOTE,
        """
Good morning, Green Lane Vets! The week in short: 29 visits, 20 confirmed, 1 cancelled, and no no-shows. The week before
  there were 29 visits, 22 confirmed, 2 cancelled and 1 no-show.

Nora Blake hasn't got back to us about Wednesday at 8:45am, and Tim Ward's row has no number we can text for Monday at
  4:30pm. Please give both of them a call.
""",
    ),
    told(
        "full",
        BULLETS,
        """
- Visits: 42 this week, 39 the week before.
- Confirmed: 31 this week, 28 the week before.
- Cancelled: 3 this week, 5 the week before.
- No-shows: 2 this week, 3 the week before.
- Mei Tan: has not answered for Tuesday at 2:30pm. Call.
- Arun Rao: has not answered for Thursday at 10:00am. Call.
- Rex Goh: can't be reached for Wednesday at 4:00pm. Call.
- Dana Lim: no-show on Wednesday. Offer another time.
- Ivy Chua: phone in row 14. Mend.
""",
    ),
    told(
        "full",
        PROSE,
        """
It's been a positive week. Bright Dental had 42 visits, up from 39 the week before, and 31 were confirmed, up from 28.
  You had 3 cancellations, fewer than the 5 of the week before, and 2 no-shows, also fewer than the 3 of the week
  before. Out of 8 freed slots, 5 were filled again.

Mei Tan, due to see Dr Lim on Tuesday at 2:30pm, and Arun Rao, due to see Dr Ong on Thursday at 10:00am, have not
  answered their reminders. Please call both of them. Rex Goh needs a call too, because no message can reach him before
  Wednesday at 4:00pm.
""",
    ),
    told(
        "full",
        REPORT,
        """
42 visits took place this week, an increase of 3 on the week before. 31 visits were confirmed, an increase of 3. 3
  visits were cancelled, a decrease of 2. 2 no-shows were recorded, a decrease of 1. 4 visits were moved by customers
  and 1 by staff. The texts cost SGD 2.81.

Follow-up list: Mei Tan, Tuesday 2:30pm, call; Arun Rao, Thursday 10:00am, call; Rex Goh, Wednesday 4:00pm, call; Dana
  Lim, offer another time; Ivy Chua, row 14, mend the phone number.
""",
    ),
    told(
        "full",
        NOTE,
        """
Hi! Quick update on the week. 42 visits happened (39 the week before), 31 were confirmed (28), and 3 were cancelled (5).
  You filled 5 of the 8 slots that were freed. Nicely done.

On your list: Mei Tan (Tuesday 2:30pm, Dr Lim) and Arun Rao (Thursday 10am, Dr Ong) haven't replied, so give them a
  ring. Dana Lim was a no-show, so offer another time. Rex Goh (Wednesday 4pm) can't be reached, and row 14 for Ivy Chua
  needs its phone mended.
""",
    ),
    told(
        "loose ends",
        BULLETS,
        """
- 42 visits took place (39 the week before).
- 31 visits were confirmed (28 the week before).
- 3 texts did not arrive; 2 messages failed.
- Lena Koh can't be reached: call before Monday 9:30am.
- Mei Tan has not answered: call before Tuesday 2:30pm.
- Rex Goh can't be reached: call before Wednesday 4:00pm.
- Ben Wong, Friday 3:00pm: note whether he came.
- Rows to mend: 14 (Ivy Chua, phone), 22 (Tom Lee, date).
""",
    ),
    told(
        "loose ends",
        PROSE,
        """
42 visits took place this week and 31 were confirmed, compared with 39 and 28 the week before. You had two no-shows.
  Three visits were cancelled with a median of 26.5 hours of notice, and five of the eight freed slots were filled.

Please start with Lena Koh, whose visit with Dr Ong is on Monday at 9:30am; she can't be reached. Rex Goh can't be
  reached either, and his visit with Dr Lim is on Wednesday at 4:00pm. Mei Tan hasn't answered about Tuesday at 2:30pm.
  Please note whether Ben Wong came on Friday, and mend the rows of Ivy Chua (14) and Tom Lee (22).
""",
    ),
    told(
        "loose ends",
        REPORT,
        """
This week there were 42 visits and 2 no-shows. There were 31 confirmations, 3 cancellations and 4 moves by customers.
  The week before there were 39 visits, 28 confirmations, 5 cancellations and 2 moves by customers. 3 texts did not
  arrive. 2 messages failed.

Customers to call: Lena Koh (Monday, 9:30am), Mei Tan (Tuesday, 2:30pm), Rex Goh (Wednesday, 4:00pm). Attendance to
  note: Ben Wong (Friday, 3:00pm). Rows to mend: row 14 (Ivy Chua) and row 22 (Tom Lee).
""",
    ),
    told(
        "loose ends",
        NOTE,
        """
Hello! You had 42 visits this week, which is 3 more than the week before. 31 were confirmed and 3 were cancelled.

There's a bit to tidy up. Three customers need a call: Lena Koh for Monday at 9:30am, Mei Tan for Tuesday at 2:30pm and
  Rex Goh for Wednesday at 4pm. Nobody wrote down whether Ben Wong came on Friday at 3pm. Rows 14 and 22 of the sheet,
  for Ivy Chua and Tom Lee, are still to be mended.
""",
    ),
)
