"""Checks 10 to 14: who gave which randomness, and that nobody gave it too early or too late."""

from draw_engine.core.checks.case import Case, Opened, Outcome, ensure
from draw_engine.core.manifest import ChainInput, DrandInput
from draw_engine.core.shares import InputKind, InputValue, earlier, material, tip_signed
from foundation.digest import sha256

QUICKNET = bytes.fromhex("52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971")
QUICKNET_GENESIS = 1_692_803_367
QUICKNET_PERIOD = 3


def tip_were_signed(case: Case) -> None:
    """Every chain holder signed its tip for this draw, in the order of the inputs."""
    tips, chains = case.bundle["tips"], case.manifest.chains
    ensure([tip["party"] for tip in tips] == [c.party for c in chains], "tips of other parties")
    draw = case.bundle["manifest"]["draw"]
    for tip, chain in zip(tips, chains, strict=True):
        holder = case.policy.holder(chain.party)
        ensure(holder is not None, f"{chain.party} is not in the policy")
        signature, key = bytes.fromhex(tip["sig"]), holder.key if holder else b""
        holds = tip_signed(draw, chain.party, chain.tip, signature, key)
        ensure(holds, f"tip of {chain.party}")


def reveal_chain(case: Case) -> None:
    """Every value that entered the keys is in the log and hashes back to its tip."""
    last = case.steps if case.manifest.mode == "step" else 0
    for chain in case.manifest.chains:
        before = chain.tip
        for j in range(last + 1):
            found = _own(case, chain, j, before) or _shared(case, chain, j, before)
            ensure(found is not None, f"y_{j} of {chain.party} is missing or wrong")
            if found is not None:
                case.opened[chain.party, j] = found
                before = found.value
    dice = [body["digits"].encode() for _, body in case.entries("dice")]
    thrown = len(case.manifest.inputs) - len(case.manifest.chains) - len(_rounds(case))
    ensure(len(dice) == thrown, "dice are missing or too many")
    case.dice = dice


def _own(case: Case, chain: ChainInput, j: int, before: bytes) -> Opened | None:
    """The first reveal that hashes to the value before; others are ignored."""
    for index, body in case.entries("reveal"):
        value = bytes.fromhex(body["y"])
        if (body["party"], body["j"]) == (chain.party, j) and earlier(value) == before:
            return Opened(value, (index,))
    return None


def _shared(case: Case, chain: ChainInput, j: int, before: bytes) -> Opened | None:
    """The value put together from the shares of all other holders."""
    if not case.manifest.escrow:
        return None
    givers = [item.party for item in case.manifest.chains if item.party != chain.party]
    shares: dict[str, tuple[int, int]] = {}
    for index, body in case.entries("share"):
        if (body["of"], body["j"]) == (chain.party, j) and body["from"] in givers:
            shares.setdefault(body["from"], (index, int(body["share"], 16)))
    if len(shares) < len(givers):
        return None
    number = 0
    for _, share in shares.values():
        number ^= share
    value = number.to_bytes(32, "big")
    if earlier(value) != before:
        return None
    return Opened(value, tuple(index for index, _ in shares.values()))


def order_freeze(case: Case) -> None:
    """Nothing was revealed before the freeze was witnessed."""
    for kind in ("reveal", "share", "dice"):
        for index, _ in case.entries(kind):
            ensure(index >= case.freeze_size, f"entry {index} came before the freeze")
    first = min(index for opened in case.opened.values() for index in opened.indices)
    for index, _ in case.entries("dice"):
        ensure(index < first, "dice after a reveal")


def order_beacon(case: Case) -> None:
    """The beacon spoke after every y_0; the seal was kept until its time."""
    for _, beacon in _rounds(case):
        ensure(beacon.chain == QUICKNET, "another beacon than the pinned one")
        at = QUICKNET_GENESIS + (beacon.round - 1) * QUICKNET_PERIOD
        for index in (case.freeze_index, *_first_values(case)):
            early = case.newest(index) + case.policy.times.margin <= at
            ensure(early, f"entry {index} came too late for the beacon's round")
    unseals = [index for index, _ in case.entries("unseal")]
    ensure(len(unseals) == 1, "not exactly one unseal")
    for index in (*unseals, *_seal_holder_reveals(case)):
        late = case.oldest(index) >= case.manifest.unseal_after
        ensure(late, f"entry {index} came before the time of unsealing")


def _first_values(case: Case) -> list[int]:
    return [
        index
        for (party, j), opened in case.opened.items()
        if j == 0 and party != case.manifest.seal_party
        for index in opened.indices
    ]


def _seal_holder_reveals(case: Case) -> list[int]:
    """Entries that give away a value of the sealed holder's chain, whatever number they bear.

    Others prove nothing.
    """
    party = case.manifest.seal_party
    tips = {chain.party: chain.tip for chain in case.manifest.chains}
    found = []
    for index, body in case.entries("reveal"):
        if not party or body["party"] != party:
            continue
        value = bytes.fromhex(body["y"])
        for _ in range(case.manifest.max_steps + 1):
            value = earlier(value)
            if value == tips[party]:
                found.append(index)
                break
    return found


def beacon_signed(case: Case) -> Outcome | None:
    """The beacon's own signature, where this machine can check it."""
    rounds, given = _rounds(case), case.bundle["beacon"]
    ensure([item["input"] for item in given] == [at for at, _ in rounds], "other inputs")
    values = {item["input"]: bytes.fromhex(item["signature"]) for item in given}
    case.ikm = material(_values(case, values))
    if not rounds:
        return None
    if case.asked.beacon is None:
        case.beacon_unchecked = True
        return Outcome.NOT_CHECKED
    for at, beacon in rounds:
        holds = case.asked.beacon(beacon.round, values[at].hex())
        ensure(holds, f"signature of round {beacon.round}")
    return None


def _values(case: Case, beacons: dict[int, bytes]) -> list[InputValue]:
    dice, values = iter(case.dice), []
    for at, item in enumerate(case.manifest.inputs):
        if isinstance(item, ChainInput):
            values.append(InputValue(InputKind.CHAIN, case.opened[item.party, 0].value))
        elif isinstance(item, DrandInput):
            values.append(InputValue(InputKind.DRAND, sha256(beacons[at])))
        else:
            values.append(InputValue(InputKind.DICE, next(dice)))
    return values


def _rounds(case: Case) -> list[tuple[int, DrandInput]]:
    inputs = enumerate(case.manifest.inputs)
    return [(at, item) for at, item in inputs if isinstance(item, DrandInput)]
