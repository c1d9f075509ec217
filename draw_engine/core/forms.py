"""The shape of every object of the protocol, as tables a reader can hold against SPEC.md.

A shape is a function that returns nothing for a value it accepts and raises `Misshapen` for
any other. Objects have exactly the members of their table. Python holds `True == 1`, so
every number is asked for its type: a bundle with `true` for 1 would hash differently.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from draw_engine.core.errors import Misshapen

Shape = Callable[[Any], None]

U16: Final = 2**16 - 1
U32: Final = 2**32 - 1
SAFE: Final = 2**53 - 1
HAT_MAX: Final = 2**24
"""No pool is larger; a verifier must not be made to sort a hat of billions."""
SEATS_MAX: Final = 999
STEPS_MAX: Final = 9999
"""A value of a chain is hashed back to its tip this many times at most."""
DIGITS: Final = r"[0-9]{40,3900}"
CLASSES: Final = ("refused", "unreachable", "conflict", "absent", "unfit")
ABORT_BEFORE_SEED: Final = (
    "holder_silent", "escrow_missing", "escrow_bad", "missed_window", "deadline", "withdrawn",
)  # fmt: skip
ABORT_AFTER_SEED: Final = (
    "no_feasible", "hat_exhausted", "steps_exhausted", "beacon_missing", "escrow_bad", "withdrawn",
    "holder_silent",
)  # fmt: skip


def integer(low: int = 0, high: int = SAFE) -> Shape:
    """An integer between `low` and `high`, both included."""

    def check(value: Any) -> None:
        if type(value) is not int or not low <= value <= high:
            raise Misshapen(wanted="integer")

    return check


def octets(length: int, *, empty: bool = False) -> Shape:
    """Lower-case hex of exactly `length` bytes; with `empty` also the empty string."""
    pattern = re.compile(rf"[0-9a-f]{{{2 * length}}}", re.ASCII)

    def check(value: Any) -> None:
        if not isinstance(value, str) or not (pattern.fullmatch(value) or (empty and not value)):
            raise Misshapen(wanted=f"{length} bytes of hex")

    return check


def text(value: Any) -> None:
    """Any string."""
    if not isinstance(value, str):
        raise Misshapen(wanted="text")


def matching(pattern: str) -> Shape:
    """A string that the pattern matches as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: Any) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise Misshapen(wanted=pattern)

    return check


def one_of(*words: str) -> Shape:
    """One of the given strings."""

    def check(value: Any) -> None:
        if not isinstance(value, str) or value not in words:
            raise Misshapen(wanted=" ".join(words))

    return check


def flag(value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise Misshapen(wanted="true or false")


def any_object(value: Any) -> None:
    """An object, whatever its members."""
    if not isinstance(value, dict):
        raise Misshapen(wanted="object")


def listed(item: Shape, least: int = 0) -> Shape:
    """A list of `least` or more items of one shape."""

    def check(value: Any) -> None:
        if not isinstance(value, list) or len(value) < least:
            raise Misshapen(wanted="list")
        for each in value:
            item(each)

    return check


def members(table: Mapping[str, Shape], *, may_lack: tuple[str, ...] = ()) -> Shape:
    """An object with exactly the members of `table`, save those it may lack."""
    needed = table.keys() - set(may_lack)

    def check(value: Any) -> None:
        any_object(value)
        if not needed <= value.keys() <= table.keys():
            raise Misshapen(wanted="exactly the members of its kind")
        for name, item in value.items():
            table[name](item)

    return check


def by_member(name: str, kinds: Mapping[str, Shape]) -> Shape:
    """An object whose member `name` says which shape it has."""

    def check(value: Any) -> None:
        any_object(value)
        kind = value.get(name)
        if not isinstance(kind, str) or kind not in kinds:
            raise Misshapen(wanted=name)
        kinds[kind](value)

    return check


def either(*shapes: Shape) -> Shape:
    """A value that one of the shapes accepts."""

    def check(value: Any) -> None:
        for shape in shapes:
            try:
                return shape(value)
            except Misshapen:
                continue
        raise Misshapen(wanted="one of several forms")

    return check


def fits(shape: Shape, value: Any) -> bool:
    """Whether the shape accepts the value."""
    try:
        shape(value)
    except Misshapen:
        return False
    return True


HASH = octets(32)
TAG = octets(16)
SALT = octets(16)
LONG_SALT = octets(24)
SIGNATURE = octets(64)
REGION = integer(0, U32)
COUNT = integer()
PARTY = matching(r"[^\n]+")
NAME = matching(r"[^\x00-\x20\x7f-\xa0+\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
"""A name in a note. What counts as a space differs between languages: here none may."""
SLOT = integer(0, U16)
POSITION = integer(0, U32)
M_HASH = {"M": HASH}


def _entry(name: str, **table: Shape) -> tuple[str, Shape]:
    return name, members({"type": text, **table})


ENTRY: Final = by_member(
    "type",
    dict(
        (
            _entry("snapshot", n=COUNT, root=HASH, epoch=COUNT, registry=SIGNATURE),
            _entry("manifest", M=HASH, handle=HASH),
            _entry("admission", M=HASH, accepted=COUNT, party=text, sig=SIGNATURE),
            _entry("dice", M=HASH, digits=matching(DIGITS)),
            _entry("reveal", M=HASH, party=text, j=integer(0, U32), y=HASH),
            _entry("share", M=HASH, of=text, j=integer(0, U32), share=HASH, **{"from": text}),
            _entry("result", M=HASH, step=integer(0, U32), digest=HASH),
            _entry(
                "decline",
                M=HASH,
                seat=SLOT,
                step=integer(1, U32),
                evidence=HASH,
                **{"class": one_of(*CLASSES)},
            ),
            _entry(
                "abort",
                M=HASH,
                reason=one_of(*dict.fromkeys(ABORT_BEFORE_SEED + ABORT_AFTER_SEED)),
                party=text,
                sig=SIGNATURE,
            ),
            _entry("unseal", M=HASH),
            _entry("alarm", M=octets(32, empty=True), party=text, code=text, sig=SIGNATURE),
        )
    ),
)
"""SPEC.md section 8, the table of ledger entries."""

_SLOT = members(
    {
        "id": PARTY,
        "seats": integer(1, SEATS_MAX),
        "n": integer(0, HAT_MAX),
        "hat": HASH,
        "where": members(
            {"codes": listed(text), "regions": listed(REGION), "titles": listed(text)}
        ),
    }
)
_RULES = members(
    {
        "org_cap": COUNT,
        "regions": listed(members({"set": listed(REGION), "min": COUNT, "max": COUNT})),
        "a_max": COUNT,
    }
)
_INPUT = by_member(
    "kind",
    {
        "chain": members({"kind": text, "party": PARTY, "tip": HASH}),
        "drand": members({"kind": text, "chain": HASH, "round": integer(1)}),
        "dice": members({"kind": text}),
    },
)
_MANIFEST: Final[dict[str, Shape]] = {
    "v": one_of("BDP1"),
    "draw": members(
        {"project": text, "section": text, "seq": integer(1), "prev": octets(32, empty=True)}
    ),
    "day": matching(r"\d{4}-\d{2}-\d{2}"),
    "book": members({"version": text, "hash": HASH}),
    "classification": text,
    "regime": text,
    "purpose": text,
    "snapshot": members({"n": integer(0, U32), "root": HASH}),
    "exclusions": members({"n": integer(0, U32), "root": HASH}),
    "slots": listed(_SLOT, 1),
    "keep": listed(members({"tag": TAG, "org": TAG, "region": REGION})),
    "rules": _RULES,
    "inputs": listed(_INPUT),
    "supp": members({"mode": one_of("step", "list"), "max_steps": integer(0, STEPS_MAX)}),
    "seal": members({"party": text, "unseal_after": COUNT}),
    "escrow": listed(members({"party": PARTY, "digest": HASH})),
    "policy": HASH,
}
MANIFEST: Final = members(_MANIFEST)
MANIFEST_TEST: Final = members(
    {**_MANIFEST, "book": members({"version": text, "hash": octets(32, empty=True)})},
    may_lack=("book", "classification", "regime", "purpose"),
)
"""Older test manifests lack four members, read as empty; production manifests never do."""

_KEY = octets(32)
_WITNESS: Final[dict[str, Shape]] = {
    "name": NAME,
    "key": _KEY,
    "required": flag,
    "body": text,
}
_HOLDER: Final[dict[str, Shape]] = {
    "party": PARTY,
    "key": _KEY,
    "seal": octets(32, empty=True),
    "body": text,
    "home": one_of("own", "page"),
}
_HOLDER_TEST: Final[dict[str, Shape]] = {**_HOLDER, "home": one_of("own", "page", "")}
_POLICY: Final[dict[str, Shape]] = {
    "v": one_of("BDP1-policy"),
    "purpose": one_of("production", "test"),
    "assurance": text,
    "origin": NAME,
    "log_key": _KEY,
    "operator": text,
    "witnesses": listed(members(_WITNESS)),
    "quorum": COUNT,
    "holders": listed(members(_HOLDER)),
    "times": members(
        dict.fromkeys(("cool", "margin", "t_rev", "t_beacon", "deadline", "publish"), COUNT)
    ),
    "hat_min": COUNT,
}
POLICY: Final = members(
    {**_POLICY, "purpose": one_of("production"), "assurance": one_of("none", "basic", "full")}
)
POLICY_TEST: Final = members(
    {
        **_POLICY,
        "purpose": one_of("test"),
        "witnesses": listed(members(_WITNESS, may_lack=("body",))),
        "holders": listed(members(_HOLDER_TEST, may_lack=("body", "home"))),
    },
    may_lack=("operator",),
)
"""Older test policies lack operator, body and home, and carry another word in assurance."""

_PLACE: Final[dict[str, Shape]] = {"slot": SLOT, "position": POSITION}
_ATTRIBUTES: Final[dict[str, Shape]] = {**_PLACE, "salt_a": SALT, "tag": TAG, "org": TAG}
_IDENTITY: Final[dict[str, Shape]] = {
    "salt_id": LONG_SALT,
    "identity": any_object,
    "salt_q": LONG_SALT,
    "qualification": any_object,
}
OPENING: Final = members({**_ATTRIBUTES, "region": REGION, "F_id": HASH, "F_q": HASH})
OPENING_JOINED: Final = members({**_ATTRIBUTES, "region": REGION, **_IDENTITY})
"""A final member's opening in a joined test bundle: the identity in place of its hashes."""

_PROOF = listed(listed(HASH))
_INNER: Final[dict[str, Shape]] = {
    "index": POSITION,
    "salt_id": LONG_SALT,
    "salt_q": LONG_SALT,
    "salt_a": SALT,
    "tag": TAG,
    "org": TAG,
    "proof": _PROOF,
}
_RESULT = either(
    members(
        {**M_HASH, "step": integer(0, 0), "attempt": COUNT, "positions": listed(listed(POSITION))}
    ),
    members({**M_HASH, "step": integer(1, U32), "seat": SLOT, "position": POSITION}),
)
_BUNDLE: Final[dict[str, Shape]] = {
    "v": one_of("BDP1-bundle"),
    "policy": POLICY,
    "manifest": any_object,
    "handle_salt": SALT,
    "draws_before": listed(MANIFEST),
    "tips": listed(members({"party": PARTY, "sig": SIGNATURE})),
    "checkpoints": listed(members({"note": text, "consistency": listed(HASH)})),
    "entries": listed(members({"index": COUNT, "body": ENTRY, "path": listed(HASH)})),
    "beacon": listed(members({"input": SLOT, "signature": octets(48)})),
    "hats": listed(
        members(
            {
                "slot": SLOT,
                "chunks": listed(
                    members(
                        {
                            "level": integer(0, 255),
                            "chunk": POSITION,
                            "nodes": listed(HASH, 1),
                        }
                    )
                ),
            }
        )
    ),
    "openings": listed(OPENING),
    "results": listed(members({"salt": SALT, "body": _RESULT})),
    "snapshot_proofs": listed(any_object),
}
BUNDLE: Final = members(
    {**_BUNDLE, "snapshot_proofs": lambda value: None if value == [] else one_of()(value)}
)
BUNDLE_TEST: Final = members(
    {
        **_BUNDLE,
        "policy": POLICY_TEST,
        "draws_before": listed(MANIFEST_TEST),
        "openings": listed(either(OPENING, OPENING_JOINED)),
        "snapshot_proofs": listed(members({**_PLACE, **_INNER})),
    }
)
IDENTITIES: Final = members(
    {
        "v": one_of("BDP1-identities"),
        "M": HASH,
        "members": listed(members({**_PLACE, **_IDENTITY, "snapshot": members(_INNER)}), 1),
    }
)
"""The file that names final members; never part of a bundle."""

_QUALIFICATION: Final[dict[str, Shape]] = {"codes": listed(text), "title": text, "valid_to": text}
QUALIFICATION: Final = members(_QUALIFICATION)
QUALIFICATION_TEST: Final = members(_QUALIFICATION, may_lack=("title", "valid_to"))
