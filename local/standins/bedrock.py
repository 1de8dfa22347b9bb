"""Bedrock's Converse API, with a rule-based reader behind it (`booking_reader.py`) in place of the model.

It reads what it is given, so that an unknown mail gives a sensible proposal; it keeps what it was given, so that a
report can show what a model would have seen; and it can be told to answer as a model that obeys its mail, or that
answers nonsense. `docs/intake.md` describes the answers' format.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.standins.booking_reader import read_bookings
from local.standins.http import HttpStandIn, Request, Response, json_response
from local.standins.week_teller import facts_in, told

KNOWN_MODEL = re.compile(r"(?:global\.|us\.|eu\.|apac\.)?anthropic\.claude-[a-z0-9.-]+(?::[0-9]+)?")
_PATH = re.compile(r"/model/(?P<model>.+)/converse")
_MARKED = re.compile(r"<(?P<mark>mail-[0-9a-f]+)>\n(?P<mail>.*)\n</(?P=mark)>", re.S)


@dataclass(frozen=True)
class ModelInput:
    """One request to read a mail: the file that was under way, and all text of the user's turn."""

    file: str
    text: str


class BedrockStandIn(HttpStandIn):
    """`current_file` names the mail that is under way, for `inputs` and `answers`.

    `answers`: file name -> the tool's input, or a list of answers for one call after the other (the last stays), or a
    string, which is answered as plain text. A file that isn't there is read by the rules.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.current_file = ""
        self.answers = dict(answers or {})
        self.inputs: list[ModelInput] = []
        self._calls: dict[str, int] = {}
        self._guard = threading.Lock()

    def handle(self, request: Request) -> Response:
        """Answer as Converse does; 400 ValidationException for what Bedrock wouldn't take."""
        path = _PATH.fullmatch(request.path)
        if request.method != "POST" or path is None:
            return _error(404, "UnknownOperationException", "no such operation")
        if not KNOWN_MODEL.fullmatch(path["model"]):
            return _error(400, "ValidationException", "The provided model identifier is invalid.")
        body = request.json()
        problem = _problem(body)
        if problem:
            return _error(400, "ValidationException", problem)
        text = "\n".join(
            block.get("text", "") for message in body["messages"] for block in message["content"] if "text" in block
        )
        if facts := facts_in(text):
            return _text(told(facts))
        with self._guard:
            self.inputs.append(ModelInput(self.current_file, text))
            given = self._given(self.current_file)
        tool = _forced_tool(body)
        if isinstance(given, str):
            return _text(given)
        if not tool:
            return _text("I was not told to use a tool.")
        return _used(tool, {"bookings": read_bookings(_mail_of(text))} if given is None else given)

    def _given(self, file: str) -> Any:
        """The answer that was ordered for this file's next call; None if the rules are to read it."""
        ordered = self.answers.get(file)
        if not isinstance(ordered, list):
            return ordered
        call = self._calls.get(file, 0)
        self._calls[file] = call + 1
        return ordered[min(call, len(ordered) - 1)] if ordered else None


def _mail_of(text: str) -> str:
    """What stands between the marks; all of it where there are none."""
    marked = _MARKED.search(text)
    return marked["mail"] if marked else text


def _problem(body: Mapping[str, Any]) -> str:
    """What Bedrock would refuse in a request; "" if nothing."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "A conversation must have at least one message."
    if messages[0].get("role") != "user":
        return "A conversation must start with a user message."
    if any(not message.get("content") for message in messages):
        return "The content field in the Message object is empty."
    if any("text" in block and not block["text"].strip() for message in messages for block in message["content"]):
        return "The text field in the ContentBlock object is blank."
    tools = [tool.get("toolSpec", {}) for tool in body.get("toolConfig", {}).get("tools", [])]
    if "toolConfig" in body and not tools:
        return "toolConfig.tools must have at least one tool."
    if any(not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(tool.get("name", ""))) for tool in tools):
        return "A tool's name is invalid."
    if any(tool.get("inputSchema", {}).get("json", {}).get("type") != "object" for tool in tools):
        return "A tool's input schema must be of type object."
    choice = body.get("toolConfig", {}).get("toolChoice", {})
    if "tool" in choice and choice["tool"].get("name") not in {tool["name"] for tool in tools}:
        return "toolChoice names a tool that is not among the tools."
    return ""


def _forced_tool(body: Mapping[str, Any]) -> str:
    """The tool that must be used; "" where none is forced, as the rules have no will to choose one."""
    return str(body.get("toolConfig", {}).get("toolChoice", {}).get("tool", {}).get("name", ""))


def _used(tool: str, given: Any) -> Response:
    return _answer([{"toolUse": {"toolUseId": "tooluse_0", "name": tool, "input": given}}], "tool_use")


def _text(words: str) -> Response:
    return _answer([{"text": words}], "end_turn")


def _answer(content: list[dict[str, Any]], stop: str) -> Response:
    return json_response(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": stop,
            "usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0},
            "metrics": {"latencyMs": 1},
        }
    )


def _error(status: int, code: str, message: str) -> Response:
    body = json.dumps({"message": message}).encode()
    return Response(status, body, "application/json", {"x-amzn-errortype": code})
