"""What `scripts/ops doctor` looks at, one module a subject. A check asks and reports; it changes nothing.

A module's `CHECKS` are its checks by name. Each is given the `Site` and yields findings; whatever it can't ask it
may let fall through as an exception, which `ops.doctor` turns into "not checked".
"""
