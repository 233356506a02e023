#!/usr/bin/env bash
# The tests that drive whole systems from outside: the embedded group's and the real stack's.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/preparar.sh
datos=$(mktemp -d)
trap 'rm -rf "$datos"' EXIT
ALPES_DATOS=$datos .venv/bin/pytest -m "e2e or stack" "$@"
