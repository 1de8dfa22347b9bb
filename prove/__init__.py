"""The proofs that nothing goes twice and nothing is lost, in one run. Never shipped; see docs/reliability.md."""
