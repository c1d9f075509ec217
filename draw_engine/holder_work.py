"""What a share holder does in one round: look at its duties, check each, answer.

It relies on its own file, the bytes it is shown and the signatures under them; never on
the word of the service. What it refuses it reports, and looks at again next time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from draw_engine.core.admission import ACCEPTED_MIN, dry_run
from draw_engine.core.chain_end import chain_end
from draw_engine.core.draw_state import SUPERVISOR
from draw_engine.core.entries import abort_entry, admission_entry
from draw_engine.core.forms import ABORT_AFTER_SEED, ABORT_BEFORE_SEED
from draw_engine.core.hat_rows import HatRows
from draw_engine.core.holder_checks import (
    Claim,
    Expected,
    LoggedEntry,
    ReleaseRefused,
    check_release,
)
from draw_engine.core.manifest import Manifest, manifest_hash
from draw_engine.core.policy import Policy, policy_hash
from draw_engine.core.selection import Hat
from draw_engine.core.shares import chain, sign_tip, tip_of
from draw_engine.core.w256 import Tree
from draw_engine.holder_file import HolderFile
from foundation.digest import canon
from foundation.errors import ServiceError
from foundation.ledger.note import cosign, log_signed, read_note
from foundation.ledger.tree import verify_consistency

MAX_LENGTH: Final = 4096

Duty = Mapping[str, Any]


class Desk(Protocol):
    """The service as a holder reaches it, by HTTP or in a test directly."""

    def policy(self) -> dict[str, Any]: ...
    def duties(self, witnessed: int | None) -> dict[str, Any]: ...
    def hat(self, draw_id: str, slot: int) -> bytes: ...
    def give_tip(self, draw_id: str, tip: bytes, sig: bytes) -> None: ...
    def give_admission(self, draw_id: str, m: bytes, accepted: int, sig: bytes) -> None: ...
    def reveal(self, draw_id: str, j: int, y: bytes) -> None: ...
    def cosign(self, size: int, line: str) -> None: ...
    def abort(self, draw_id: str, reason: str, fault: str, sig: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind a holder: asked before an admission, a y_0, a withdrawal, a new policy."""

    approves: Callable[[str, Mapping[str, Any]], bool]
    is_told: Callable[[str], None]


class ShareHolder:
    """One holder with its file, working at a desk."""

    def __init__(
        self,
        file: HolderFile,
        person: Person,
        now: Callable[[], int],
        witness: str = "",
    ) -> None:
        self._file = file
        self._journal = file.journal()
        self._person = person
        self._now = now
        self._witness = witness
        self._counts: dict[bytes, int] = {}

    def round(self, desk: Desk) -> int:
        """Do everything that is asked and right; returns how many things were done."""
        duties = desk.duties(self._witnessed()[0])
        done = 0
        if duties["checkpoint"] is not None and self._witness:
            done += self._try("cosign", self._cosign, desk, duties["checkpoint"])
        for name, act in (
            ("tips", self._tip),
            ("admissions", self._admit),
            ("reveals", self._reveal),
            ("aborts", self._abort),
        ):
            done += sum(self._try(name, act, desk, duty) for duty in duties[name])
        return done

    def _try(self, name: str, act: Callable[[Desk, Duty], bool], desk: Desk, duty: Duty) -> int:
        try:
            return int(act(desk, duty))
        except ServiceError as refusal:
            self._person.is_told(f"{name}: {refusal}")
        except (KeyError, TypeError, ValueError, IndexError) as malformed:
            self._person.is_told(f"{name}: malformed ({type(malformed).__name__})")
        return 0

    def _cosign(self, desk: Desk, duty: Duty) -> bool:
        """Cosign a checkpoint that extends the last one this witness has seen."""
        policy = Policy.read(self._known_policy(desk.policy()))
        note = read_note(duty["note"])
        text = note.checkpoint
        size, root = self._witnessed()
        _require(text.origin == policy.origin, "checkpoint.origin")
        _require(log_signed(note, policy.origin, policy.log_key), "checkpoint.signed")
        _require(text.size >= size, "checkpoint.older")
        if size:
            _require(duty["from"] == size, "checkpoint.from")
            proof = [bytes.fromhex(node) for node in duty["consistency"]]
            consistent = verify_consistency(size, text.size, root, text.root, proof)
            _require(consistent, "checkpoint.consistent")
        self._journal.write("witnessed", size=text.size, root=text.root.hex())
        desk.cosign(text.size, cosign(text, self._witness, self._file.key, self._now()))
        return True

    def _tip(self, desk: Desk, duty: Duty) -> bool:
        """Give the tip of a chain made for this draw alone."""
        draw_id, draw, length = duty["draw_id"], duty["draw"], duty["length"]
        _require(0 < length <= MAX_LENGTH, "tip.length")
        self._known_policy(desk.policy())
        given = self._journal.find("tip", draw_id=draw_id)
        if given is None:
            tip = tip_of(self._chain(draw_id, draw, length))
            self._journal.write("tip", draw_id=draw_id, draw=draw, length=length, tip=tip.hex())
        else:
            _require(canon(given["draw"]) == canon(draw), "tip.other_draw")
            _require(given["length"] == length, "tip.length")
            tip = bytes.fromhex(given["tip"])
        desk.give_tip(draw_id, tip, sign_tip(draw, self._file.party, tip, self._file.key))
        return True

    def _admit(self, desk: Desk, duty: Duty) -> bool:
        """Repeat the admission test over the hats and sign its count."""
        given = self._given(duty)
        manifest, m = duty["manifest"], bytes.fromhex(duty["M"])
        _require(manifest_hash(manifest) == m, "manifest.hash")
        self._require_known(manifest["policy"])
        own = {"kind": "chain", "party": self._file.party, "tip": given["tip"]}
        _require(own in manifest["inputs"], "manifest.tip")
        _require(canon(manifest["draw"]) == canon(given["draw"]), "manifest.draw")
        read = Manifest.read(manifest)
        accepted = self._counted(desk, duty["draw_id"], m, read)
        _require(accepted == duty["accepted"] and accepted >= ACCEPTED_MIN, "admission.accepted")
        if not self._person.approves("admission", _shown(manifest)):
            return False
        entry = admission_entry(m, accepted, self._file.party, self._file.key)
        desk.give_admission(duty["draw_id"], m, accepted, bytes.fromhex(entry["sig"]))
        return True

    def _counted(self, desk: Desk, draw_id: str, m: bytes, read: Manifest) -> int:
        """Feasible attempts over the hats of this manifest; found once, a person may think long."""
        if m not in self._counts:
            _require(not read.keep or read.draw.seq > 1, "keep.first_draw")
            kept = {one.tag for one in read.keep}
            hats = []
            for number, slot in enumerate(read.slots):
                rows = HatRows(desk.hat(draw_id, number))
                tree = Tree(rows.leaves())
                _require((tree.size, tree.root) == (slot.n, slot.hat), "hats.root")
                _require(not kept or all(row.tag not in kept for row in rows), "keep.in_hat")
                hats.append(Hat(rows, slot.seats))
            self._counts[m] = dry_run(m, hats, read.rules, read.keep).accepted
        return self._counts[m]

    def _reveal(self, desk: Desk, duty: Duty) -> bool:
        """Let y_j go, after every check of SPEC.md section 4, once."""
        if not duty["turn"]:
            return False
        given = self._given(duty)
        j, tip = duty["j"], given["tip"]
        claim = _claim(duty)
        self._require_known(policy_hash(claim.policy).hex())
        expected = Expected(self._file.party, bytes.fromhex(tip), given["draw"])
        check_release(claim, expected)
        let_go = self._journal.find("release", tip=tip, j=j)
        if let_go is None:
            # A person approves the draw; its later steps are answered without one.
            if j == 0 and not self._person.approves("reveal", _shown(duty["manifest"])):
                return False
            self._journal.write("release", tip=tip, j=j, M=duty["M"])
        else:
            _require(let_go["M"] == duty["M"], "release.other_manifest")
        y = self._chain(duty["draw_id"], given["draw"], given["length"])[j]
        desk.reveal(duty["draw_id"], j, y)
        return True

    def _abort(self, desk: Desk, duty: Duty) -> bool:
        """Sign the end of a draw that this supervisor knows."""
        draw = self._given(duty)["draw"]
        reason = duty["reason"]
        _require(reason in {*ABORT_BEFORE_SEED, *ABORT_AFTER_SEED}, "abort.reason")
        _require(self._file.party == SUPERVISOR, "abort.party")
        if not self._person.approves(
            "abort", {"draw": draw, "reason": reason, "party": duty["party"]}
        ):
            return False
        m = bytes.fromhex(duty["M"])
        entry = abort_entry(m, reason, duty["party"], self._file.key)
        desk.abort(duty["draw_id"], reason, duty["party"], bytes.fromhex(entry["sig"]))
        return True

    def _given(self, duty: Duty) -> dict[str, Any]:
        given = self._journal.find("tip", draw_id=duty["draw_id"])
        if given is None:
            raise ReleaseRefused("tip.unknown")
        return given

    def _chain(self, draw_id: str, draw: Mapping[str, Any], length: int) -> list[bytes]:
        return chain(chain_end(self._file.secret, draw_id, draw), length)

    def _witnessed(self) -> tuple[int, bytes]:
        last = self._journal.find("witnessed")
        return (last["size"], bytes.fromhex(last["root"])) if last else (0, b"")

    def _known_policy(self, policy: dict[str, Any]) -> dict[str, Any]:
        """Take a new policy in only if it holds our own key, and a person agrees."""
        hashed = policy_hash(policy).hex()
        if self._journal.find("policy", hash=hashed) is None:
            own = Policy.read(policy).holder(self._file.party)
            _require(own is not None and own.key == self._file.public_key, "policy.own_key")
            shown = {"hash": hashed, "purpose": policy["purpose"], "origin": policy["origin"]}
            _require(self._person.approves("policy", shown), "policy.not_approved")
            self._journal.write("policy", hash=hashed)
        return policy

    def _require_known(self, hashed: str) -> None:
        _require(self._journal.find("policy", hash=hashed) is not None, "policy.unknown")


def _claim(duty: Duty) -> Claim:
    def logged(name: str) -> LoggedEntry | None:
        return LoggedEntry.of_wire(duty[name]) if duty[name] is not None else None

    return Claim(
        policy=duty["policy"],
        manifest=duty["manifest"],
        m=bytes.fromhex(duty["M"]),
        j=duty["j"],
        freeze=LoggedEntry.of_wire(duty["freeze"]),
        decline=logged("decline"),
        previous_result=logged("previous_result"),
    )


def _shown(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a person sees before approving: which draw, how many seats of which kind, the
    rules that the committee as a whole must keep, and who keeps the seal ("": nobody)."""
    return {
        **({"kept": len(manifest["keep"])} if manifest["keep"] else {}),
        "draw": manifest["draw"],
        "slots": [{"where": slot["where"], "seats": slot["seats"]} for slot in manifest["slots"]],
        "rules": manifest["rules"],
        "seal": manifest["seal"],
    }


def _require(holds: bool, check: str) -> None:
    if not holds:
        raise ReleaseRefused(check)
