"""A month's bill: each line against a figure that was worked out by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.bill import Function, Month, Standing, bill, total, usage
from ops.cost import default_windows, deployed, minutes_between, with_text_price
from ops.prices import Price, load_prices

ROOT = Path(__file__).parents[2]
PRICES = load_prices()
STANDING = Standing({"drive_sync": Function(5, 1024), "reminder": Function(60, 512), "watch": Function(60, 256)})
SHOP = Month(appointments=200, country="SG")


def quantities(month: Month = SHOP, standing: Standing = STANDING) -> Mapping[str, Decimal]:
    return usage(month, standing)


def usd(key: str, month: Month = SHOP, *, free: bool = True) -> Decimal:
    (line,) = (line for line in bill(quantities(month), PRICES, free=free) if line.price.key == key)
    return line.usd


# ---------------------------------------------------------------- texts and mail


def test_two_texts_for_each_of_two_hundred_visits_are_four_hundred_parts() -> None:
    assert quantities()["sms.SG"] == 400
    assert usd("sms.SG") == Decimal("18.00")  # 400 x 0.045


def test_a_text_of_three_segments_costs_three_times_as_much_and_nothing_else_does() -> None:
    one, three = quantities(), quantities(replace(SHOP, segments=3))
    assert {key for key in one if one[key] != three[key]} == {"sms.SG"}
    assert usd("sms.SG", replace(SHOP, segments=3)) == Decimal("54.00")


def test_what_goes_by_e_mail_is_no_text() -> None:
    month = replace(SHOP, emailed=Decimal("0.25"))
    assert quantities(month)["sms.SG"] == 300
    assert quantities(month)["ses.sent"] == 105  # and five summaries
    assert usd("ses.sent", month) == Decimal("0.0105")


def test_a_country_without_a_sender_s_fee_has_no_such_line() -> None:
    assert not [line for line in bill(quantities(), PRICES) if line.price.key.startswith("sender.")]
    assert usd("sender.US", replace(SHOP, country="US")) == Decimal("3.15")


# ---------------------------------------------------------------- what runs


def test_a_sync_every_five_minutes_runs_8640_times_a_month_and_an_hourly_tick_720_times() -> None:
    assert Function(5, 1024).runs == 8640
    assert Function(60, 512).runs == 720


def test_the_write_units_are_fourteen_a_text_and_one_an_idle_run() -> None:
    # 400 texts x 14, 120 answers x 22, 80 alerts x 9, 200 edits x 6, 10 mails x 12, 8640 + 720 + 720 runs x 1
    assert quantities()["dynamodb.write_units"] == 5600 + 2640 + 720 + 1200 + 120 + 10080
    assert usd("dynamodb.write_units") == Decimal(20360) * Decimal("0.7125") / 1_000_000


def test_the_read_units_are_three_an_idle_run_and_eleven_a_tick() -> None:
    # 400 x 5, 120 x 16, 80 x 5, 200 x 10, 10 x 12, (8640 + 720) x 3, 720 x 11
    assert quantities()["dynamodb.read_units"] == 2000 + 1920 + 400 + 2000 + 120 + 28080 + 7920


def test_the_runs_are_those_of_the_clock_and_of_what_happens() -> None:
    # 400 texts x 3, 120 answers x 4, 80 alerts x 2, 200 edits, 10 mails x 4, and 10,080 of the clock
    assert quantities()["lambda.requests"] == 1200 + 480 + 160 + 200 + 40 + 10080


def test_the_seconds_are_weighed_by_memory_and_stay_within_what_is_free() -> None:
    # texts 400 x .75; answers 120 x (.375 + 1); alerts 80 x .5; edits 200 x 1; mails 10 x 8;
    # syncs 8640 x 1.5 x 1; ticks 720 x 2 x .5; the other one 720 x 1 x .25
    expected = Decimal("300") + 165 + 40 + 200 + 80 + 12960 + 720 + 180
    assert quantities()["lambda.gb_seconds"] == expected
    assert usd("lambda.gb_seconds") == 0
    assert usd("lambda.gb_seconds", free=False) == expected * Decimal("13.3334") / 1_000_000


def test_a_page_is_looked_at_twice_and_pressed_once_for_each_answer() -> None:
    assert quantities()["apigateway.requests"] == 360
    assert usd("apigateway.requests") == Decimal("0.00153")  # 360 x 4.25 / 1,000,000


def test_each_send_books_one_minute() -> None:
    assert quantities()["scheduler.invocations"] == 480  # 400 texts and 80 alerts
    assert usd("scheduler.invocations") == 0


def test_events_are_the_ticks_the_sends_the_answers_the_edits_and_the_mails() -> None:
    assert quantities()["eventbridge.events"] == 400 + 80 + 360 + 200 + 20 + 720


# ---------------------------------------------------------------- what is stored


def test_a_year_of_records_is_paid_twice_with_point_in_time_recovery() -> None:
    assert quantities()["dynamodb.storage_gb"] == Decimal("0.0144")  # 200 visits x 6 kB x 12 months
    assert usd("dynamodb.storage_gb") == 0
    assert usd("dynamodb.storage_gb", free=False) == Decimal("0.004104")
    assert usd("dynamodb.pitr_gb") == Decimal("0.0032832")


def test_every_change_makes_a_version_of_the_mirror_that_goes_to_glacier_after_three_months() -> None:
    # 200 edits and 120 answers, each a mirror of 200 x 112 bytes: 7.168 MB a month; mails 10 x 60 kB a month
    assert quantities()["s3.storage_gb"] == Decimal("0.022104")  # three months of mirrors, one of mails
    assert quantities()["s3.glacier_gb"] == Decimal("0.157128")  # 21 and 11 months
    assert usd("s3.glacier_moves") == Decimal("0.0099")  # 330 x 0.03 / 1,000


def test_there_are_no_more_versions_than_syncs() -> None:
    assert quantities(replace(SHOP, appointments=50_000))["s3.glacier_moves"] == 8640 + 10


# ---------------------------------------------------------------- what is there anyway


def test_four_secrets_are_a_dollar_sixty() -> None:
    assert usd("secretsmanager.secrets") == Decimal("1.60")


def test_ten_alarms_three_dashboards_and_ten_metrics_are_free() -> None:
    assert usd("cloudwatch.alarms") == Decimal("1.10")  # twenty-one watched metrics
    assert usd("cloudwatch.dashboards") == 0
    assert usd("cloudwatch.metrics") == 0
    assert usd("cloudwatch.dashboards", free=False) == 3


def test_nothing_is_encrypted_with_a_key_of_one_s_own_and_a_budget_is_free() -> None:
    assert usd("kms.keys") == 0
    assert usd("budgets.budgets", free=False) == 0


def test_a_mail_is_six_thousand_tokens_in_and_seven_hundred_out_and_a_page() -> None:
    assert quantities()["bedrock.input_tokens"] == 10 * 6000 + 5 * 3000
    assert quantities()["bedrock.output_tokens"] == 10 * 700 + 5 * 500
    assert usd("bedrock.input_tokens") == Decimal("0.075")
    assert usd("bedrock.output_tokens") == Decimal("0.0475")
    assert usd("textract.pages") == Decimal("0.015")


def test_a_shop_without_visits_pays_for_secrets_alarms_and_little_else() -> None:
    empty = replace(SHOP, appointments=0, mails=0)
    lines = bill(quantities(empty), PRICES)
    paid = {line.price.key: line.usd for line in lines if line.usd >= Decimal("0.05")}
    assert paid == {
        "secretsmanager.secrets": Decimal("1.60"),
        "cloudwatch.alarms": Decimal("1.10"),
        "secretsmanager.calls": Decimal("0.0504"),
    }
    assert total(lines) < Decimal("2.90")


# ---------------------------------------------------------------- the prices


def test_every_price_says_where_it_is_from_and_when_and_whether_it_was_read() -> None:
    for price in PRICES.values():
        assert price.source
        assert re.fullmatch(r"20\d\d(-\d\d)?", price.said)
        assert price.per > 0
        assert price.usd >= 0


def test_every_line_has_a_price_and_every_price_a_line() -> None:
    used = set().union(*(quantities(replace(SHOP, country=c)) for c in ("SG", "US", "JP", "GB", "AU")))
    assert set(PRICES) - used == set()
    assert {key for key in used - set(PRICES) if not key.startswith("sender.")} == set()


def test_a_quantity_without_a_price_is_refused() -> None:
    with pytest.raises(LookupError, match=r"sms\.XX"):
        bill({"sms.XX": Decimal(1)}, PRICES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sms.SG]\nusd = 1\n", "sms.SG lacks known, per, region, said, source, unit"),
        ('[a.b]\nusd=1\nper=1\nunit=""\nregion=""\nsource=""\nsaid=""\nknown="guess"\n', "known is 'guess'"),
        ("[sms\n", "prices.toml"),
    ],
)
def test_a_price_that_lacks_something_is_refused_by_name(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(ValueError, match=re.escape(said)):
        load_prices(tmp_path / "prices.toml")


def test_the_free_quantity_is_taken_off_once_and_never_below_nothing() -> None:
    price = Price("a.b", Decimal(2), 10, "thing", "any", True, "here", "2026", free=Decimal(100))
    assert price.cost(Decimal(150), free=True) == 10
    assert price.cost(Decimal(50), free=True) == 0
    assert price.cost(Decimal(50), free=False) == 10


def test_a_text_s_price_can_be_given_and_an_unknown_country_needs_it() -> None:
    assert with_text_price(PRICES, "FR", 0.07)["sms.FR"].usd == Decimal("0.07")
    with pytest.raises(LookupError, match="FR is known"):
        with_text_price(PRICES, "FR", None)


# ---------------------------------------------------------------- the command


def test_the_schedules_and_the_memory_are_the_app_s_own() -> None:
    found = deployed().scheduled
    assert (found["drive_sync"].every_minutes, found["reminder"].every_minutes) == (5, 60)
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    named = config["stages"]["dev"]["lambda_functions"]
    assert {name: one.memory_mb for name, one in found.items()} == {
        name: named[name]["lambda_memory_size"] for name in found
    }


def test_a_rate_is_read_and_anything_else_refused() -> None:
    assert [minutes_between(f"rate({rate})") for rate in ("1 minute", "15 minutes", "1 hour", "2 days")] == [
        1,
        15,
        60,
        2880,
    ]
    with pytest.raises(ValueError, match="expected a rate"):
        minutes_between("cron(0 8 ? * MON *)")


def test_a_visit_has_as_many_reminders_as_there_are_default_windows() -> None:
    assert default_windows() == 2


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["cost", "--json", *arguments]) == 0
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize(("appointments", "series"), [(200, 3), (500, 7), (1000, 12)])
def test_at_half_a_cent_a_text_the_bill_is_what_the_series_says(
    appointments: int, series: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise 100."""
    answer = answered(capsys, "--appointments", str(appointments), "--text-price", "0.005")
    one = answer["bills"][0]["usd"]  # type: ignore[index]
    assert series <= one <= series + 2


def test_one_and_three_segments_stand_side_by_side_and_memory_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    answer = answered(capsys)
    one, three = answer["bills"]  # type: ignore[misc]
    assert (one["segments"], three["segments"]) == (1, 3)
    text = next(line for line in one["lines"] if line["key"] == "sms.SG")
    assert text["verified"] == "from memory, unverified"
    assert round(sum(line["usd"] for line in one["lines"]), 1) == round(one["usd"], 1)


def test_the_table_has_every_line_and_says_that_it_was_calculated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--country", "us"]) == 0
    printed = capsys.readouterr().out
    assert "Calculated, not measured on a bill" in printed
    for service in ("Texts", "Secrets", "DynamoDB", "Textract", "Bedrock", "Budgets", "KMS"):
        assert service in printed


def test_every_price_is_listed_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--prices", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert set(listed) == set(PRICES)
    assert all(one["source"] for one in listed.values())


def test_an_unknown_country_ends_with_what_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--country", "FR"]) == 2
    assert "say --text-price" in capsys.readouterr().err


# ---------------------------------------------------------------- what the docs say

TO_WITHIN = Decimal("0.25")
"""A further function is some cents: it need not change the docs."""


def doc_rows(path: str, width: int) -> list[list[str]]:
    """The cells of every line of a table that begins with a number of visits."""
    lines = (ROOT / path).read_text().splitlines()
    cells = [[cell.strip().strip("$") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in cells if len(row) == width and re.fullmatch(r"[\d,]+", row[0])]


def calculated(appointments: int, country: str, segments: int) -> Decimal:
    month = Month(appointments, country, default_windows(), segments)
    return total(bill(usage(month, deployed()), PRICES))


def test_the_page_on_costs_says_what_is_calculated() -> None:
    rows = doc_rows("docs/costs.md", 5)
    assert len(rows) == 6
    for visits, country, one, three, other in rows:
        count = int(visits.replace(",", ""))
        texts = PRICES[f"sms.{country}"].usd * count * 2
        found = [calculated(count, country, segments) for segments in (1, 3)]
        for said, figure in zip((one, three, other), (*found, found[0] - texts), strict=True):
            assert abs(Decimal(said) - figure) <= TO_WITHIN, f"{visits} visits, {country}: {figure:.2f}"


def test_the_readme_says_what_is_calculated() -> None:
    rows = doc_rows("README.md", 5)
    assert len(rows) == 3
    for visits, sg, sg_three, us, _ in rows:
        count = int(visits.replace(",", ""))
        for said, country, segments in ((sg, "SG", 1), (sg_three, "SG", 3), (us, "US", 1)):
            assert abs(Decimal(said) - calculated(count, country, segments)) <= Decimal("0.75")
