"""The functions' roles, proven: what their policies allow is what their AWS calls need, no less and no more."""

import local  # noqa: F401  its names of a deployment, before anything here reads them
