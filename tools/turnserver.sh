#!/usr/bin/env bash
# turnserver.sh: prints the path of coturn's turnserver; installs Debian's where there is none.
set -euo pipefail

for name in "${EXPERT_DRAW_TURNSERVER:-}" turnserver; do
  if [ -n "$name" ] && path=$(command -v "$name"); then
    echo "$path"
    exit 0
  fi
done

if command -v apt-get >/dev/null; then
  if [ "$(id -u)" = 0 ]; then as_root=(env); else as_root=(sudo -n); fi
  if "${as_root[@]}" true 2>/dev/null; then
    echo "No turnserver here; installing Debian's coturn." >&2
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends coturn >&2
    # Debian starts a relay for everybody; the tests start their own and nobody else needs one.
    if command -v systemctl >/dev/null; then
      "${as_root[@]}" systemctl disable --now coturn >&2 || true
    fi
    if path=$(command -v turnserver); then
      echo "$path"
      exit 0
    fi
  fi
fi
echo "The TURN tests need coturn. Type:  sudo apt-get install -y coturn   (or set EXPERT_DRAW_TURNSERVER)" >&2
exit 1
