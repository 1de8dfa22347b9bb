"""An in-memory DynamoDB store and ledger that keep the same conditions as the real ones (see tests/contract)."""

from tests.twin.ledger import TwinLedger
from tests.twin.store import TwinStore
from tests.twin.world import TwinWorld

__all__ = ["TwinLedger", "TwinStore", "TwinWorld"]
