"""A week told from its facts by rules, in the model's place: what stands in the facts, and nothing besides."""

from __future__ import annotations

import re

_FACTS = re.compile(r"<(?P<mark>facts-[0-9a-f]+)>\n(?P<facts>.*)\n</(?P=mark)>", re.S)
_SAID = (
    ("visits that took place", "{} visits took place this week"),
    ("visits confirmed", "{} visits were confirmed"),
    ("visits moved by customers", "{} visits were moved by the customer"),
    ("visits cancelled", "{} visits were cancelled"),
    ("slots freed", "{} slots came free"),
    ("freed slots that were filled again", "{} of the slots were filled again"),
    ("reminders by text", "{} texts went out"),
    ("reminders by e-mail", "{} e-mails went out"),
)
_QUIET = re.compile(r"was reminded and has not answered: (?P<name>[^,]+), .*?(?P<when>\w{3} \d+ \w{3} [\d:]+[ap]m);")


def facts_in(text: str) -> str:
    """The facts that a request asks to tell; "" if it asks for something else."""
    found = _FACTS.search(text)
    return found["facts"] if found else ""


def told(facts: str) -> str:
    """One paragraph of the figures that aren't zero, one of who went quiet."""
    figures = dict(line.removeprefix("this week, ").split(": ", 1) for line in facts.splitlines() if _is_figure(line))
    said = [form.format(figures[name]) for name, form in _SAID if figures.get(name, "0") != "0"]
    quiet = [f"{one['name']} ({one['when']})" for one in map(_QUIET.match, facts.splitlines()) if one][:3]
    paragraphs = [". ".join(said) + "." if said else "It was a quiet week."]
    if quiet:
        paragraphs.append(f"Quiet, please call: {', '.join(quiet)}.")
    return "\n".join(paragraphs)


def _is_figure(line: str) -> bool:
    return line.startswith("this week, ") and ": " in line
