"""Our list in the names of the data standard: out with a reason, in without an effect."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.credit_records import STREAM, TABLE, CreditRecords, Form
from blacklist.core import errors as list_errors
from blacklist.core.grounds import Kind
from foundation.auth.roles import Role
from foundation.dataspec.forms import from_json, from_xml
from foundation.dataspec.tables import UnknownTable
from tests.app.bench import code_of
from tests.app.regions import FIRST, SECOND, Region, two_regions

CREDIT = "/api/dataspec/credit-records"


@pytest.fixture
def regions(tmp_path: Path) -> Iterator[tuple[Region, Region]]:
    with two_regions(tmp_path) as pair:
        yield pair


def records_of(region: Region) -> CreditRecords:
    found: CreditRecords = region.bench.app.state.credit_records
    return found


@pytest.mark.parametrize("form", list(Form))
def test_r_e_3_a_list_goes_out_and_is_found_in_another_region_as_it_was(
    regions: tuple[Region, Region], form: Form
) -> None:
    """R-E-3: under the standard's names, in either form."""
    north, south = regions
    barred = north.bar(north.expert(3))
    north.bar(north.expert(4), kind=Kind.DISQUALIFIED, ground="bribery", ends_on=None)
    north.bar(north.expert(5), kind=Kind.SUSPENDED)

    count, told = records_of(south).check(records_of(north).export(form, "移送", FIRST), FIRST)

    assert count == len(told) == 2
    first, second = sorted(told, key=lambda one: str(one.kind))
    assert (first.expert_id, second.expert_id) == (south.expert(3), south.expert(4))
    assert (first.kind, first.starts_on, first.ends_on) == (
        Kind.BARRED,
        barred.starts_on,
        barred.ends_on,
    )
    assert (second.kind, second.ends_on) == (Kind.DISQUALIFIED, None)
    assert first.deciding_body == barred.deciding_body
    assert barred.basis in first.basis
    assert south.bench.house.blacklist.reasons() == {}


def test_what_was_read_can_be_put_forward_and_is_then_held(
    regions: tuple[Region, Region],
) -> None:
    north, south = regions
    north.bar(north.expert(3))
    file = records_of(north).export(Form.XML, "移送", FIRST)
    manager = south.bench.signed_in(Role.POOL_MANAGER)
    sent = manager.post(f"{CREDIT}/check", files={"file": ("r.xml", file)})
    [told] = sent.json()["ours"]
    assert told["held"] is False
    names = ("expert_id", "kind", "ground", "basis", "deciding_body", "starts_on", "ends_on")

    proposed = manager.post("/api/blacklist", json={name: told[name] for name in names})

    assert proposed.status_code == 201, proposed.text
    south.bench.house.blacklist.confirm(proposed.json()["id"], SECOND)
    _, [again] = records_of(south).check(file, FIRST)
    assert again.held
    assert north.bench.house.pool.persons.get(north.expert(3)).id_number not in sent.text


def test_numbers_leave_with_a_reason_and_an_entry_or_not_at_all(
    regions: tuple[Region, Region],
) -> None:
    north, _ = regions
    north.bar(north.expert(3))
    with pytest.raises(list_errors.WordsMissing):
        records_of(north).export(Form.JSON, " ", FIRST)
    supervisor = north.bench.signed_in(Role.SUPERVISOR)
    manager = north.bench.signed_in(Role.POOL_MANAGER)
    body = {"form": "json", "reason": "报送监督系统"}
    assert manager.post(f"{CREDIT}/export", json=body).status_code == 403

    answer = supervisor.post(f"{CREDIT}/export", json=body)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    number = north.bench.house.pool.persons.get(north.expert(3)).id_number
    assert from_json(answer.content).records[0]["ID_CARD"] == number
    with north.bench.house.books.read() as book:
        [entry] = book.entries(STREAM)
    assert entry.body is not None
    assert (entry.type, entry.body["records"], entry.body["reason"]) == (
        "dataspec.exported",
        1,
        "报送监督系统",
    )
    assert number not in json.dumps(dict(entry.body))


def test_what_is_lifted_or_whom_nobody_knows_any_more_is_left_out(
    regions: tuple[Region, Region],
) -> None:
    north, _ = regions
    lifted, forgotten = north.bar(north.expert(3)), north.bar(north.expert(4))
    standing = north.bench.house.blacklist
    standing.confirm(standing.propose_lift(lifted.id, "overturned", "复议", FIRST).id, SECOND)
    north.bench.house.pool.persons.erase(forgotten.expert_id)

    data = from_xml(records_of(north).export(Form.XML, "移送", FIRST))

    assert (data.table.name, data.records) == (TABLE, ())
    with north.bench.house.books.read() as book:
        [entry] = book.entries(STREAM)
    assert (entry.body or {})["nameless"] == 1


def test_a_file_that_is_none_or_of_another_table_is_refused_whole(
    regions: tuple[Region, Region],
) -> None:
    _, south = regions
    manager = south.bench.signed_in(Role.POOL_MANAGER)
    for data, code in (
        (b"name,number", "dataspec.document_unfit"),
        (b"<!DOCTYPE x><x/>", "dataspec.document_unfit"),
        (b'<DATASET NO="1" TABLE="X"></DATASET>', "dataspec.unknown_table"),
        (
            b'<DATASET NO="208" TABLE="EXPERT_CREDIT_RECORD"><RECORD/></DATASET>',
            "dataspec.field_unfit",
        ),
    ):
        sent = manager.post(f"{CREDIT}/check", files={"file": ("r.xml", data)})
        assert code_of(sent) == code
    with pytest.raises(UnknownTable):
        records_of(south).check(
            b'<DATASET NO="9013" TABLE="AVOID_ENTERPRISE_LIST"></DATASET>', FIRST
        )
    with south.bench.house.books.read() as book:
        assert book.entries(STREAM) == []
