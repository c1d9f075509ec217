"""What changed between two snapshots of the pool, as the authority signs it.

Experts that came, changed or went, by ascending id: [id, group, version], version 0 for who
went. Only the hash of the list's canonical bytes is kept, and the list is never held whole.

Source: SPEC.md section 8, entry `snapshot`.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from draw_engine.core.snapshot import PooledExpert
from foundation.digest import canon


def changes_between(
    before: Iterable[PooledExpert], now: Iterable[PooledExpert]
) -> Iterator[tuple[str, str, int]]:
    """The lines of the list; both pools by ascending id."""
    old, new = iter(before), iter(now)
    was, has = next(old, None), next(new, None)
    while was is not None or has is not None:
        if has is None or (was is not None and was.expert_id < has.expert_id):
            assert was is not None  # noqa: S101 - one of the two is there
            yield was.expert_id, was.org_group, 0
            was = next(old, None)
        elif was is None or has.expert_id < was.expert_id:
            yield has.expert_id, has.org_group, has.version
            has = next(new, None)
        else:
            if was != has:
                yield has.expert_id, has.org_group, has.version
            was, has = next(old, None), next(new, None)


def changes_hash(lines: Iterable[tuple[str, str, int]]) -> bytes:
    """SHA-256 over the canonical bytes of the whole list; 32 bytes."""
    state, between = sha256(b"["), b""
    for line in lines:
        state.update(between + canon(line))
        between = b","
    state.update(b"]")
    return state.digest()
