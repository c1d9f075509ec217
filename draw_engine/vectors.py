"""Recompute a file of BDP/1 vectors.

    python -m draw_engine.vectors FILE…

Exit code 0: every value agrees. 1: names the first that does not. 2: no vectors to read.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from draw_engine.recompute import bundles, primitives
from draw_engine.recompute.claim import Claim, Claims
from draw_engine.verify import beacon_check

EXIT_NO_VECTORS: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Recompute the files that the arguments name; the exit code."""
    parser = argparse.ArgumentParser(prog="vectors", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", metavar="FILE", nargs="+")
    codes = [_recomputed(name) for name in parser.parse_args(argv).files]
    return max(codes)


def claims(file: Any) -> Claims:
    """Every value of a vector file, of either shape.

    Raises:
        ValueError: the file has another shape.
    """
    if isinstance(file, dict) and "micro" in file and "draws" in file:
        return primitives.file_claims(file)
    if isinstance(file, dict) and "epoch_keys" in file and "mutations" in file:
        return bundles.file_claims(file, beacon_check())
    raise ValueError("neither primitives nor bundles")


def first_disagreement(found: Claims) -> tuple[int, Claim | None]:
    """How many values agreed, and the first that did not.

    A value that cannot even be computed disagrees too.
    """
    agreed, name = 0, "the first value"
    try:
        for claim in found:
            if not claim.agrees:
                return agreed, claim
            agreed, name = agreed + 1, f"after {claim.name}"
    except Exception as broken:  # whatever a wrong file provokes is a disagreement, named
        return agreed, Claim(name, "a value", f"{type(broken).__name__}: {broken}")
    return agreed, None


def _recomputed(name: str) -> int:
    try:
        found = claims(json.loads(Path(name).read_bytes()))
    except (OSError, ValueError, RecursionError):
        sys.stderr.write(f"{name}: no file of vectors\n")
        return EXIT_NO_VECTORS
    agreed, wrong = first_disagreement(found)
    if wrong is None:
        sys.stdout.write(f"{name}: all {agreed} values agree\n")
        return 0
    told = f"the file says {wrong.stated!r}, computed {wrong.found!r}"
    sys.stdout.write(f"{name}: {wrong.name}: {told}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
