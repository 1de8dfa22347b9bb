"""Which sync took which window: what an edit of the rules adds, and what it only words anew."""

from datetime import UTC, datetime

from chalicelib.domain.rules import parse_rules, windows_since, windows_taken

NOW = datetime(2026, 11, 24, 1, 5, tzinfo=UTC)
ISO = "2026-11-24T01:05:00Z"


def since(before: str, after: str, earlier: dict[str, dict[str, str]] | None = None) -> dict[str, dict[str, str]]:
    return windows_since(parse_rules(before), parse_rules(after), earlier or {}, NOW, default=(1440, 120))


def test_the_first_doc_of_all_leaves_no_entries():
    assert windows_since(None, parse_rules("Facial: 48 hours"), {}, NOW) == {}


def test_a_window_put_in_front_is_taken_now_and_the_others_are_as_old_as_they_were():
    assert since("Facial: 48 and 2 hours", "Facial: 72, 48 and 2 hours") == {"facial": {"4320": ISO}}


def test_a_window_that_stays_keeps_its_entry():
    earlier = {"facial": {"4320": "2026-11-01T00:00:00Z"}}
    assert since("Facial: 72 hours", "Facial: 72 and 3 hours", earlier) == {
        "facial": {"4320": "2026-11-01T00:00:00Z", "180": ISO}
    }


def test_a_window_that_goes_and_returns_is_new():
    gone = since("Facial: 48 and 2 hours", "Facial: 2 hours")
    assert since("Facial: 2 hours", "Facial: 48 and 2 hours", gone) == {"facial": {"2880": ISO}}


def test_a_line_of_its_own_with_the_windows_it_had_under_everything_else_adds_nothing():
    assert since("Everything else: 48 and 2 hours", "Everything else: 48 and 2 hours\nFacial: 48 and 2 hours") == {}


def test_a_line_of_its_own_with_the_default_windows_adds_nothing():
    assert since("", "Facial: 24 and 2 hours") == {}


def test_a_line_that_goes_makes_everything_elses_windows_new_to_that_service_alone():
    record = since("Facial: 3 hours\nEverything else: 48 hours", "Everything else: 48 hours")
    assert windows_taken(record, "Facial") == {2880: NOW}
    assert windows_taken(record, "Botox") == {}


def test_what_everything_else_gains_counts_for_services_without_a_line_only():
    record = since("Facial: 72 hours\nEverything else: 48 hours", "Facial: 72 hours\nEverything else: 72 and 48 hours")
    assert windows_taken(record, "Botox") == {4320: NOW}
    assert windows_taken(record, "FACIAL") == {}


def test_a_service_that_returns_to_everything_else_remembers_what_was_new_to_it():
    without = since("Facial: 3 hours\nEverything else: 48 hours", "Everything else: 48 hours")
    assert windows_taken(since("Everything else: 48 hours", "Everything else: 48 hours.", without), "facial") == {
        2880: NOW
    }
