#!/usr/bin/env bash
# Run every check: style, types, imports, API document, and the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== ruff"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
echo "== mypy"
# Without its cache: the Django plugin cannot resolve reverse relations from a partial one.
.venv/bin/mypy --cache-dir=/dev/null .
echo "== import-linter"
.venv/bin/lint-imports
echo "== migraciones y despliegue"
.venv/bin/python manage.py makemigrations --check --dry-run
env -u ALPES_DEMO .venv/bin/python manage.py check --deploy --fail-level WARNING
[ "${1:-}" = --solo-estilo ] && exit 0

# The browser's tests need a Chromium; they say so, and are skipped, without one.
if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "== instalando chromium para las pruebas del navegador"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi

echo "== pytest"
# Tests write under a directory of their own, never to the demo's database.
datos=$(mktemp -d)
trap 'rm -rf "$datos"' EXIT
ALPES_DATOS=$datos .venv/bin/pytest "$@"
