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

# Stripe's own check of what is asked of it; its test says so, and is skipped, without it.
export ALPES_STRIPE_MOCK="${ALPES_STRIPE_MOCK:-$HOME/.cache/alpespartner/bin/stripe-mock}"
if ! [ -x "$ALPES_STRIPE_MOCK" ]; then
    if ! command -v go >/dev/null || ! GOBIN=$(dirname "$ALPES_STRIPE_MOCK") timeout 120 \
        go install github.com/stripe/stripe-mock@v0.203.0 >/dev/null 2>&1; then
        echo "AVISO: aquí no se pudo tener stripe-mock: su prueba NO se ejecuta."
        unset ALPES_STRIPE_MOCK
    fi
fi

# Tests write under a directory of their own, never to the demo's database.
datos=$(mktemp -d)
pila=$(mktemp -d)
limpiar() {
    ALPES_STACK_HOME=$pila .venv/bin/python -m stack down >/dev/null 2>&1 || true
    rm -rf "$datos" "$pila"
}
trap limpiar EXIT

echo "== pytest (SQLite)"
ALPES_DATOS=$datos .venv/bin/pytest -m 'not stack' "$@"

echo "== la pila real: MySQL, Redis, Pulsar y Debezium"
if ! motivo=$(ALPES_STACK_HOME=$pila .venv/bin/python -m stack up --solo mysql,redis,pulsar 2>&1); then
    echo "$motivo" | tail -3
    echo "AVISO: aquí no se pudo tener la pila real: sus pruebas y las de MySQL NO se ejecutaron."
    exit 0
fi
url=$(ALPES_STACK_HOME=$pila .venv/bin/python -m stack env | sed -n 's/^ALPES_DATABASE_URL=//p')

echo "== pytest (MySQL)"
ALPES_DATOS=$datos ALPES_DATABASE_URL=$url .venv/bin/pytest -m 'not stack and not e2e' \
    --ignore tests/stack "$@"
ALPES_STACK_HOME=$pila .venv/bin/python -m stack down >/dev/null

echo "== pytest (la pila real)"
ALPES_DATOS=$datos .venv/bin/pytest -m stack --ignore tests/fallos "$@"

# Each fault once; `make test-fallos` repeats them.
echo "== pytest (los fallos)"
ALPES_DATOS=$datos .venv/bin/pytest -m stack tests/fallos "$@"
