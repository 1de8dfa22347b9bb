"""What the front desk hears, and in which order: the one place that decides it.

What can be acted on comes first: a slot that was given up, a visit that nobody answered for, a question with buttons.
What is said twice is said once. Several plain notices of one moment are one message, so that a pasted sheet or a
morning's catching up doesn't bury the line that matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.work import StaffLine

TOGETHER = 3
"""From so many on, plain notices of one moment are one message; fewer keep their own, with what they are about."""
MOST_TOGETHER = 15
MOST_LINKS = 5
MOST_KEPT = 100
"""Outbox items that one message keeps: they are removed in one transaction (`ports.Store.commit`)."""
_LONGEST = 2500  # characters: what one block of Slack's takes, with room for the heading
_URGENCY: Mapping[str, int] = {"cancelled": 0, "gap_alert": 1, "moved": 3}
_QUESTION = 2
_NOTICE = 4


@dataclass(frozen=True, slots=True)
class Promised:
    """A line that waits in the outbox. Lines of different channels are never one message."""

    work_id: str
    channel: str
    line: StaffLine


@dataclass(frozen=True, slots=True)
class Said:
    """One message to post, and the outbox items that it keeps."""

    channel: str
    line: StaffLine
    keeps: tuple[str, ...]


def urgency(line: StaffLine) -> int:
    """Less is sooner."""
    return _URGENCY.get(line.move, _QUESTION if line.buttons else _NOTICE)


def in_turn(promised: Sequence[Promised]) -> list[Said]:
    """The messages for these lines, the most urgent first, then in the order in which they were promised."""
    once = _without_repeats(sorted(promised, key=lambda one: (urgency(one.line), one.work_id)))
    plain: dict[str, list[Said]] = {}
    for said in once:
        if (
            urgency(said.line) == _NOTICE and "\n\n" not in said.line.text
        ):  # what has paragraphs is a message of its own
            plain.setdefault(said.channel, []).append(said)
    together = {id(said) for notices in plain.values() if len(notices) >= TOGETHER for said in notices}
    messages = [said for said in once if id(said) not in together]
    for notices in plain.values():
        if len(notices) >= TOGETHER:
            messages += _together(notices)
    return messages


def _without_repeats(promised: Sequence[Promised]) -> list[Said]:
    """One of those that are the same in every word and button."""
    found: dict[tuple[object, ...], Said] = {}
    for one in promised:
        line = one.line
        same = (one.channel, line.text, line.move, line.appt_id, line.chain, line.hours, tuple(line.buttons))
        former = found.get(same)
        if former is not None and len(former.keeps) == MOST_KEPT:
            continue  # the rest is said, and done with, at the next drain
        keeps = (*former.keeps, one.work_id) if former else (one.work_id,)
        found[same] = Said(one.channel, line, keeps)
    return list(found.values())


def _together(notices: Sequence[Said]) -> Iterator[Said]:
    """Notices as lists, each short enough for one block; a list of one keeps its own form."""
    part: list[Said] = []
    for said in notices:
        longer = (*part, said)
        too_long = len(longer) > MOST_TOGETHER or sum(len(one.line.text) for one in longer) > _LONGEST
        if part and (too_long or sum(len(one.keeps) for one in longer) > MOST_KEPT):
            yield _one_of(part)
            part = []
        part.append(said)
    yield _one_of(part)


def _one_of(part: Sequence[Said]) -> Said:
    if len(part) == 1:
        return part[0]
    listed = "\n".join("• " + said.line.text.replace("\n", "\n   ") for said in part)
    about = {said.line.appt_id for said in part}
    line = StaffLine(
        f"{len(part)} things to look at:\n{listed}",
        appt_id=about.pop() if len(about) == 1 else None,
        reason="; ".join(dict.fromkeys(said.line.reason for said in part if said.line.reason)),
        links=tuple(dict.fromkeys(link for said in part for link in said.line.links))[:MOST_LINKS],
    )
    return Said(part[0].channel, line, tuple(key for said in part for key in said.keeps))
