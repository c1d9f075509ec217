#!/usr/bin/env bash
# with_node.sh COMMAND...: runs the command with a Node that can build the page (20.19+, or 22.12+).
# Where the machine has none, one comes from the Python package index into .venv-node.
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
fits='const [a, b] = process.versions.node.split(".").map(Number);
process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'

if ! { command -v npm >/dev/null && node -e "$fits"; } 2>/dev/null; then
  lock="$here/requirements/node.txt" stamp="$here/.venv-node/.stamp"
  if [ ! "$stamp" -nt "$lock" ]; then
    "$here/tools/make_venv.sh" "$here/.venv-node" "$lock" >&2
    touch "$stamp"
  fi
  export PATH="$here/.venv-node/bin:$PATH"
fi
exec "$@"
