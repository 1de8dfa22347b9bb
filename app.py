"""The app's edge: what AWS calls, and which use case answers. Nothing is decided here.

Only Chalice is imported with this file: each function brings in what its own work needs, when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Rate, Response

from chalicelib import names
from chalicelib.function_url import FnUrlChalice, bare, form_fields

if TYPE_CHECKING:
    from chalice.app import CloudWatchEvent, S3Event, SNSEvent

    from chalicelib.bootstrap import AwsRuntime
    from chalicelib.pages.render import PageAnswer

FORM = "application/x-www-form-urlencoded"
ANY = "*/*"  # Chalice asks even a GET for its content type, which some scanners send
MULTIPART = "multipart/form-data"  # a mail program's one-click POST may be one (RFC 8058)

app = FnUrlChalice("ar")


def _runtime() -> AwsRuntime:
    from chalicelib.bootstrap import runtime

    return runtime()


def _events(*detail_types: str) -> dict[str, list[str]]:
    return {"source": [names.EVENT_SOURCE], "detail-type": list(detail_types)}


# ---------------------------------------------------------------- the clock's


@app.schedule(Rate(5, unit=Rate.MINUTES), name=names.DRIVE_SYNC)
def drive_sync(event: CloudWatchEvent) -> None:
    """Mirror the sheet and the docs, if they have changed."""
    from chalicelib.usecases.sync_drive import sync_drive

    sync_drive(_runtime())


@app.schedule(Rate(1, unit=Rate.HOURS), name=names.REMINDER)
def reminder(event: CloudWatchEvent) -> None:
    """The tick: what is due within the hour goes to dispatch; what was left over is finished."""
    from chalicelib.usecases.mind_proposals import mind_proposals
    from chalicelib.usecases.run_tick import run_tick

    rt = _runtime()
    run_tick(rt)
    mind_proposals(rt, rt.clock())


@app.schedule(Rate(1, unit=Rate.HOURS), name=names.CALENDAR_SYNC)
def calendar_sync(event: CloudWatchEvent) -> None:
    """Propose what is new, moved or gone in the calendars."""
    from chalicelib.usecases.sync_calendar import sync_calendar

    sync_calendar(_runtime())


@app.schedule(Rate(1, unit=Rate.HOURS), name=names.INTAKE_WATCH)
def intake_watch(event: CloudWatchEvent) -> None:
    """Scans whose end was never heard of, and the day's line about mails that were no booking."""
    from chalicelib.usecases.watch_intake import watch_intake

    watch_intake(_runtime())


@app.schedule(Rate(15, unit=Rate.MINUTES), name=names.SUMMARY)
def summary(event: CloudWatchEvent) -> None:
    """On Monday at eight, whatever the zone: the week's figures, told to Slack and the owner. Each morning, where a
    time is configured, the day's visits."""
    from chalicelib.usecases.summarise_week import summarise_week
    from chalicelib.usecases.tell_morning import tell_morning

    rt = _runtime()
    try:
        tell_morning(rt)
    finally:  # neither holds the other up
        summarise_week(rt)


# ---------------------------------------------------------------- the mails'


@app.on_s3_event(bucket=names.RAW_MIME_BUCKET, events=["s3:ObjectCreated:*"], name=names.INTAKE)
def intake(event: S3Event) -> None:
    """A mail has come in: what it books, changes or cancels is proposed."""
    from chalicelib.usecases.take_in_mail import take_in_object

    take_in_object(_runtime(), event.key)


@app.on_sns_message(topic=names.SCANS_TOPIC, name=names.SCAN_DONE)
def scan_done(event: SNSEvent) -> None:
    """Textract has read an attachment, or has given it up: its mail is read on."""
    from chalicelib.usecases.resume_scan import resume_scan

    resume_scan(_runtime(), event.message)


# ---------------------------------------------------------------- the bus's


@app.on_cw_event(_events("ar.tick_requested"), name=names.REMINDER_ON_CHANGE)
def reminder_on_change(event: CloudWatchEvent) -> None:
    """The same tick, because something has just changed."""
    from chalicelib.usecases.run_tick import run_tick

    run_tick(_runtime())


@app.on_cw_event(
    _events("ar.first_reminder", "ar.second_reminder", "ar.gap_alert", "ar.moved", "ar.cancelled"),
    name=names.DISPATCH,
)
def dispatch(event: CloudWatchEvent) -> None:
    """One message: now, at its minute, or not at all. One-off schedules call this with the same envelope."""
    from chalicelib.domain.events import MoveDue
    from chalicelib.usecases.dispatch_move import dispatch_move

    dispatch_move(_runtime(), MoveDue.from_detail(event.detail))


@app.on_cw_event(_events("ar.staff_action"), name=names.STAFF_ACTION)
def staff_action(event: CloudWatchEvent) -> None:
    """A button that was pressed in Slack, checked and handed on by the endpoint below."""
    from chalicelib.usecases.settle_staff_action import settle_staff_action

    rt, press = _runtime(), event.detail
    settle_staff_action(
        rt, press["action"], press["value"], press["user"], press["channel"], press["message"], rt.clock()
    )


@app.lambda_function(name=names.SMS_DELIVERY)
def sms_delivery(event: dict[str, Any], context: Any) -> None:
    """SNS's delivery log: what became of the texts that it took."""
    from chalicelib.log_subscription import entries
    from chalicelib.usecases.settle_delivery import settle_delivery

    settle_delivery(_runtime(), entries(event))


@app.on_sns_message(topic=names.ALARMS_TOPIC, name=names.ALARM)
def alarm(event: SNSEvent) -> None:
    """CloudWatch or the budget has something to say about the system itself: staff are told."""
    from chalicelib.logs import scrub
    from chalicelib.usecases.tell_alarm import tell_alarm

    tell_alarm(_runtime(), event.message, scrub)


# ---------------------------------------------------------------- the customers'


@app.route("/r/{token}", methods=["GET", "HEAD"], content_types=[ANY])
def reply_page(token: str) -> Response:
    """A reply link was opened: the page. Nothing changes."""
    from chalicelib.usecases.show_reply_page import show_reply_page

    asked = app.current_request.query_params or {}
    return _page(show_reply_page(_runtime(), token, asked.get("a", ""), move=bool(asked.get("move"))))


@app.route("/r/{token}", methods=["POST"], content_types=[FORM])
def press(token: str) -> Response:
    """A button on that page was pressed."""
    from chalicelib.usecases.answer_reply import answer_reply

    return _page(answer_reply(_runtime(), token, form_fields(app.current_request.raw_body)))


@app.route("/u/{token}", methods=["GET", "HEAD"], content_types=[ANY])
def mail_page(token: str) -> Response:
    """The page behind an e-mail's unsubscribe link. Nothing changes."""
    from chalicelib.usecases.opt_out_of_mail import show_mail_page

    return _page(show_mail_page(_runtime(), token))


@app.route("/u/{token}", methods=["POST"], content_types=[FORM, MULTIPART])
def unsubscribe(token: str) -> Response:
    """One click in a mail program, or the button on that page."""
    from chalicelib.usecases.opt_out_of_mail import opt_out_of_mail

    return _page(opt_out_of_mail(_runtime(), token, form_fields(app.current_request.raw_body)))


# ---------------------------------------------------------------- the staff's


@app.route("/slack/interactive", methods=["POST"], content_types=[FORM])
def slack_interactive() -> Response:
    """What Slack posts when somebody presses a button or sends a form off: checked, handed on, answered at once."""
    from chalicelib.usecases.hand_on_press import hand_on_press

    request = app.current_request
    answer = hand_on_press(_runtime(), request.headers, request.raw_body)
    return bare(answer.status) if answer.body is None else Response(answer.body, {}, answer.status)


def _page(answer: PageAnswer) -> Response:
    return Response(answer.html, dict(answer.headers), answer.status)
