"""What `scripts/deploy` runs: never shipped."""
