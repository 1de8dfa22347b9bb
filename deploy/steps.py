"""Steps, one after the other: each says what it will do before it does it, and can be done again.

Nothing is remembered between two runs. A step looks at what is there and does what is missing, so that a run after a
failure does the finished steps again, which changes nothing, and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import ConfigError
from deploy.errors import DeployError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    name: str
    will: str  # what it will do, in one sentence
    do: Callable[[], str]  # does it, and tells in a few words what came of it


def carry_out(steps: Sequence[Step], say: Say, again: str) -> None:
    """Do the steps in their order. Raises DeployError at the first that fails, with its number."""
    for number, step in enumerate(steps, 1):
        say(f"[{number}/{len(steps)}] {step.name}: {step.will}")
        with _told(f"step {number}, {step.name}", again):
            say(f"      {step.do()}")


@contextmanager
def _told(where: str, again: str) -> Iterator[None]:
    """Whatever a step raises that has a reason outside this code, as a DeployError that says where it was."""
    after = f"Nothing after that step was done. When it is mended: {again}, which goes on from there"
    try:
        yield
    except DeployError as failed:
        raise DeployError(f"{where}: {failed}\n{after}") from failed
    except ConfigError as wrong:
        raise DeployError(f"{where}: {'; '.join(wrong.problems)}\n{after}") from wrong
    except ClientError as refused:
        raise DeployError(f"{where}: {_refusal(refused)}\n{after}") from refused
    except (BotoCoreError, OSError) as failed:
        raise DeployError(f"{where}: {failed}\n{after}") from failed


def _refusal(refused: ClientError) -> str:
    """AWS's own words, with the call that they answer."""
    error = refused.response["Error"]
    text = f"AWS refused {refused.operation_name}: {error.get('Message') or error['Code']} ({error['Code']})"
    if "AccessDenied" in error["Code"] or error["Code"] in ("UnauthorizedOperation", "AuthorizationError"):
        text += ". These credentials may not do that; a deployment needs an administrator's"
    return text
