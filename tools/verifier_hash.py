"""The SHA-256 of the off-line verifier: print it, and keep the one in README.md right.

    python tools/verifier_hash.py [--write]

Exit code 1 where README.md says another hash and `--write` was not given.
"""

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "app" / "static" / "verifier.html"
README = ROOT / "README.md"
LINE = re.compile(r"(?<=SHA256 verifier\.html )[0-9a-f]{64}$", re.MULTILINE)


def main(words: list[str]) -> int:
    """Compare, or write where asked to; the exit code."""
    told = README.read_text(encoding="utf-8")
    found = hashlib.sha256(BUILT.read_bytes()).hexdigest()
    print(f"SHA256 verifier.html {found}")
    if LINE.findall(told) == [found]:
        return 0
    if "--write" not in words:
        print("README.md says another hash; type: make verifier", file=sys.stderr)
        return 1
    README.write_text(LINE.sub(found, told), encoding="utf-8")
    print("README.md has the new hash")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
