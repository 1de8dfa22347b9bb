"""The shop's sheet: the first tab of a Google Sheets file, by the Sheets API; `modifiedTime` from Drive.

A mark is developer metadata on a row, visible to this project only. Google takes it along when rows are inserted or
deleted above, and deletes it with its row; a sort moves values and leaves it where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.adapters.google_credentials import VENDOR, GoogleApi
from chalicelib.domain.sheet import MOST_ROWS
from chalicelib.errors import UpstreamError

MARK_KEY = "ar"
_TABS = "sheets.properties(sheetId,title,index,sheetType,gridProperties(rowCount,columnCount))"


class GoogleSheet:
    """`ports.Sheet` on one spreadsheet. Lines count from 1, columns from 0."""

    def __init__(self, api: GoogleApi, sheet_id: str) -> None:
        self._api = api
        self._id = sheet_id
        self._tab_id: int | None = None

    def modified(self) -> str:
        """Drive's modifiedTime, verbatim."""
        return modified_time(self._api, self._id)

    def read(self) -> list[list[str]]:
        """All cells of the first tab as people see them. Raises UpstreamError.

        Of a sheet with too many rows one more than may be taken is read, which says so without filling the memory.
        """
        tab = self._tab()
        title = str(tab["title"]).replace("'", "''")
        enough = MOST_ROWS + 2  # the header, and the one too many
        only = f"!1:{enough}" if tab.get("gridProperties", {}).get("rowCount", 0) > enough else ""
        answer = self._api.call(
            lambda: self._api.values.get(
                spreadsheetId=self._id,
                range=f"'{title}'{only}",
                majorDimension="ROWS",
                valueRenderOption="FORMATTED_VALUE",
            )
        )
        return [_row(cells) for cells in answer.get("values", ())]

    def mark(self, lines: Sequence[int]) -> list[str]:
        """Attach metadata to each row. Raises UpstreamError, also for a line that the sheet no longer has."""
        if not lines:
            return []
        tab = self._tab()["sheetId"] if self._tab_id is None else self._tab_id
        answer = self._batch([{"createDeveloperMetadata": _metadata(tab, line)} for line in lines])
        return [str(reply["createDeveloperMetadata"]["developerMetadata"]["metadataId"]) for reply in answer["replies"]]

    def read_marked(self, marks: Sequence[str]) -> list[list[str] | None]:
        """The marked rows, in this order; None where the row is gone."""
        if not marks:
            return []
        body = {"dataFilters": [_by_mark(mark) for mark in marks], "valueRenderOption": "FORMATTED_VALUE"}
        answer = self._api.call(lambda: self._api.values.batchGetByDataFilter(spreadsheetId=self._id, body=body))
        rows = {}
        for matched in answer.get("valueRanges", ()):
            values = matched["valueRange"].get("values") or [[]]
            for data_filter in matched["dataFilters"]:
                rows[_mark_of(data_filter)] = _row(values[0])
        return [rows.get(mark) for mark in marks]

    def write_marked(self, cells: Mapping[str, Mapping[int, str]]) -> dict[str, list[str]]:
        """Write through the marks, RAW: a formula in a text stays a text. Returns the rows that were hit, whole."""
        if not cells:
            return {}
        body = {
            "valueInputOption": "RAW",
            "includeValuesInResponse": True,
            "responseValueRenderOption": "FORMATTED_VALUE",
            "data": [
                {"dataFilter": _by_mark(mark), "majorDimension": "ROWS", "values": [_sparse(texts)]}
                for mark, texts in cells.items()
            ],
        }
        answer = self._api.call(lambda: self._api.values.batchUpdateByDataFilter(spreadsheetId=self._id, body=body))
        hits = {}
        for response in answer.get("responses", ()):
            if "updatedData" in response:
                values = response["updatedData"].get("values") or [[]]
                hits[_mark_of(response["dataFilter"])] = _row(values[0])
        return hits

    def unmark(self, marks: Sequence[str]) -> None:
        """Delete the metadata; what is gone is no error."""
        if marks:
            self._batch([{"deleteDeveloperMetadata": {"dataFilter": _by_mark(mark)}} for mark in marks])

    def append(self, cells: Mapping[int, str]) -> None:
        """Add a row below the last one with anything in it. A string value is never read as a formula or a number.

        Not by `values.append`, which shifts a row under the leftmost column that it takes for the table's. Raises
        UpstreamError; the row may be there then.
        """
        tab = self._tab()
        values = [
            {"userEnteredValue": {"stringValue": cells[column]}} if cells.get(column) else {}
            for column in range(max(cells, default=-1) + 1)
        ]
        request = {"sheetId": tab["sheetId"], "rows": [{"values": values}], "fields": "userEnteredValue"}
        self._batch([{"appendCells": request}])

    def add_columns(self, at: int, headers: Sequence[str]) -> None:
        """Insert columns and head them, all in one step or not at all.

        A sheet can't be inserted into right of its last column, so that one is appended first where it is full.
        """
        tab = self._tab()
        full = at >= tab["gridProperties"]["columnCount"]
        place = {"sheetId": tab["sheetId"], "dimension": "COLUMNS", "startIndex": at, "endIndex": at + len(headers)}
        append = {"sheetId": tab["sheetId"], "dimension": "COLUMNS", "length": 1}
        values = [{"userEnteredValue": {"stringValue": header}} for header in headers]
        self._batch(
            [
                *([{"appendDimension": append}] if full else []),
                {"insertDimension": {"range": place, "inheritFromBefore": at > 0}},
                {
                    "updateCells": {
                        "start": {"sheetId": tab["sheetId"], "rowIndex": 0, "columnIndex": at},
                        "rows": [{"values": values}],
                        "fields": "userEnteredValue",
                    }
                },
            ]
        )

    def _tab(self) -> Any:
        """The first tab's properties, fresh: staff rename and reorder tabs."""
        answer = self._api.call(lambda: self._api.sheets.get(spreadsheetId=self._id, fields=_TABS))
        tabs = [tab["properties"] for tab in answer.get("sheets", ())]
        grids = [tab for tab in tabs if tab.get("sheetType", "GRID") == "GRID"]
        if not grids:
            raise UpstreamError(VENDOR, "the file has no tab of cells")
        first = min(grids, key=lambda tab: tab.get("index", 0))
        first.setdefault("sheetId", 0)
        self._tab_id = first["sheetId"]
        return first

    def _batch(self, requests: Sequence[Mapping[str, Any]]) -> Any:
        return self._api.call(
            lambda: self._api.sheets.batchUpdate(spreadsheetId=self._id, body={"requests": list(requests)})
        )


def modified_time(api: GoogleApi, file_id: str) -> str:
    """Drive's modifiedTime of a file, verbatim. Raises UpstreamError."""
    answer = api.call(lambda: api.files.get(fileId=file_id, fields="modifiedTime", supportsAllDrives=True))
    return str(answer["modifiedTime"])


def _row(cells: Sequence[object]) -> list[str]:
    texts = [_whole(str(cell)) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _whole(text: str) -> str:
    """The text without halves of a letter: a formula may cut an emoji in two, and no file can hold one half."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _sparse(texts: Mapping[int, str]) -> list[str | None]:
    """A row whose null cells Google leaves alone."""
    return [texts.get(column) for column in range(max(texts, default=-1) + 1)]


def _metadata(tab: int, line: int) -> dict[str, Any]:
    place = {"sheetId": tab, "dimension": "ROWS", "startIndex": line - 1, "endIndex": line}
    return {
        "developerMetadata": {
            "metadataKey": MARK_KEY,
            "location": {"dimensionRange": place},
            "visibility": "PROJECT",
        }
    }


def _by_mark(mark: str) -> dict[str, Any]:
    return {"developerMetadataLookup": {"metadataId": int(mark)}}


def _mark_of(data_filter: Mapping[str, Any]) -> str:
    return str(data_filter["developerMetadataLookup"]["metadataId"])
