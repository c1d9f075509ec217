#!/usr/bin/env bash
# make_venv.sh FOLDER LOCK: a fresh virtual environment with what the lock names, by plain pip.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 lock=$2 python=${PY:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed. Name it like this:  make run PY=python3.12" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "Python's venv module is missing. Type:  apt-get install -y python3-venv" >&2
  exit 1
fi
# An environment made by another Python, or moved here from elsewhere, has no working pip.
if ! "$folder/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  || ! "$folder/bin/pip" --version >/dev/null 2>&1; then
  "$python" -m venv --clear "$folder"
fi
"$folder/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$lock"
