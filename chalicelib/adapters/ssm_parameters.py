"""Parameter Store: the shop's configuration, and the switch that stops everything."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code, upstream
from chalicelib.ports import SendingSwitch

_VENDOR = "Parameter Store"


class SsmParameters:
    """`ports.Parameters`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def all(self) -> dict[str, str]:
        """Every parameter under the config path, by its last part."""
        with upstream(_VENDOR):
            pages = self._client.get_paginator("get_parameters_by_path").paginate(
                Path=names.CONFIG_PATH, Recursive=False, WithDecryption=True
            )
            return {
                parameter["Name"].removeprefix(names.CONFIG_PATH): parameter["Value"]
                for page in pages
                for parameter in page["Parameters"]
            }

    def sending(self) -> SendingSwitch:
        """The switch, fresh. One that nobody set is `on`; a value that is none of the three counts as `off`."""
        with upstream(_VENDOR):
            try:
                found = self._client.get_parameter(Name=names.SENDING_PARAMETER)
            except ClientError as error:
                if code(error) == "ParameterNotFound":
                    return SendingSwitch.ON
                raise
        try:
            return SendingSwitch(found["Parameter"]["Value"].strip().lower())
        except ValueError:
            return SendingSwitch.OFF
