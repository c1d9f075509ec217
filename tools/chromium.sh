#!/usr/bin/env bash
# chromium.sh: prints the path of a Chromium that starts; installs Debian's where there is none.
set -euo pipefail

for name in "${EXPERT_DRAW_CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && path=$(command -v "$name") && "$path" --version >/dev/null 2>&1; then
    echo "$path"
    exit 0
  fi
done

if command -v apt-get >/dev/null; then
  if [ "$(id -u)" = 0 ]; then as_root=(env); else as_root=(sudo -n); fi
  if "${as_root[@]}" true 2>/dev/null; then
    echo "No Chromium here; installing Debian's." >&2
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >&2
    if path=$(command -v chromium) && "$path" --version >/dev/null 2>&1; then
      echo "$path"
      exit 0
    fi
  fi
fi
echo "The browser tests need Chromium. Type:  sudo apt-get install -y chromium   (or set EXPERT_DRAW_CHROMIUM)" >&2
exit 1
