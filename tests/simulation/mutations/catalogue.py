"""All mutations."""

from __future__ import annotations

from tests.simulation.mutations import of_dispatch, of_ledger, of_outbox, of_sheet, of_store, of_tokens
from tests.simulation.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *of_ledger.MUTATIONS,
    *of_store.MUTATIONS,
    *of_tokens.MUTATIONS,
    *of_outbox.MUTATIONS,
    *of_sheet.MUTATIONS,
    *of_dispatch.MUTATIONS,
)
