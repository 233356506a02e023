#!/usr/bin/env bash
# The tests that drive whole systems from outside: the embedded group's and the real stack's. What
# they did is in e2e_test_report.json, and for people in e2e_test_report.html.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/preparar.sh
datos=$(mktemp -d)
trap 'rm -rf "$datos"' EXIT
ALPES_DATOS=$datos .venv/bin/python -m pytest -p scripts.informe_e2e -m "e2e or stack" "$@"
