"""The mails that are made stand as their sources make them."""

from __future__ import annotations

import pytest

from tests.corpus.make import HERE, MADE


@pytest.mark.parametrize("path", MADE)
def test_a_made_mail_is_what_its_source_makes(path: str) -> None:
    assert (HERE / path).read_bytes() == MADE[path]
