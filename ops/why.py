"""Tell the whole story of one appointment: rows seen, plans, sends, delivery, replies, edits, and why nothing went."""

from __future__ import annotations

import click

from ops.printed import as_json_option, print_json, print_table
from ops.stage import open_runtime
from ops.story import Chapter, tell


@click.command(short_help="the whole story of one appointment", help=__doc__)
@click.argument("appt_id", metavar="APPT")
@as_json_option
def why(appt_id: str, as_json: bool) -> int:
    """Tell it. Returns 0."""
    import boto3

    story = tell(open_runtime(), boto3.client("dynamodb"), appt_id)
    if as_json:
        print_json(story.as_json())
        return 0
    print_table(f"{appt_id}: what happened", ("when", "", "what", "why"), map(_row, story.past))
    print_table("What comes, or doesn't", ("when", "", "what", "why"), map(_row, story.ahead))
    click.echo(story.now)
    return 0


def _row(chapter: Chapter) -> tuple[str, ...]:
    at = f"{chapter.at:%a %d %b %H:%M}" if chapter.at else ""
    return at, chapter.kind, chapter.text, chapter.reason
