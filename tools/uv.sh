#!/usr/bin/env bash
# uv.sh ARGUMENTS: the environment's own uv, with the index and the certificates that pip would use.
# uv reads neither pip's configuration nor, by itself, the machine's certificates: behind a mirror or
# a proxy, pip would work and uv would not.
set -euo pipefail
bin="$(cd "$(dirname "$0")/.." && pwd)/.venv/bin"
export VIRTUAL_ENV="${bin%/bin}"

told=$("$bin/pip" config list 2>/dev/null || true)
of_pip() { sed -n "s/^[^=]*\.$1='\(.*\)'$/\1/p" <<<"$told" | tail -n 1; }

index=$(of_pip index-url) cert=$(of_pip cert)
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-$index}}"
[ -z "$cert" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$cert}"
[ ! -s /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
exec "$bin/uv" "$@"
