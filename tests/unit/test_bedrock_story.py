"""The storyteller's adapter: what it asks, and what it makes of an answer that is none."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.adapters.bedrock_story import BedrockStory
from chalicelib.errors import Malformed


class Converse:
    """A client that answers so, and keeps what it was asked."""

    def __init__(self, *texts: str, stop: str = "end_turn") -> None:
        self._answer = {
            "stopReason": stop,
            "output": {"message": {"role": "assistant", "content": [{"text": text} for text in texts]}},
        }
        self.asked: list[dict[str, Any]] = []

    def converse(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return self._answer


def tell(client: Converse, *again: str) -> str:
    return BedrockStory(client, lambda: "model").tell("the rules", "visits: 3", again)


def test_the_rules_are_the_system_s_and_the_facts_are_data() -> None:
    client = Converse("Three visits.")
    assert tell(client) == "Three visits."
    [asked] = client.asked
    assert asked["system"] == [{"text": "the rules"}]
    assert "visits: 3" in asked["messages"][0]["content"][0]["text"]
    assert "toolConfig" not in asked


def test_what_was_wrong_goes_with_the_second_try() -> None:
    client = Converse("Three visits.")
    tell(client, "“four” isn't what was counted")
    assert "“four” isn't what was counted" in client.asked[0]["messages"][0]["content"][1]["text"]


def test_an_answer_that_was_cut_off_is_none() -> None:
    with pytest.raises(Malformed, match="cut off"):
        tell(Converse("Three vis", stop="max_tokens"))


@pytest.mark.parametrize("texts", [(), ("",), ("  \n",)])
def test_an_answer_without_words_is_none(texts: tuple[str, ...]) -> None:
    with pytest.raises(Malformed, match="no text"):
        tell(Converse(*texts))
