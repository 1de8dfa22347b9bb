"""Read mails of the raw-mime bucket again, as if they had just come in.

Safe at any time: what was proposed from a mail before isn't proposed again, and staff aren't told twice. Worth it for a
mail that could not be read, after its cause was mended. Proposals go to Slack as always.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from chalicelib import names
from chalicelib.errors import ReminderError
from chalicelib.runtime import Runtime
from chalicelib.usecases.record_mail import Outcome
from chalicelib.usecases.take_in_mail import take_in_mail

_LISTED = 20


@click.command(short_help="read mails of the raw-mime bucket again", help=__doc__)
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
def reparse(keys: tuple[str, ...]) -> int:
    """Read them again. Returns 1 if one of them still can't be read."""
    from chalicelib import bootstrap

    return read_again(bootstrap.runtime(), keys)


def read_again(rt: Runtime, keys: Sequence[str]) -> int:
    """Read these mails again, each said in a line. Raises LookupError for a key without a mail, before any is read."""
    absent = [key for key in keys if key.startswith(names.ATTACHMENTS) or rt.raw_mail.size(key) is None]
    if absent:
        there = [key for part in absent for key in rt.raw_mail.keys(part)][:_LISTED]
        close = f"; there are {', '.join(there)}" if there else ""
        raise LookupError(f"no such mail: {', '.join(absent)} (in {names.RAW_MIME_BUCKET}){close}")
    left = 0
    for key in keys:
        try:
            outcome = take_in_mail(rt, key)
        except ReminderError as failure:
            left += 1
            print(f"{key}: not read, {failure}. Run this again later.")
            continue
        left += outcome.outcome in (Outcome.UNREADABLE, Outcome.REFUSED)
        print(f"{key}: {outcome.outcome.value}" + (f" ({outcome.reason})" if outcome.reason else ""))
    return 1 if left else 0
