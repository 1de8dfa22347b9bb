"""The buttons of a proposal and of its form, by name. `settle_staff_action` acts on them."""

from __future__ import annotations

APPROVE = "proposal_approve"
EDIT = "proposal_edit"
EDITED = "proposal_edited"
DISCARD = "proposal_discard"
