"""A week told by a model, through Bedrock Converse: prose from counted facts, which stand between marks as data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.adapters.aws_faults import upstream
from chalicelib.errors import Malformed

_VENDOR = "Bedrock"
_MOST_TOKENS = 1024


class BedrockStory:
    """`summary_ports.Storyteller`. `model_id` gives the model or inference profile; `client` is bedrock-runtime's."""

    def __init__(self, client: Any, model_id: Callable[[], str]) -> None:
        self._client = client
        self._model_id = model_id

    def tell(self, rules: str, facts: str, again: Sequence[str] = ()) -> str:
        """The model's text. Raises Malformed for an answer without any or one that was cut off; UpstreamError when
        Bedrock refuses, is throttled or doesn't answer."""
        mark = "facts-" + hashlib.sha256(facts.encode()).hexdigest()[:24]
        content = [{"text": f"<{mark}>\n{facts}\n</{mark}>\n\nTell the week."}]
        if again:
            wrong = "\n".join(f"- {one}" for one in again)
            content.append({"text": f"Your former text could not be sent:\n{wrong}\nTell the week again without that."})
        with upstream(_VENDOR):
            answer = self._client.converse(
                modelId=self._model_id(),
                system=[{"text": rules}],
                messages=[{"role": "user", "content": content}],
                inferenceConfig={"temperature": 0, "maxTokens": _MOST_TOKENS},
            )
        if answer.get("stopReason") == "max_tokens":
            raise Malformed("the answer was cut off at its longest")
        blocks = answer.get("output", {}).get("message", {}).get("content", [])
        text = "\n".join(block["text"] for block in blocks if isinstance(block.get("text"), str)).strip()
        if not text:
            raise Malformed("the answer has no text")
        return text
