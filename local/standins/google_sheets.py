"""The part of the Sheets API v4 that the system speaks, on one grid: JSON in, JSON out, no HTTP.

Faithful where it matters: a batch is taken whole or not at all, a data filter that matches nothing is left out of
the answer, null cells are skipped, and positions outside the grid are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.standins.google_grid import Grid

TITLE = "Appointments"
TAB_ID = 0


class ApiRefusal(Exception):
    """What Google answers with an error: status code, its name, and the message."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def bad_request(message: str) -> ApiRefusal:
    """A 400."""
    return ApiRefusal(400, "INVALID_ARGUMENT", message)


class SheetsApi:
    """One spreadsheet with one tab. `grid` is replaced as a whole by each batch that was taken."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.metadata: dict[int, dict[str, Any]] = {}

    def get(self) -> dict[str, Any]:
        """`spreadsheets.get`; the field mask is ignored."""
        size = {"rowCount": self.grid.row_count, "columnCount": self.grid.column_count}
        properties = {"sheetId": TAB_ID, "title": TITLE, "index": 0, "sheetType": "GRID", "gridProperties": size}
        return {"sheets": [{"properties": properties}]}

    # ------------------------------------------------------------ values

    def values_get(self, a1: str) -> dict[str, Any]:
        """`values.get`."""
        first, last, left, right = self._range(a1)
        rows = [_trimmed(self.grid.row(line)[left:right]) for line in range(first, min(last, len(self.grid.rows)) + 1)]
        while rows and not rows[-1]:
            rows.pop()
        return {"range": a1, "majorDimension": "ROWS", **({"values": rows} if rows else {})}

    def values_update(self, a1: str, body: Mapping[str, Any], option: str) -> dict[str, Any]:
        """`values.update`, RAW only."""
        _raw_only(option)
        first, _, left, right = self._range(a1)
        rows = body.get("values", [])
        for line, cells in enumerate(rows, start=first):
            if (left + len(cells) > max(right, left + 1) and ":" in a1) or left + len(cells) > self.grid.column_count:
                raise bad_request("the values exceed the range")
            self._write(line, left, cells)
        return {"updatedRange": a1, "updatedRows": len(rows)}

    def values_by_filter(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """`values.batchGetByDataFilter`: one range per row, with every filter that matched it."""
        matched: dict[int, list[Any]] = {}
        for data_filter in body.get("dataFilters", []):
            for mark in self._lookup(data_filter):
                filters = matched.setdefault(self.grid.marks[mark], [])
                if data_filter not in filters:
                    filters.append(data_filter)
        return {
            "valueRanges": [
                {"dataFilters": filters, "valueRange": self._row_range(line)} for line, filters in matched.items()
            ]
        }

    def update_by_filter(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """`values.batchUpdateByDataFilter`, RAW only."""
        _raw_only(body.get("valueInputOption", ""))
        responses = []
        for item in body.get("data", []):
            for mark in self._lookup(item["dataFilter"]):
                line = self.grid.marks[mark]
                cells = item["values"][0] if item.get("values") else []
                if len(item.get("values", [])) > 1 or len(cells) > self.grid.column_count:
                    raise bad_request("the values exceed the range that the filter matched")
                self._write(line, 0, cells)
                response = {"dataFilter": item["dataFilter"], "updatedRange": f"'{TITLE}'!A{line}"}
                if body.get("includeValuesInResponse"):
                    response["updatedData"] = self._row_range(line)
                responses.append(response)
        return {"responses": responses} if responses else {}

    # ------------------------------------------------------------ structure

    def batch_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """`spreadsheets.batchUpdate`: all requests or none."""
        was, metadata = self.grid.copy(), dict(self.metadata)
        try:
            return {"replies": [self._request(request) for request in body.get("requests", [])]}
        except Exception:
            self.grid, self.metadata = was, metadata
            raise

    def search(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """`developerMetadata.search`."""
        found = []
        for data_filter in body.get("dataFilters", []):
            for mark in self._lookup(data_filter):
                found.append({"developerMetadata": self._described(mark), "dataFilters": [data_filter]})
        return {"matchedDeveloperMetadata": found} if found else {}

    def _request(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ((kind, what),) = request.items()
        act = getattr(self, f"_{kind}", None)
        if act is None:
            raise bad_request(f"unknown request {kind!r}")
        return act(what) or {}

    def _createDeveloperMetadata(self, what: Mapping[str, Any]) -> dict[str, Any]:
        wanted = dict(what["developerMetadata"])
        place = wanted.pop("location")["dimensionRange"]
        if not wanted.get("metadataKey") or not wanted.get("visibility"):
            raise bad_request("developer metadata must have a key and a visibility")
        if place.get("dimension") != "ROWS" or place["endIndex"] != place["startIndex"] + 1:
            raise bad_request("metadata must be on one row")
        if place["endIndex"] > self.grid.row_count:
            raise bad_request("the row is outside the grid")
        mark = self.grid.mark(place["endIndex"])
        self.metadata[mark] = wanted
        return {"createDeveloperMetadata": {"developerMetadata": self._described(mark)}}

    def _deleteDeveloperMetadata(self, what: Mapping[str, Any]) -> dict[str, Any]:
        gone = [self._described(mark) for mark in self._lookup(what["dataFilter"])]
        for described in gone:
            self.grid.marks.pop(described["metadataId"], None)
            self.metadata.pop(described["metadataId"], None)
        return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": gone}}

    def _appendDimension(self, what: Mapping[str, Any]) -> None:
        if what["dimension"] == "ROWS":
            self.grid.row_count += what["length"]
        else:
            self.grid.column_count += what["length"]

    def _insertDimension(self, what: Mapping[str, Any]) -> None:
        place = what["range"]
        count = place["endIndex"] - place["startIndex"]
        size = self.grid.row_count if place["dimension"] == "ROWS" else self.grid.column_count
        if place["startIndex"] >= size:
            raise bad_request("the place is outside the grid")
        if place["dimension"] == "COLUMNS":
            self.grid.insert_columns(place["startIndex"], count)
        else:
            for _ in range(count):
                self.grid.insert_row(place["startIndex"] + 1)

    def _deleteDimension(self, what: Mapping[str, Any]) -> None:
        place = what["range"]
        for _ in range(place["endIndex"] - place["startIndex"]):
            if place["dimension"] == "COLUMNS":
                self.grid.delete_column(place["startIndex"])
            else:
                self.grid.delete_row(place["startIndex"] + 1)

    def _updateCells(self, what: Mapping[str, Any]) -> None:
        start = what["start"]
        for line, row in enumerate(what["rows"], start=start["rowIndex"] + 1):
            texts = [value["userEnteredValue"]["stringValue"] for value in row["values"]]
            if start["columnIndex"] + len(texts) > self.grid.column_count:
                raise bad_request("the cells are outside the grid")
            self._write(line, start["columnIndex"], texts)

    def _appendCells(self, what: Mapping[str, Any]) -> None:
        """Below the last row with data, from column A on; the grid grows where it is full."""
        for row in what["rows"]:
            texts = [value.get("userEnteredValue", {}).get("stringValue", "") for value in row.get("values", [])]
            if len(texts) > self.grid.column_count:
                raise bad_request("the cells are outside the grid")
            self.grid.append_row(texts)

    def _sortRange(self, what: Mapping[str, Any]) -> None:
        for spec in reversed(what["sortSpecs"]):
            column = spec["dimensionIndex"]
            self.grid.sort_rows(
                lambda row, column=column: row[column] if column < len(row) else "",  # type: ignore[misc]
                reverse=spec.get("sortOrder") == "DESCENDING",
                first=what["range"].get("startRowIndex", 0) + 1,
            )

    # ------------------------------------------------------------ parts

    def _lookup(self, data_filter: Mapping[str, Any]) -> list[int]:
        wanted = data_filter.get("developerMetadataLookup")
        if wanted is None:
            raise bad_request("only developerMetadataLookup is understood")
        return [
            mark
            for mark in self.grid.marks
            if wanted.get("metadataId") in (None, mark)
            and wanted.get("metadataKey") in (None, self.metadata.get(mark, {}).get("metadataKey"))
            and wanted.get("metadataValue") in (None, self.metadata.get(mark, {}).get("metadataValue"))
        ]

    def _described(self, mark: int) -> dict[str, Any]:
        line = self.grid.marks[mark]
        place = {"sheetId": TAB_ID, "dimension": "ROWS", "startIndex": line - 1, "endIndex": line}
        location = {"locationType": "ROW", "dimensionRange": place}
        return {"metadataId": mark, "location": location, **self.metadata.get(mark, {})}

    def _row_range(self, line: int) -> dict[str, Any]:
        cells = self.grid.row(line)
        return {"range": f"'{TITLE}'!A{line}", "majorDimension": "ROWS", **({"values": [cells]} if cells else {})}

    def _write(self, line: int, left: int, cells: Sequence[object]) -> None:
        self.grid.write(line, {left + n: str(text) for n, text in enumerate(cells) if text is not None})

    def _range(self, a1: str) -> tuple[int, int, int, int]:
        """First and last line, left column and the one after the right."""
        tab, mark, cells = a1.rpartition("!")
        if not mark and a1.strip("'") == TITLE:
            return 1, self.grid.row_count, 0, self.grid.column_count
        if whole_rows := re.fullmatch(r"(\d+):(\d+)", cells):
            if int(whole_rows[2]) > self.grid.row_count:
                raise bad_request(f"Range ({a1}) exceeds grid limits. Max rows: {self.grid.row_count}")
            return int(whole_rows[1]), int(whole_rows[2]), 0, self.grid.column_count
        match = re.fullmatch(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?", cells)
        if (mark and tab.strip("'") != TITLE) or match is None:
            raise bad_request(f"Unable to parse range: {a1}")
        left, first = _column(match[1]), int(match[2])
        right, last = (_column(match[3]), int(match[4])) if match[3] else (left, first)
        return first, last, left, right + 1


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _trimmed(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and kept[-1] == "":
        kept.pop()
    return kept


def _raw_only(option: str) -> None:
    if option != "RAW":
        raise bad_request(f"valueInputOption is {option!r}; a formula in a cell must stay a text: RAW")
