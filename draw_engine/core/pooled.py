"""A snapshot's experts as columns: what is masked, and what `where` looks at.

A national pool has a million experts; as objects they would fill the memory several times.
Here a row number stands for an expert, and only the few who are shown become objects.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from draw_engine.core.columns import ExpertFacts
from draw_engine.core.manifest import Where
from draw_engine.core.snapshot import PooledExpert
from draw_engine.core.texts import Bytes, Ints, Longs, Names, Texts, ends
from foundation.digest import canon

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class PooledColumns:
    """Experts by ascending id; row numbers are indices into every array.

    Args:
        group, title: indices into the names in the plural.
        code, holder: pairs by ascending code, an index into `codes`; `holder` is the row.
        identity, qualification: canonical bytes, as `PooledExpert` has them.
    """

    ids: Names
    version: Ints
    region: Ints
    group: Ints
    groups: Names
    title: Ints
    titles: Names
    code: Ints
    holder: Ints
    codes: Names
    identity: Texts
    qualification: Texts

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(
        cls, facts: Iterable[ExpertFacts], identities: Mapping[str, Mapping[str, object]]
    ) -> Self:
        """Columns of `facts`, whose identities are given by id."""
        experts = sorted(facts, key=lambda one: one.expert_id)
        group, groups = _coded([one.group for one in experts])
        title, titles = _coded([one.title for one in experts])
        pairs = [(code, row) for row, one in enumerate(experts) for code in one.codes]
        pairs.sort()
        code, codes = _coded([code for code, _ in pairs])
        return cls(
            ids=Names.of(one.expert_id for one in experts),
            version=_ints([one.version for one in experts]),
            region=_ints([one.region for one in experts]),
            group=group,
            groups=groups,
            title=title,
            titles=titles,
            code=code,
            holder=_ints([row for _, row in pairs]),
            codes=codes,
            identity=Texts.of([canon(identities[one.expert_id]) for one in experts]),
            qualification=Texts.of([canon(one.qualification()) for one in experts]),
        )

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """The columns of parts that follow each other by id; each part is let go at once."""
        lists: dict[str, list[npt.NDArray[Any]]] = {}
        identity, qualification = _Growing(), _Growing()
        first = 0
        for part in parts:
            for name in ("version", "region", "group", "title", "code"):
                lists.setdefault(name, []).append(getattr(part, name))
            for name in ("ids", "groups", "titles", "codes"):
                lists.setdefault(name, []).append(getattr(part, name).cells)
            lists.setdefault("holder", []).append(part.holder + np.int32(first))
            identity.add(part.identity)
            qualification.add(part.qualification)
            first += len(part)
        if not lists:
            return cls.of([], {})
        group, groups = _recoded(lists["group"], lists["groups"])
        title, titles = _recoded(lists["title"], lists["titles"])
        code, codes = _recoded(lists["code"], lists["codes"])
        order = np.argsort(code, kind="stable")
        return cls(
            ids=Names(np.concatenate(lists["ids"])),
            version=np.concatenate(lists["version"]),
            region=np.concatenate(lists["region"]),
            group=group,
            groups=groups,
            title=title,
            titles=titles,
            code=code[order],
            holder=np.concatenate(lists["holder"])[order],
            codes=codes,
            identity=identity.texts(),
            qualification=qualification.texts(),
        )

    def expert(self, row: int) -> PooledExpert:
        """One expert as an object."""
        return PooledExpert(
            self.ids[row],
            self.groups[self.group[row]],
            self.identity[row],
            self.qualification[row],
            int(self.region[row]),
            int(self.version[row]),
        )

    def experts(self, rows: Iterable[int] | None = None) -> Iterator[PooledExpert]:
        """Some experts, or all, one after the other."""
        return map(self.expert, range(len(self)) if rows is None else rows)

    def candidates(self, wheres: Sequence[Where]) -> tuple[Ints, Ints]:
        """Rows for which some `where` holds, ascending, and a bit for each that does."""
        bits = np.zeros(len(self), np.int32)
        for slot, where in enumerate(wheres):
            bits[self.holders(where)] |= np.int32(1 << slot)
        rows = np.flatnonzero(bits != 0).astype(np.int32)
        return rows, bits[rows]

    def holders(self, where: Where) -> Ints:
        """The rows for which `where.holds`, some of them more than once."""
        found = [self.holder[start:end] for start, end in self._slices(where.codes)]
        rows = np.concatenate(found) if found else np.empty(0, np.int32)
        if where.regions:
            rows = rows[np.isin(self.region[rows], np.array(where.regions, np.int32))]
        if where.titles:
            rows = rows[np.isin(self.title[rows], self.titles.find(where.titles))]
        return rows

    def _slices(self, codes: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Where the pairs stand whose codes begin with each of `codes`."""
        names = list(self.codes)
        for code in codes:
            first = end = bisect_left(names, code)
            while end < len(names) and names[end].startswith(code):
                end += 1
            start, stop = np.searchsorted(self.code, np.array((first, end), self.code.dtype))
            yield int(start), int(stop)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything by name, as a file of arrays holds it; `of_arrays` is the inverse."""
        found: dict[str, npt.NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Texts):
                found[field.name], found[f"{field.name}_at"] = value.data, value.at
            else:
                found[field.name] = value.cells if isinstance(value, Names) else value
        return found

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """The columns that `arrays` gave."""
        made: dict[str, Any] = dict(arrays)
        for name in ("ids", "groups", "titles", "codes"):
            made[name] = Names(arrays[name])
        for name in ("identity", "qualification"):
            made[name] = Texts(arrays[name], made.pop(f"{name}_at"))
        return cls(**made)

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[Any]]) -> Self:
        """Columns of rows as older snapshots kept them: the members of `PooledExpert`."""
        experts = [PooledExpert(*row) for row in rows]
        shown = [json.loads(one.qualification) for one in experts]
        pairs = sorted((code, row) for row, one in enumerate(shown) for code in one["codes"])
        group, groups = _coded([one.org_group for one in experts])
        title, titles = _coded([one["title"] for one in shown])
        code, codes = _coded([code for code, _ in pairs])
        return cls(
            Names.of(one.expert_id for one in experts),
            _ints([one.version for one in experts]),
            _ints([one.region for one in experts]),
            group, groups, title, titles, code,
            _ints([row for _, row in pairs]),
            codes,
            Texts.of([str(one.identity).encode() for one in experts]),
            Texts.of([str(one.qualification).encode() for one in experts]),
        )  # fmt: skip

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(one.nbytes for one in self.arrays().values())


class _Growing:
    """Texts that come part by part; never held twice."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._lengths: list[Longs] = []

    def add(self, part: Texts) -> None:
        self._data += part.data.data
        self._lengths.append(np.diff(part.at))

    def texts(self) -> Texts:
        data: Bytes = np.frombuffer(self._data, np.uint8)
        return Texts(data, ends(np.concatenate(self._lengths)))


def _coded(values: Sequence[str]) -> tuple[Ints, Names]:
    distinct = sorted(set(values))
    place = {value: at for at, value in enumerate(distinct)}
    return _ints([place[value] for value in values]), Names.of(distinct)


def _recoded(
    parts: Sequence[npt.NDArray[Any]], names: Sequence[npt.NDArray[Any]]
) -> tuple[Ints, Names]:
    distinct = Names(np.unique(np.concatenate(names)))
    codes = [distinct.rows_of(own)[part] for part, own in zip(parts, names, strict=True)]
    return np.concatenate(codes).astype(np.int32), distinct


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int32)
