#!/usr/bin/env bash
# lock.sh: writes requirements/*.txt anew from pyproject.toml. Hashes yes, addresses never: a lock that
# names a registry would not work behind another one.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { tools/uv.sh pip compile -q --universal --python-version 3.11 --generate-hashes --no-header "$@" >/dev/null; }

compile pyproject.toml --all-extras --group build -o requirements/run.txt
compile pyproject.toml --all-extras --group build --group test --group lint \
  -c requirements/run.txt -o requirements/dev.txt
compile requirements/uv.in -o requirements/uv.txt
compile requirements/node.in -o requirements/node.txt
if grep -rnE 'https?://|file:|--index-url|--find-links' requirements; then
  echo "A lock holds an address." >&2
  exit 1
fi
