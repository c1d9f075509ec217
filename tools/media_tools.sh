#!/usr/bin/env bash
# media_tools.sh [--install] [TOOL...]: which tools of the media tests and of `make bench-media` are missing, and
# what to type; --install installs Debian's packages where this user may.
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin"

declare -A package=([turnserver]=coturn [janus]=janus [ip]=iproute2)
declare -A purpose=([turnserver]="a TURN server, for the tests behind firewalls" [janus]="what make bench-media compares with" [ip]="network namespaces of make bench-media")

install=
if [ "${1:-}" = --install ]; then install=yes && shift; fi
tools=("$@")
if [ $# = 0 ]; then tools=(turnserver janus ip); fi

missing=()
for tool in "${tools[@]}"; do
  if path=$(command -v "$tool"); then
    echo "$tool: $path"
  else
    echo "$tool: missing (${purpose[$tool]})"
    missing+=("${package[$tool]}")
  fi
done
if [ ${#missing[@]} = 0 ]; then exit 0; fi

if [ -n "$install" ] && command -v apt-get >/dev/null; then
  if [ "$(id -u)" = 0 ]; then as_root=(env); else as_root=(sudo -n); fi
  "${as_root[@]}" apt-get update -qq >&2
  # RUNLEVEL=1: a package starts no service of its own here.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
  exec "$0" "${tools[@]}"
fi
echo "Type:  sudo apt-get install -y ${missing[*]}   (or tools/media_tools.sh --install)" >&2
exit 1
