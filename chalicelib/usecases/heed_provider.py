"""A number that opted out at the provider is opted out here: that list is honoured as well (DESIGN §7)."""

from __future__ import annotations

from chalicelib.domain.appointment import Channel
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import SendKey
from chalicelib.ports import PutAudit, SetOptOut
from chalicelib.runtime import Runtime


def opted_out_at_provider(rt: Runtime, key: SendKey, phone: str) -> None:
    """A text was refused because this number opted out at the provider: it gets no more, as if the page had said so.

    Audited once. The page's *texts again* takes it back here; the provider's own list is the provider's. Raises
    StoreError.
    """
    if phone in rt.store.opted_out([phone]):
        return
    now = rt.clock()
    entry = AuditEntry(
        appt_id=key.appt_id,
        ts=f"{iso(now)}#{rt.tokens.tail()}",
        action=ReplyAction.NO_TEXTS.value,
        channel=Channel.TEXT.value,
        before="opted in",
        after="opted out",
        by="provider",
        chain=key.chain,
        reason="opted out at the provider",
    )
    rt.store.commit(SetOptOut(phone, True, now), PutAudit(entry))
