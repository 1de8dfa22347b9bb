"""The whole system on one machine: never shipped."""
