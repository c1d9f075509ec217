"""Cases that are written by hand: each is one way in which two readers of the protocol differed.

`relog` cases are lies that log and witnesses signed; all others need no key.
"""

from collections.abc import Iterator
from typing import Any

from draw_engine.core.snapshot import identity_hash, qualification_hash
from foundation.digest import canon, sha256
from foundation.ledger.note import cosigned_at, read_note

Case = dict[str, Any]
Bases = dict[str, Any]
SEEDS = {"production": "toy ", "list": "toy ", "open": "", "sealed": "", "escrow_opened": ""}
FUTURE = 2**53


def forgeries(bases: Bases) -> Iterator[Case]:
    """Every case written by hand."""
    yield from _spellings(bases)
    yield from _forms(bases)
    yield from _notes(bases)
    yield from _left_out(bases)
    yield from _lies(bases)
    yield from _times(bases)
    yield from _named(bases)


def _case(base: str, why: str, *ops: Case, **more: Any) -> Case:
    return {"base": base, "why": why, "ops": list(ops), **more}


def _set(value: Any, *path: str | int) -> Case:
    return {"op": "set", "path": list(path), "value": value}


def _add(value: Any, *path: str | int) -> Case:
    return {"op": "add", "path": list(path), "value": value}


def _remove(*path: str | int) -> Case:
    return {"op": "remove", "path": list(path)}


def _bytes(at: int, cut: int, put: bytes) -> Case:
    return {"op": "bytes", "path": [], "value": {"at": at, "cut": cut, "hex": put.hex()}}


def _spellings(bases: Bases) -> Iterator[Case]:
    """The same JSON in another dress, and values that have no canonical form."""
    data = canon(bases["open"]["bundle"])
    quorum = data.index(b'"quorum":2') + 9
    for why, one in (
        ("a byte order mark", _bytes(0, 0, b"\xef\xbb\xbf")),
        ("a newline at the end", _bytes(len(data), 0, b"\n")),
        ("a space in front", _bytes(0, 0, b" ")),
        ("cut off", _bytes(len(data) // 2, len(data), b"")),
        ("nothing", _bytes(0, len(data), b"")),
        ("a list", _bytes(0, len(data), b"[]")),
        ("no UTF-8", _bytes(quorum, 1, b"\xff")),
        ("a fraction of nought", _bytes(quorum, 1, b"2.0")),
        ("an exponent", _bytes(quorum, 1, b"2e0")),
        ("minus nought", _bytes(quorum, 1, b"-0")),
        ("no number", _bytes(quorum, 1, b"NaN")),
        ("2^53", _bytes(quorum, 1, b"9007199254740992")),
        ("2^53 - 1", _bytes(quorum, 1, b"9007199254740991")),
        ("a lone surrogate", _bytes(data.index(b'"notary.') + 1, 0, b"\\ud800")),
        ("null", _set(None, "policy", "quorum")),
        ("true for one", _set(True, "manifest", "draw", "seq")),
        ("text for a number", _set("2", "policy", "quorum")),
    ):
        yield _case("open", why, one)
    opened = bases["open"]["bundle"]["openings"]
    number = next(n for n, opening in enumerate(opened) if "identity" in opening)
    place = ("openings", number, "identity", "deep")
    for depth in (28, 29, 30):
        deep: list[Any] = []
        for _ in range(depth - 1):
            deep = [deep]
        yield _case("open", f"{depth} lists in one another", _add(deep, *place))
    for name in ("\x01", "\x7f", "__proto__", "\u00e9"):
        yield _case("open", "a key of another kind", _add("", *place[:-1], name))


def _forms(bases: Bases) -> Iterator[Case]:
    """Values at the edge of what their member may hold."""
    entries = bases["production"]["bundle"]["entries"]
    index = {entry["body"]["type"]: n for n, entry in enumerate(entries)}
    opening = ("openings", 0)
    for base, value, *path in (
        ("production", "", "policy", "holders", 0, "home"),
        ("open", "", "policy", "holders", 0, "home"),
        ("open", "beacon", "policy", "assurance"),
        ("production", "beacon", "policy", "assurance"),
        ("production", "full", "policy", "assurance"),
        ("production", "a b", "policy", "origin"),
        ("production", "a\u0085b", "policy", "origin"),
        ("production", "a\ufeffb", "policy", "witnesses", 0, "name"),
        ("production", "a\u001cb", "policy", "witnesses", 0, "name"),
        ("production", "a+b", "policy", "witnesses", 0, "name"),
        ("production", "", "policy", "witnesses", 0, "name"),
        ("production", "a\nb", "policy", "holders", 0, "party"),
        ("production", "a\rb", "policy", "holders", 0, "party"),
        ("production", "supervisor", "policy", "holders", 0, "party"),
        ("production", "supervisor.example/w", "policy", "witnesses", 1, "name"),
        ("production", "test", "policy", "purpose"),
        ("open", "production", "policy", "purpose"),
        ("production", "", "manifest", "book", "hash"),
        ("production", "", "draws_before", 0, "book", "hash"),
        ("production", 1000, "draws_before", 0, "slots", 0, "seats"),
        ("production", [], "draws_before", 0, "slots"),
        ("production", [], "manifest", "slots"),
        ("production", "", "manifest", "slots", 0, "id"),
        ("production", 999, "manifest", "slots", 0, "seats"),
        ("production", 1000, "manifest", "slots", 0, "seats"),
        ("production", 0, "manifest", "slots", 0, "seats"),
        ("production", 2**24, "manifest", "slots", 0, "n"),
        ("production", 2**24 + 1, "manifest", "slots", 0, "n"),
        ("production", 2**32, "manifest", "snapshot", "n"),
        ("production", 2**32, "manifest", "exclusions", "n"),
        ("production", 9999, "manifest", "supp", "max_steps"),
        ("production", 10000, "manifest", "supp", "max_steps"),
        ("production", 2**20 + 1, "manifest", "rules", "a_max"),
        ("production", "\u0661999-01-01", "manifest", "day"),
        ("production", "2025-10-09\n", "manifest", "day"),
        ("production", "vault\n", "manifest", "seal", "party"),
        ("production", "bored", "entries", index["abort"], "body", "reason"),
        ("production", "x" * 4096, "entries", index["abort"], "body", "party"),
        ("production", "1" * 39, "entries", index["dice"], "body", "digits"),
        ("production", "1" * 3900, "entries", index["dice"], "body", "digits"),
        ("production", "1" * 3901, "entries", index["dice"], "body", "digits"),
        ("production", "\u0661" * 40, "entries", index["dice"], "body", "digits"),
        ("production", 2**16, "entries", index["decline"], "body", "seat"),
        ("production", 0, "entries", index["decline"], "body", "step"),
        ("production", "asleep", "entries", index["decline"], "body", "class"),
        ("production", 2**32, "entries", index["reveal"], "body", "j"),
        ("production", 2**16, *opening, "slot"),
        ("production", 2, *opening, "slot"),
        ("production", 2**32, *opening, "position"),
        ("production", 60, *opening, "position"),
        ("production", 2**32, *opening, "region"),
        ("production", 256, "hats", 0, "chunks", 0, "level"),
        ("production", 2**32, "hats", 0, "chunks", 0, "chunk"),
        ("production", [], "hats", 0, "chunks", 0, "nodes"),
        ("production", [], "results"),
        ("production", [], "checkpoints"),
        ("production", [], "entries"),
        ("production", [], "openings"),
        ("production", [], "draws_before"),
        ("production", 2**32, "results", 0, "body", "positions", 0, 0),
        ("production", 2**16, "results", 1, "body", "seat"),
        ("open", 2**16, "beacon", 0, "input"),
        ("open", [], "beacon"),
        ("open", "", "manifest", "escrow", 0, "party"),
        ("open", 2**53 - 1, "policy", "hat_min"),
    ):
        yield _case(base, "at the edge of its form", _set(value, *path))
    [beacon] = bases["open"]["bundle"]["beacon"]
    yield _case("open", "a beacon twice", _add(beacon, "beacon", 0))
    [chunk] = bases["production"]["bundle"]["hats"][0]["chunks"]
    for level, number in ((0, 1), (1, 0), (0, 0)):
        spare = {**chunk, "level": level, "chunk": number}
        for place in (0, 1):
            yield _case("production", "a spare chunk", _add(spare, "hats", 0, "chunks", place))
    spare_hat = {"slot": 2, "chunks": []}
    yield _case("production", "a spare hat", _add(spare_hat, "hats", 2))


def _notes(bases: Bases) -> Iterator[Case]:
    """Signed notes with other lines than they should have."""
    note = bases["open"]["bundle"]["checkpoints"][1]["note"]
    text, lines = note.split("\n\n")
    log, first, second = lines.splitlines(keepends=True)
    stranger = second.replace("notary.example/w", "stranger.example/w")
    spare_bits = second.replace("=\n", "\n") if second.endswith("=\n") else second[:-2] + "\n"
    for why, changed in (
        ("a stranger's line", log + first + second + stranger),
        ("the log twice", log + log + first + second),
        ("a witness twice", log + first + second + second),
        ("lines in another order", second + first + log),
        ("no log", first + second),
        ("no required witness", log + second),
        ("no line", ""),
        ("no newline at the end", (log + first + second)[:-1]),
        ("an empty line more", log + first + second + "\n"),
        ("base64 of another length", log + first + spare_bits),
        ("another dash", (log + first + second).replace("\u2014", "-")),
        ("a short line", log + first + second + "\u2014 x AAAA\n"),
    ):
        place = ("checkpoints", 1, "note")
        yield _case("open", why, _set(f"{text}\n\n{changed}", *place))
    origin, size, root = text.split("\n")
    for why, lines_ in (
        ("a size with nought in front", (origin, "0" + size, root)),
        ("a size beyond 2^53", (origin, "9999999999999999", root)),
        ("a fourth line", (origin, size, root, "more")),
        ("a short root", (origin, size, root[:-4])),
    ):
        changed = "\n".join(lines_) + "\n\n" + lines
        yield _case("open", why, _set(changed, "checkpoints", 1, "note"))


def _left_out(bases: Bases) -> Iterator[Case]:
    """Each entry and each result left out, which needs no key."""
    for base in ("production", "escrow_opened"):
        bundle = bases[base]["bundle"]
        kinds: set[tuple[str, Any]] = set()
        for number, entry in enumerate(bundle["entries"]):
            body = entry["body"]
            kind = (body["type"], body.get("step", body.get("j")))
            if kind not in kinds:
                kinds.add(kind)
                yield _case(base, f"{body['type']} left out", _remove("entries", number))
        last = len(bundle["results"]) - 1
        declines = [n for n, e in enumerate(bundle["entries"]) if e["body"]["type"] == "decline"]
        final = _remove("entries", declines[-1])
        yield _case(base, "last step forgotten", _remove("results", last), final)
        yield _case(base, "a result twice", _add(bundle["results"][last], "results", last))


def _marks(bundle: Any) -> list[list[int]]:
    """(size, time of the first witness) of each checkpoint."""
    found = []
    witness = bundle["policy"]["witnesses"][0]
    for checkpoint in bundle["checkpoints"]:
        note = read_note(checkpoint["note"])
        at = cosigned_at(note, witness["name"], bytes.fromhex(witness["key"])) or 0
        found.append([note.checkpoint.size, at])
    return found


def _relogged(bases: Bases, base: str, why: str, *ops: Case, marks: Any = None) -> Case:
    given = _marks(bases[base]["bundle"]) if marks is None else marks
    return _case(base, why, *ops, relog={"seed": SEEDS[base], "marks": given})


def _inserted(bases: Bases, base: str, why: str, before: int, body: Any) -> Case:
    """One entry more in front of entry `before`; checkpoints from there on hold one more."""
    marks = [[n + (n > before), t] for n, t in _marks(bases[base]["bundle"])]
    entry = {"index": 0, "body": body, "path": []}
    return _relogged(bases, base, why, _add(entry, "entries", before), marks=marks)


def _lies(bases: Bases) -> Iterator[Case]:
    """One entry more, which log and witnesses signed."""
    for base in SEEDS:
        yield _relogged(bases, base, "signed again")
    for base in ("production", "list", "escrow_opened"):
        bodies = [entry["body"] for entry in bases[base]["bundle"]["entries"]]
        types = [body["type"] for body in bodies]
        m = next(body["M"] for body in bodies[::-1] if "M" in body)
        end, primary = len(bodies) - 1, types.index("result")
        decline = next(n for n, body in enumerate(bodies) if body["type"] == "decline")
        abort = {"type": "abort", "M": m, "reason": "withdrawn", "party": "", "sig": "00" * 64}
        dice = {"type": "dice", "M": m, "digits": "12345" * 8}
        reveal = {"type": "reveal", "M": m, "party": "operator", "j": 1, "y": "00" * 32}
        share = {"type": "share", "M": m, "of": "operator", "from": "supervisor", "j": 1}
        alarm = {"type": "alarm", "M": m, "party": "supervisor", "code": "x", "sig": "00" * 64}
        snapshot = bodies[types.index("snapshot")]
        for why, before, body in (
            ("an abort", end, abort),
            ("an unsealing more", end, bodies[end]),
            ("the manifest twice", end, next(b for b in bodies if b["type"] == "manifest")),
            ("this manifest twice", end, {"type": "manifest", "M": m, "handle": "00" * 32}),
            ("the snapshot twice", end, snapshot),
            ("another snapshot", end, {**snapshot, "root": "00" * 32}),
            ("dice before the reveals", primary - 1, dice),
            ("dice at the end", end, dice),
            ("a decline more", end, {**bodies[decline], "step": 9}),
            ("a decline twice", decline, bodies[decline]),
            ("a result more", end, {**bodies[primary], "step": 9}),
            ("the first result twice", end, bodies[primary]),
            ("a reveal that proves nothing", decline, reveal),
            ("the same after the declines", end, reveal),
            ("a share that proves nothing", decline, {**share, "share": "00" * 32}),
            ("an alarm", decline, alarm),
            ("a reveal before the freeze", 1, reveal),
        ):
            yield _inserted(bases, base, why, before, body)
    for base in ("open", "sealed", "escrow_opened"):
        turned = [_set({**_body(bases, base, 6), "step": 2}, "entries", 6, "body")]
        turned.append(_set({**_body(bases, base, 7), "step": 1}, "entries", 7, "body"))
        yield _relogged(bases, base, "declines in another order", *turned)
    yield from _vaults(bases)
    yield from _aborted_draw(bases)


def _body(bases: Bases, base: str, number: int) -> Any:
    return bases[base]["bundle"]["entries"][number]["body"]


def _vaults(bases: Bases) -> Iterator[Case]:
    """Reveals in the sealed holder's name before its time."""
    for base, first, before in (("sealed", 16, 11), ("production", 23, 17)):
        value = _body(bases, base, first)
        for why, body in (
            ("the vault's value too early", value),
            ("its next value too early", _body(bases, base, first + 1)),
            ("a value that is not the vault's", {**value, "y": "00" * 32}),
            ("the vault's value under another number", {**value, "j": 1}),
            ("a number beyond the chain", {**value, "j": 100_000}),
        ):
            yield _inserted(bases, base, why, before, body)


def _aborted_draw(bases: Bases) -> Iterator[Case]:
    """What may follow the end of an earlier draw, and what may not."""
    abort = _body(bases, "production", 4)
    m = abort["M"]
    reveal = {"type": "reveal", "M": m, "party": "operator", "j": 0, "y": "00" * 32}
    alarm = {"type": "alarm", "M": m, "party": "x", "code": "x", "sig": "00" * 64}
    for why, before, body in (
        ("a reveal after the abort", 26, reveal),
        ("a reveal before the abort", 4, reveal),
        ("an alarm after the abort", 26, alarm),
        ("an unsealing after the abort", 26, {"type": "unseal", "M": m}),
        ("a second abort", 26, abort),
    ):
        yield _inserted(bases, "production", why, before, body)
    swapped = [_set(_body(bases, "production", 9), "entries", 8, "body")]
    swapped.append(_set(_body(bases, "production", 8), "entries", 9, "body"))
    yield _relogged(bases, "production", "dice after a reveal", *swapped)


def _times(bases: Bases) -> Iterator[Case]:
    """Checkpoints at other times, of other sizes, or left out."""
    for base in ("production", "open"):
        marks = _marks(bases[base]["bundle"])
        cool = bases[base]["bundle"]["policy"]["times"]["cool"]
        entries = bases[base]["bundle"]["entries"]
        frozen = max(n for n, entry in enumerate(entries) if entry["body"]["type"] == "manifest")
        held = next(n for n, (size, _) in enumerate(marks) if size > frozen)
        # The second witness signs one second later, so one second less is too young.
        for why, when in (("just old enough", -1), ("too young", 0)):
            moved = [[n, marks[held][1] - cool + when] if n == 1 else [n, t] for n, t in marks]
            yield _relogged(bases, base, f"a snapshot {why}", marks=moved)
        for number in range(len(marks) - 1):
            rest = marks[:number] + marks[number + 1 :]
            yield _relogged(bases, base, f"checkpoint {number} left out", marks=rest)
        early = [*marks[:-1], [marks[-1][0], marks[-2][1]]]
        yield _relogged(bases, base, "unsealed early", marks=early)
        yield _relogged(bases, base, "a time of 2^53", marks=[*early[:-1], [early[-1][0], FUTURE]])
        last = [*early[:-1], [early[-1][0], FUTURE - 2]]
        yield _relogged(bases, base, "a time just below 2^53", marks=last)
        nothing = [0, marks[0][1]]
        yield _relogged(bases, base, "an empty log first", marks=[nothing, *marks])
        lie = [*nothing, sha256(b"x").hex()]
        yield _relogged(bases, base, "a lie about the empty log", marks=[lie, *marks])
        lie = [*marks[1], sha256(b"x").hex()]
        yield _relogged(bases, base, "a lie about the log", marks=[marks[0], lie, *marks[2:]])
    marks = _marks(bases["open"]["bundle"])
    for later in (44, 43):
        late = [[n, 1692803733 - 15 - 1 + later - 43] if n == 5 else [n, t] for n, t in marks]
        yield _relogged(bases, "open", "reveals at the beacon's edge", marks=late)


def _named(bases: Bases) -> Iterator[Case]:
    """Who the members are: joined bundles, and files of identities."""
    bundle = bases["open"]["bundle"]
    place = next(n for n, one in enumerate(bundle["openings"]) if "identity" in one)
    opening = bundle["openings"][place]
    hidden = {k: opening[k] for k in ("slot", "position", "salt_a", "tag", "org", "region")}
    salt_id, salt_q = bytes.fromhex(opening["salt_id"]), bytes.fromhex(opening["salt_q"])
    hidden["F_id"] = identity_hash(salt_id, canon(opening["identity"])).hex()
    hidden["F_q"] = qualification_hash(salt_q, canon(opening["qualification"])).hex()
    where = (opening["slot"], opening["position"])
    proofs = bundle["snapshot_proofs"]
    its = next(n for n, one in enumerate(proofs) if (one["slot"], one["position"]) == where)
    hide = _set(hidden, "openings", place)
    yield _case("open", "one member not named", hide)
    yield _case("open", "one member not named at all", hide, _remove("snapshot_proofs", its))
    yield _case("open", "no snapshot proof", _set([], "snapshot_proofs"))
    yield _case("production", "a snapshot proof", _set([proofs[0]], "snapshot_proofs"))
    yield _case("production", "a name", _set(opening, "openings", 0))
    members = bases["production"]["identities"]["members"]
    other = members[1]
    for why, one in (
        ("one member only", _set([other], "members")),
        ("nobody", _set([], "members")),
        ("another's proof", _set(other["snapshot"], "members", 0, "snapshot")),
        ("another's name", _set(other["identity"], "members", 0, "identity")),
        ("no title", _remove("members", 0, "qualification", "title")),
        ("no date", _remove("members", 0, "qualification", "valid_to")),
        ("an index beyond", _set(2**32, "members", 0, "snapshot", "index")),
        ("another draw", _set("00" * 32, "M")),
        (
            "no object",
            _set(
                [],
            ),
        ),
    ):
        yield _case("production", why, one, on="identities")
