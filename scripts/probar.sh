#!/usr/bin/env bash
# Run every check: style, types, imports, API document, and the tests.
# --solo-estilo: nothing but what needs no tests. --rapidas: that and the fast tests.
# What else is given goes to each pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

# Each test starts processes of its own, and none has to compile the project again.
export PYTHONDONTWRITEBYTECODE=

que=""
case "${1:-}" in --solo-estilo | --rapidas) que=$1 && shift ;; esac

# Of what is looked at, mypy takes longer than all the rest: it runs beside it.
# Without its cache: the Django plugin cannot resolve reverse relations from a partial one.
tipos=$(mktemp)
.venv/bin/mypy --cache-dir=/dev/null . >"$tipos" 2>&1 &
mypy=$!
trap 'kill "$mypy" 2>/dev/null || true; rm -f "$tipos"' EXIT
echo "== ruff"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
echo "== import-linter"
.venv/bin/lint-imports
echo "== migraciones y despliegue"
.venv/bin/python manage.py makemigrations --check --dry-run
env -u ALPES_DEMO .venv/bin/python manage.py check --deploy --fail-level WARNING
echo "== mypy"
mal=""
wait "$mypy" || mal=$?
cat "$tipos"
rm -f "$tipos"
trap - EXIT
[ -z "$mal" ] || exit "$mal"
[ "$que" = --solo-estilo ] && exit 0

# Tests write under a directory of their own, never to the demo's database.
datos=$(mktemp -d)
pila=$(mktemp -d)
export ALPES_DATOS=$datos
arranque=""
# Its MySQL forgets with the tests: nothing waits for the disk.
en_la_pila() { ALPES_STACK_HOME=$pila ALPES_STACK_MYSQL_SYNC=0 .venv/bin/python -m stack "$@"; }
limpiar() {
    [ -z "$arranque" ] || kill "$arranque" 2>/dev/null || true
    en_la_pila down >/dev/null 2>&1 || true
    rm -rf "$datos" "$pila"
}
trap limpiar EXIT
# Two processes; what shares processes or a stack stays together, by its `xdist_group`.
pytest() { .venv/bin/pytest -n 2 --dist loadgroup "$@"; }
# To collect every file for the few that have such tests took longer than some of them.
# `tests/conftest.py` holds that a mark is written where it is looked for.
con_marca() { grep -rlE "mark\.$1\b" tests --include 'test_*.py'; }

if [ "$que" = --rapidas ]; then
    echo "== pytest (las rápidas)"
    # What is made from the API's document takes long only to be made.
    pytest -m 'not stack and not e2e and not lento' --ignore tests/api/test_contrato.py "$@"
    exit 0
fi

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

# While SQLite's tests run MySQL comes up, and what the stack's own tests need is downloaded.
traer='from stack import config, download as d; d.ensure(config.current().cache, config.PARTS)'
{ .venv/bin/python -c "$traer" && en_la_pila up --solo mysql; } >"$pila/arranque.txt" 2>&1 &
arranque=$!

echo "== pytest (SQLite)"
pytest -m 'not stack and not e2e' "$@"

# By themselves: what drives a browser, or serves one from its own process, leaves it changed.
echo "== pytest (el sitio entero y el navegador)"
# shellcheck disable=SC2046
pytest -m 'e2e and not stack' $(con_marca e2e) "$@"

echo "== la pila real: MySQL, Redis, Pulsar y Debezium"
if ! wait "$arranque"; then
    tail -3 "$pila/arranque.txt"
    echo "AVISO: aquí no se pudo tener la pila real: sus pruebas y las de MySQL NO se ejecutaron."
    exit 0
fi
arranque=""  # it ended: its number may be somebody else's by now
url=$(en_la_pila env | sed -n 's/^ALPES_DATABASE_URL=//p')

echo "== pytest (MySQL)"
ALPES_DATABASE_URL=$url pytest -m 'not stack and not e2e' --ignore tests/stack "$@"
en_la_pila down >/dev/null

# Each fault once; `make test-fallos` repeats them.
echo "== pytest (la pila real y los fallos)"
pytest -m stack tests/stack tests/fallos "$@"
