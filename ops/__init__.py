"""The operator's command line: never shipped, run from a machine with the account's credentials."""
