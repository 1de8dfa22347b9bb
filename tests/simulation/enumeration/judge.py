"""What a finished history amounts to, told from what left the system and from what its tables hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from chalicelib.domain.appointment import Channel
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import UNSETTLED, Send, SendState
from chalicelib.domain.work import WorkKind, WorkState
from tests.simulation.enumeration.scene import CHAIN, START, Scene, State, window_of

WINDOW = (CHAIN, 180)


@dataclass(frozen=True)
class Verdict:
    """One history's end. `broken` names each invariant that it breaks."""

    texts: int
    mailed: bool
    told: bool
    answered: bool
    broken: tuple[str, ...] = ()

    @property
    def needless(self) -> bool:
        """The text went, and staff were told that nobody knows."""
        return self.texts > 0 and self.told


def judge_shipped(scene: Scene, state: State) -> Verdict:
    """Every invariant of DESIGN §6 on the reminder, the gap alert and the answer."""
    texts = Counter(window_of(body) for _, body in state.texts)
    told = _is_told(state, "h3")
    broken = []
    if any(count > 1 for count in texts.values()):
        broken.append("a send was texted twice")
    sends: list[Send] = [send for sends in state.tables["sends"].values() for send in sends.values()]
    for send in sends:
        broken += _of_a_send(state, send, texts)
    if state.answered is None and not (texts[WINDOW] or state.mails or told):
        broken.append("the reminder was lost in silence")
    if state.answered is not None:
        broken += _of_an_answer(scene, state, texts)
    waiting = [w for w in state.tables["outbox"].values() if w.state is WorkState.TODO]
    if any(w.kind is not WorkKind.SHEET_EDIT for w in waiting):
        broken.append("the outbox holds what should be done")
    return Verdict(texts[WINDOW], bool(state.mails), told, state.answered is not None, tuple(sorted(set(broken))))


def _is_told(state: State, what: str) -> bool:
    """Whether staff have a line on just this send."""
    lines = [line for line in state.lines if line.move == "notice"]
    if what == "h3":
        return any(line.hours == 3 for line in lines)
    return any(("gap alert" if what == "gap" else "confirmation") in line.text for line in lines)


def _of_a_send(state: State, send: Send, texts: Counter[tuple[str, int]]) -> list[str]:
    broken = []
    told = _is_told(state, send.key.what)
    if send.state in UNSETTLED:
        broken.append(f"{send.key.what} was left {send.state.value}")
    if send.alert_pending:
        broken.append(f"{send.key.what}'s alert was left pending")
    match send.state:
        case SendState.UNKNOWN | SendState.EXPIRED if not told:
            broken.append(f"{send.key.what} ended {send.state.value} and nobody was told")
        case SendState.FAILED | SendState.UNDELIVERED if not told and not state.mails:
            broken.append(f"{send.key.what} ended {send.state.value} and nobody was told")
        case SendState.SENT | SendState.DELIVERED if not _left(state, send, texts):
            broken.append(f"{send.key.what} is {send.state.value} and nothing left")
        case SendState.CANCELLED if state.answered is None:
            broken.append(f"{send.key.what} was cancelled though nobody answered")
    return broken


def _left(state: State, send: Send, texts: Counter[tuple[str, int]]) -> bool:
    if send.channel is Channel.TEXT:
        return texts[send.key.chain, 180 if send.key.what == "h3" else 0] > 0
    if send.channel is Channel.EMAIL:
        return bool(state.mails)
    return any(line.move == "gap_alert" for line in state.lines)


def _of_an_answer(scene: Scene, state: State, texts: Counter[tuple[str, int]]) -> list[str]:
    assert state.answered is not None
    broken = []
    before = Counter(window_of(body) for _, body in state.texts[: state.answered.texts])
    if texts[WINDOW] - before[WINDOW] > state.answered.under_way:
        broken.append("a reminder was texted after the answer was committed")
    what = "cancelled" if scene.answer is ReplyAction.CANCEL else "moved"
    if not any(line.move == what for line in state.lines):
        broken.append("staff did not hear of the answer")
    confirmed = sum(count for (_, window), count in texts.items() if window == 0)
    if not (confirmed or state.mails or _is_told(state, what) or _is_withdrawn_by_its_start(state, what)):
        broken.append("the answer's own message was lost in silence")
    return broken


def _is_withdrawn_by_its_start(state: State, what: str) -> bool:
    """What confirms an answer is withdrawn once the visit has begun (DESIGN §6): nobody waits for it any more."""
    return any(f"#{what}#" in index and at >= START for index, at in state.tables["withdrawn"].items())


def judge_literal(scene: Scene, state: State) -> Verdict:
    """The same two questions: twice, or never."""
    count = len(state.texts)
    broken = []
    if count > 1:
        broken.append("a send was texted twice")
    if not count and state.answered is None:
        broken.append("the reminder was lost in silence")
    if state.answered is not None and count - state.answered.texts > 0:
        broken.append("a reminder was texted after the answer was committed")
    return Verdict(count, False, False, state.answered is not None, tuple(broken))
