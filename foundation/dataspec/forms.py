"""Whole documents of records: XML and JSON, one form each, read as strictly as they are written.

    <DATASET NO="208" TABLE="EXPERT_CREDIT_RECORD" LACKS="OPERATOR"><RECORD><ID_CARD>…</ID_CARD>…
    {"DATASET_NO": "208", "TABLE": "EXPERT_CREDIT_RECORD", "LACKS": ["OPERATOR"], "RECORDS": [{…}]}

`LACKS` names required fields that the sender does not hold: a value is left out and said to be,
never invented. XML is read by expat with everything refused that is no plain element: document
types, entities, comments, processing instructions, depth.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat
from xml.sax.saxutils import escape  # writes, and reads nothing

from foundation.dataspec.tables import FieldUnfit, Record, Table, table_of
from foundation.errors import Kind, ServiceError

MOST_BYTES: Final = 64 * 2**20
MOST_RECORDS: Final = 200_000
DEPTH: Final = 3
HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


class DocumentUnfit(ServiceError):
    """The bytes are no document of this form; `why` in one word."""

    code = "dataspec.document_unfit"
    kind = Kind.INVALID
    rule = "R-E-3"

    def __init__(self, why: str) -> None:
        super().__init__(why=why)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Records of one table. `lacks`: required fields that none of them has."""

    table: Table
    records: tuple[Record, ...]
    lacks: frozenset[str] = frozenset()

    def texts(self) -> list[dict[str, str]]:
        """Every record as texts.

        Raises:
            FieldUnfit: names record and field.
        """
        return [self.table.write(one, at, self.lacks) for at, one in enumerate(self.records, 1)]


def to_xml(data: Dataset) -> bytes:
    """The document in XML.

    Raises:
        FieldUnfit.
    """
    lacks = f' LACKS="{" ".join(sorted(data.lacks))}"' if data.lacks else ""
    parts = [HEAD, f'<DATASET NO="{data.table.number}" TABLE="{data.table.name}"{lacks}>\n']
    for record in data.texts():
        inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in record.items())
        parts.append(f"<RECORD>{inside}</RECORD>\n")
    parts.append("</DATASET>\n")
    return "".join(parts).encode()


def to_json(data: Dataset) -> bytes:
    """The document in JSON; a number is a number, digit by digit as it was given.

    Raises:
        FieldUnfit.
    """
    fields = data.table.fields

    def spelt(name: str, text: str) -> str:
        value = text if fields[name].number else json.dumps(text, ensure_ascii=False)
        return f"{json.dumps(name)}: {value}"

    records = ",\n".join(
        "{" + ", ".join(spelt(*one) for one in record.items()) + "}" for record in data.texts()
    )
    lacks = f'"LACKS": {json.dumps(sorted(data.lacks))}, ' if data.lacks else ""
    head = f'"DATASET_NO": "{data.table.number}", "TABLE": "{data.table.name}", {lacks}'
    return f'{{{head}"RECORDS": [\n{records}\n]}}\n'.encode()


def from_json(data: bytes) -> Dataset:
    """The document in JSON bytes.

    Raises:
        DocumentUnfit, UnknownTable, FieldUnfit.
    """
    if len(data) > MOST_BYTES:
        raise DocumentUnfit("size")
    try:
        whole = json.loads(
            data.decode(),
            object_pairs_hook=_once,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError) as bad:
        raise DocumentUnfit("json") from bad
    if not isinstance(whole, dict) or not {"DATASET_NO", "TABLE", "RECORDS"} <= whole.keys():
        raise DocumentUnfit("form")
    if whole.keys() - {"DATASET_NO", "TABLE", "RECORDS", "LACKS"}:
        raise DocumentUnfit("form")
    records, lacks = whole["RECORDS"], whole.get("LACKS", [])
    if not _texts(lacks) or not isinstance(records, list):
        raise DocumentUnfit("form")
    table = _table(whole["TABLE"], whole["DATASET_NO"])
    return _read(table, [_plain(table, one, at) for at, one in enumerate(records, 1)], lacks)


def from_xml(data: bytes) -> Dataset:
    """The document in XML bytes; UTF-8 and nothing else.

    Raises:
        DocumentUnfit, UnknownTable, FieldUnfit.
    """
    if len(data) > MOST_BYTES:
        raise DocumentUnfit("size")
    reader = _XmlReader()
    reader.feed(data)
    if reader.head is None:
        raise DocumentUnfit("form")
    table = _table(reader.head.get("TABLE"), reader.head.get("NO"))
    return _read(table, reader.records, reader.head.get("LACKS", "").split())


class _XmlReader:
    """Plain elements, three deep, text in the innermost alone."""

    def __init__(self) -> None:
        self.head: dict[str, str] | None = None
        self.records: list[dict[str, str]] = []
        self._path: list[str] = []
        self._text: list[str] = []
        parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.XmlDeclHandler = _declared
        for name in (
            *("StartDoctypeDeclHandler", "EntityDeclHandler", "ProcessingInstructionHandler"),
            *("UnparsedEntityDeclHandler", "NotationDeclHandler", "ExternalEntityRefHandler"),
            *("SkippedEntityHandler", "StartCdataSectionHandler", "CommentHandler"),
        ):
            setattr(parser, name, _refuse)
        self._parser = parser

    def feed(self, data: bytes) -> None:
        """Read a whole document."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as bad:
            raise DocumentUnfit("xml") from bad

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        depth = len(self._path)
        if depth > DEPTH or (depth > 1 and attributes) or "".join(self._text).strip():
            raise DocumentUnfit("form")
        if depth == 1:
            if name != "DATASET" or attributes.keys() - {"NO", "TABLE", "LACKS"}:
                raise DocumentUnfit("form")
            self.head = attributes
        elif depth == 2:
            if name != "RECORD" or len(self.records) >= MOST_RECORDS:
                raise DocumentUnfit("form")
            self.records.append({})
        elif name in self.records[-1]:
            raise DocumentUnfit("twice")
        self._text = []

    def _end(self, name: str) -> None:
        text = "".join(self._text)
        if len(self._path) == DEPTH:
            self.records[-1][name] = text
        elif text.strip():
            raise DocumentUnfit("form")
        self._path.pop()
        self._text = []

    def _said(self, text: str) -> None:
        self._text.append(text)


class _Number(str):
    """A number of a JSON document, as it is spelt: no float ever holds it."""

    __slots__ = ()


def _declared(version: str, encoding: str | None, _standalone: int) -> None:
    if version != "1.0" or (encoding or "UTF-8").upper() != "UTF-8":
        raise DocumentUnfit("encoding")


def _refuse(*_: object) -> None:
    raise DocumentUnfit("unsafe")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DocumentUnfit("twice")
    return found


def _no_constant(_: str) -> None:
    raise DocumentUnfit("json")


def _texts(values: object) -> bool:
    return isinstance(values, list) and all(type(one) is str for one in values)


def _plain(table: Table, record: object, at: int) -> dict[str, str]:
    """A JSON record as texts: numbers where the field is one, texts elsewhere."""
    if not isinstance(record, dict):
        raise DocumentUnfit("form")
    for name, value in record.items():
        field = table.fields.get(name)
        wanted = _Number if field is not None and field.number else str
        if type(value) is not wanted:
            raise FieldUnfit(table.name, at, name if field else "-", "type")
    return {name: str(value) for name, value in record.items()}


def _table(name: object, number: object) -> Table:
    table = table_of(name if isinstance(name, str) else "")
    if type(number) is not str or table.number != number:
        raise DocumentUnfit("number")
    return table


def _read(table: Table, records: Sequence[Mapping[str, str]], lacks: Sequence[str]) -> Dataset:
    if len(records) > MOST_RECORDS:
        raise DocumentUnfit("size")
    required = {name for name, field in table.fields.items() if field.required}
    if len(set(lacks)) != len(lacks) or not set(lacks) <= required:
        raise DocumentUnfit("lacks")
    missing = frozenset(lacks)
    found = tuple(table.read(one, at, missing) for at, one in enumerate(records, 1))
    return Dataset(table, found, missing)
