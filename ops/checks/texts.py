"""Texts: may SNS send them to anybody, from whom, at what price, and does the month's limit hold what is planned?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from chalicelib import names
from chalicelib.domain.sms import UCS2, segments
from ops.checks.findings import Check, Finding, counted, ok, unchecked, warning, wrong
from ops.checks.site import AHEAD_DAYS, Site
from ops.foresee import Foreseen
from ops.prices import load_prices

NO_SENDER_IDS = frozenset({"US", "CA", "PR"})
REGISTERED_ONLY = frozenset({"SG", "IN", "PH", "SA", "AE", "TH", "TR", "VN"})
"""Where a sender id can't be used, and where it must be registered first; from memory, 2026-11."""
_USED = Decimal("0.8")
_SHORT_BASE_URL = 22
"""Letters of a base URL with which the default text fits one segment for a usual visit."""
_ONE_SEGMENT = 160
_SHOWN = 5


def _attributes(site: Site) -> dict[str, str]:
    return dict(site.client("sns").get_sms_attributes().get("attributes", {}))


def _set(site: Site, **values: str) -> str:
    listed = ",".join(f"{name}={value}" for name, value in values.items())
    return site.aws("sns", "set-sms-attributes", "--attributes", listed)


def _sandbox(site: Site) -> Iterator[Finding]:
    if site.client("sns").get_sms_sandbox_account_status().get("IsInSandbox"):
        yield wrong(
            "SNS",
            "is in its SMS sandbox: texts go to verified numbers only, and no customer has one",
            f"https://{site.region}.console.aws.amazon.com/sns/v3/home?region={site.region}#/mobile/text-messaging, "
            "Exit SMS sandbox; AWS answers within days",
        )
    else:
        yield ok("SNS", "texts anybody")


def _type(site: Site) -> Iterator[Finding]:
    said = _attributes(site).get("DefaultSMSType", "Promotional")
    if said == "Transactional":
        yield ok("SNS, DefaultSMSType", said)
    else:
        yield wrong(
            "SNS, DefaultSMSType",
            f"is {said}: texts are the first that carriers drop, and some don't take them at night",
            _set(site, DefaultSMSType="Transactional"),
        )


def _log(site: Site) -> Iterator[Finding]:
    said, wanted = _attributes(site), site.rt.config.delivery_log
    where = "SNS, delivery log"
    role, rate = said.get("DeliveryStatusIAMRole", ""), said.get("DeliveryStatusSuccessSamplingRate", "0")
    if wanted and not role:
        yield wrong(
            where,
            "is off, but sms_delivery_log is yes: every text is told to staff as unknown after half an hour",
            f"{site.deploy()}; or, for a sender without a log: {site.set_parameter('sms_delivery_log', 'no')}",
        )
    elif wanted and rate != "100":
        yield wrong(
            where,
            f"has {rate or 0} % of the texts: the others are told to staff as unknown",
            _set(site, DeliveryStatusSuccessSamplingRate="100"),
        )
    elif role and not wanted:
        yield warning(
            where,
            "is on, but sms_delivery_log is no: nobody hears of a text that did not arrive",
            site.set_parameter("sms_delivery_log", "yes"),
        )
    else:
        yield ok(where, "on for every text, and heeded" if wanted else "off, as sms_delivery_log says")


def _sender(site: Site) -> Iterator[Finding]:
    config = site.rt.config
    sender, country = config.sms_sender, config.country
    where, mend = names.CONFIG_PATH + "sms_sender", site.set_parameter("sms_sender", "SENDER")
    if not sender:
        need = country in REGISTERED_ONLY | NO_SENDER_IDS
        yield warning(
            where,
            f"is blank: texts come from whatever SNS takes{f', if {country} lets them in at all' if need else ''}",
            mend,
        )
    elif re.fullmatch(r"\+?\d+", sender):
        yield from _number(site, where, sender, mend)
    elif country in NO_SENDER_IDS:
        yield wrong(where, f"{sender} is a sender id, and {country} has none (from memory): register a number", mend)
    else:
        yield from _sender_id(site, where, sender, country)


def _number(site: Site, where: str, sender: str, mend: str) -> Iterator[Finding]:
    pages = site.client("pinpoint-sms-voice-v2").get_paginator("describe_phone_numbers").paginate()
    ours = [one for page in pages for one in page.get("PhoneNumbers", ())]
    found = next((one for one in ours if one.get("PhoneNumber", "").lstrip("+") == sender.lstrip("+")), None)
    if found is None:
        yield wrong(where, "this account has no such number: no text can be sent", mend)
    elif found.get("Status") != "ACTIVE":
        yield wrong(where, f"the number is {found.get('Status')}, not ACTIVE", "wait, or finish its registration")
    else:
        yield ok(where, "the number is the account's, and active")


def _sender_id(site: Site, where: str, sender: str, country: str) -> Iterator[Finding]:
    pages = site.client("pinpoint-sms-voice-v2").get_paginator("describe_sender_ids").paginate()
    found: list[Any] = [
        one
        for page in pages
        for one in page.get("SenderIds", ())
        if one.get("SenderId", "").casefold() == sender.casefold() and one.get("IsoCountryCode") == country
    ]
    if any(one.get("Registered") for one in found):
        yield ok(where, f"{sender} is registered for {country}")
    elif country in REGISTERED_ONLY:
        what = "isn't registered" if found else "isn't known to this account"
        yield wrong(
            where,
            f"{sender} {what} for {country}, where it must be (from memory): texts are blocked or marked as a scam",
            f"https://{site.region}.console.aws.amazon.com/sms-voice/home?region={site.region}#/registrations",
        )
    else:
        yield ok(where, f"{sender} is well-formed; {country} may do without a registration")


def _spending(site: Site) -> Iterator[Finding]:
    where = "SNS, MonthlySpendLimit"
    limit = Decimal(_attributes(site).get("MonthlySpendLimit") or "1")
    price = _price(site)
    planned = sum(message.segments for message in _planned(site))
    if price is None:
        yield unchecked(
            where,
            f"is ${limit:f}; no price of a text to {site.rt.config.country} is known, so nobody knows if it is enough",
            site.set_parameter("text_price", f"{site.rt.config.country} 0.05 USD") + " (as the carrier's list says)",
        )
        return
    cost = planned * price
    said = (
        f"is ${limit:f}; {counted(planned, 'part')} of texts planned for {AHEAD_DAYS} days, at ${price:f}: ${cost:.2f}"
    )
    enough = max((cost / _USED).to_integral_value(rounding="ROUND_CEILING"), Decimal(1))
    mend = (
        f"{_set(site, MonthlySpendLimit=f'{enough:f}')} (above the account's quota it is refused: Service Quotas, "
        "SNS, account spend threshold, first), and sms_limit_usd in the stage's settings"
    )
    if cost > limit:
        yield wrong(where, f"{said}. At the limit SNS drops texts without an error", mend)
    elif cost > limit * _USED:
        yield warning(where, f"{said}, nearly all of it", mend)
    elif site.settings is not None and limit < site.settings.sms_limit_usd:
        quota = "https://console.aws.amazon.com/servicequotas/home/services/sns/quotas"
        yield warning(
            where,
            f"{said}; the settings say ${site.settings.sms_limit_usd}, which is more than the account's quota allows",
            f"{quota}: raise the account spend threshold, then {site.deploy()}",
        )
    else:
        yield ok(where, said)


def _price(site: Site) -> Decimal | None:
    """Of one segment to the shop's own country, US dollars: the shop's own figure, else the list's."""
    config = site.rt.config
    if config.text_price is not None and config.text_price.currency == "USD":
        own = config.text_price.of(config.country)
        if own is not None:
            return own
    listed = load_prices().get(f"sms.{config.country}")
    return listed.usd / listed.per if listed else None


def _caps(site: Site) -> Iterator[Finding]:
    planned, cap = _planned(site), site.rt.config.texts_per_day
    days = Counter(message.at.date() for message in planned)
    busiest, count = max(days.items(), key=lambda one: one[1], default=(None, 0))
    where = names.CONFIG_PATH + "texts_per_day"
    if count > cap:
        yield wrong(
            where,
            f"is {cap}, and {count} texts are planned for {busiest:%a %d %b}: the others don't go",
            site.set_parameter("texts_per_day", str(count * 2)),
        )
    else:
        yield ok(where, f"is {cap}; the busiest day of the next {AHEAD_DAYS} has {counted(count, 'text')}")


def _segments(site: Site) -> Iterator[Finding]:
    where, planned = "length of the texts", _planned(site)
    dear = [message for message in planned if message.segments > 1]
    if not planned:
        yield unchecked(where, "no text is planned yet")
    elif not dear:
        yield ok(where, f"each of the {len(planned)} planned texts is one segment")
    else:
        shown = "; ".join(f"{m.appt_id}, {m.segments} segments: {_why(m)}" for m in _one_each(dear)[:_SHOWN])
        base_url = site.rt.config.base_url
        long_link = len(base_url) - _SHORT_BASE_URL
        link = f" base_url has {len(base_url)} letters, {long_link} more than it need." if long_link > 0 else ""
        yield warning(
            where,
            f"{len(dear)} of {len(planned)} planned texts are charged more than once: {shown}.{link}",
            "shorten the voice doc's texts, shop_name or base_url; each is shown by "
            + site.ops("preview", "--kind", "text", "--days", str(AHEAD_DAYS)),
        )


def _one_each(dear: list[Foreseen]) -> list[Foreseen]:
    """The dearest text of each visit, dearest first."""
    by_visit: dict[str, Foreseen] = {}
    for message in sorted(dear, key=lambda one: -one.segments):
        by_visit.setdefault(message.appt_id, message)
    return list(by_visit.values())


def _why(message: Foreseen) -> str:
    cost = segments(message.body)
    if cost.encoding == UCS2:
        return f"“{cost.culprit}” (U+{ord(cost.culprit):04X}) leaves 70 letters for one"
    return f"{len(message.body)} letters, {len(message.body) - _ONE_SEGMENT} too many"


def _planned(site: Site) -> list[Foreseen]:
    return [message for message in site.coming if message.kind == "text"]


CHECKS: dict[str, Check] = {
    "sandbox": _sandbox,
    "type": _type,
    "delivery log": _log,
    "sender": _sender,
    "spending": _spending,
    "cap": _caps,
    "segments": _segments,
}
