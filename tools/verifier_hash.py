"""The SHA-256 of the off-line verifier: print it, and keep the one in both READMEs right.

    python tools/verifier_hash.py [--write]

Exit code 1 where a README says another hash and `--write` was not given.
"""

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "app" / "static" / "verifier.html"
README = ROOT / "README.md"
READMES = (README, ROOT / "README.zh-CN.md")
LINE = re.compile(r"(?<=SHA256 verifier\.html )[0-9a-f]{64}$", re.MULTILINE)


def main(words: list[str]) -> int:
    """Compare, or write where asked to; the exit code."""
    found = hashlib.sha256(BUILT.read_bytes()).hexdigest()
    print(f"SHA256 verifier.html {found}")
    told = {one: one.read_text(encoding="utf-8") for one in READMES}
    stale = {one: text for one, text in told.items() if LINE.findall(text) != [found]}
    for one, text in stale.items():
        if "--write" not in words:
            print(f"{one.name} says another hash; type: make verifier", file=sys.stderr)
            return 1
        one.write_text(LINE.sub(found, text), encoding="utf-8")
        print(f"{one.name} has the new hash")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
