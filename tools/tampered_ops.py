"""How a case of tests/vectors/tampered_verdicts.json is applied to its bundle.

The browser's tests hold the same operations (web/src/draw/tampered.test.ts); each is described
by data alone:

    set      the value at `path` becomes `value`
    rename   the member at `path` is called `value`
    remove   the member or item at `path` goes
    add      `value` comes to `path`: a new member, or an item in front of the one there
    reverse  the list at `path` is turned round
    double   the item at `path` stands twice; a member is written twice in the text
    bytes    `value.cut` bytes at `value.at` of the file become those of `value.hex`

`relog` then signs the log anew over the entries in their new order: what log and witnesses
could do if all of them lied. Its keys are SHA-256 of `seed` and a label, as the vectors say.
"""

import copy
import json
from itertools import pairwise
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foundation.digest import canon, sha256
from foundation.ledger import tree
from foundation.ledger.note import CheckpointText, cosign, sign_log, write_note

Case = dict[str, Any]
Path = tuple[str | int, ...]
_MARK = "the member that is written twice"


def file_of(value: Any, case: Case) -> bytes:
    """The file that the case makes of a bundle, or of a file of identities."""
    changed = copy.deepcopy(value)
    doubled: list[tuple[bytes, bytes]] = []
    for one in case["ops"]:
        changed = _apply(changed, one, doubled)
    if "relog" in case:
        relog(changed, **case["relog"])
    data = written(changed)
    for single, member in doubled:
        data = data.replace(single, member + b"," + member, 1)
    for one in case["ops"]:
        if one["op"] == "bytes":
            at, cut = one["value"]["at"], one["value"]["cut"]
            data = data[:at] + bytes.fromhex(one["value"]["hex"]) + data[at + cut :]
    return data


def written(value: Any) -> bytes:
    """Canonical bytes where there are any; else the same spelling of what has none."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def at(value: Any, path: Path | list[str | int]) -> Any:
    """What stands at `path`."""
    for step in path:
        value = value[step]
    return value


def _apply(value: Any, one: Case, doubled: list[tuple[bytes, bytes]]) -> Any:
    path = one["path"]
    if one["op"] == "bytes":
        return value
    if not path:
        return one["value"]
    parent, last = at(value, path[:-1]), path[-1]
    match one["op"]:
        case "set":
            parent[last] = one["value"]
        case "rename":
            parent[one["value"]] = parent.pop(last)
        case "remove":
            del parent[last]
        case "add" if isinstance(parent, list):
            parent.insert(last, one["value"])
        case "add":
            parent[last] = one["value"]
        case "reverse":
            parent[last] = parent[last][::-1]
        case "double" if isinstance(parent, list):
            parent.insert(last, copy.deepcopy(parent[last]))
        case "double":
            name = canon(last) + b":"
            doubled.append((name + canon(_MARK), name + canon(parent[last])))
            parent[last] = _MARK
    return value


def relog(bundle: Any, seed: str, marks: list[list[Any]]) -> None:
    """Sign the log anew over the bundle's entries.

    Args:
        marks: of each checkpoint its size, the time of the first cosignature (each witness
            signs one second after the one before), and, where it is a lie, its root.
    """
    policy = bundle["policy"]
    leaves = [tree.leaf_hash(canon(entry["body"])) for entry in bundle["entries"]]
    last = marks[-1][0]
    for index, entry in enumerate(bundle["entries"]):
        path = tree.inclusion_proof(leaves[:last], index)
        entry.update(index=index, path=[node.hex() for node in path])
    proofs = [[], *(tree.consistency_proof(leaves, a[0], b[0]) for a, b in pairwise(marks))]
    bundle["checkpoints"] = [
        {"note": _note(policy, seed, leaves, mark), "consistency": [n.hex() for n in proof]}
        for mark, proof in zip(marks, proofs, strict=True)
    ]


def _note(policy: Any, seed: str, leaves: list[bytes], mark: list[Any]) -> str:
    size, when, *lie = mark
    root = bytes.fromhex(lie[0]) if lie else tree.root(leaves[:size])
    text = CheckpointText(policy["origin"], size, root)
    lines = [
        cosign(text, witness["name"], _key(seed, witness["name"]), when + later)
        for later, witness in enumerate(policy["witnesses"])
    ]
    return write_note(text, sign_log(text, _key(seed, "log")), *lines)


def _key(seed: str, label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(seed.encode(), label.encode()))
