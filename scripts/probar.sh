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

tipos() {
    echo "== mypy"
    # Without its cache: the Django plugin cannot resolve reverse relations from a partial one.
    .venv/bin/mypy --cache-dir=/dev/null .
    echo "== import-linter"
    .venv/bin/lint-imports
    echo "== migraciones y despliegue"
    .venv/bin/python manage.py makemigrations --check --dry-run
    env -u ALPES_DEMO .venv/bin/python manage.py check --deploy --fail-level WARNING
}

echo "== ruff"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
if [ "$que" = --solo-estilo ]; then
    tipos
    exit 0
fi

# Tests write under a directory of their own, never to the demo's database.
datos=$(mktemp -d)
pila=$(mktemp -d)
salidas=$(mktemp -d)
rojas=""
en_la_pila() { ALPES_STACK_HOME=$pila ALPES_STACK_MYSQL_SYNC=0 .venv/bin/python -m stack "$@"; }
limpiar() {
    trap - EXIT
    # As Ctrl-C does, so that each brings down what it brought up.
    for trabajo in $(jobs -p); do kill -INT -- "-$trabajo" 2>/dev/null || true; done
    wait 2>/dev/null || true
    en_la_pila down >/dev/null 2>&1 || true
    rm -rf "$datos" "$pila" "$salidas"
}
trap limpiar EXIT
# What goes on beside the tests is a group of processes that can be stopped whole.
set -m
# What a part said while others ran, in one piece.
recoger() {
    wait "$2" || rojas="$rojas, $1"
    cat "$salidas/$1"
}
# Two processes; what shares processes or a stack stays together, by its `xdist_group`.
probar() { nice -n "${cede:-0}" .venv/bin/pytest -n 2 --dist loadgroup "$@"; }
# A red part does not keep the others from being run, but whoever interrupts one stops it all.
parte() {
    local nombre=$1 fin=0
    shift
    "$@" || fin=$?
    if [ $fin = 2 ] || [ $fin -ge 128 ]; then exit $fin; fi
    [ $fin = 0 ] || rojas="$rojas, $nombre"
}
terminar() {
    [ -z "$rojas" ] && exit 0
    echo "EN ROJO: ${rojas#, }"
    exit 1
}

tipos >"$salidas/tipos" 2>&1 &
tipos=$!
export ALPES_DATOS=$datos

if [ "$que" = --rapidas ]; then
    echo "== pytest (las rápidas)"
    # What is made from the API's document takes long only to be made.
    parte pruebas probar -m 'not stack and not e2e and not lento' \
        --ignore tests/api/test_contrato.py "$@"
    recoger tipos "$tipos"
    terminar
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

# What drives processes from outside mostly waits for them: it goes on beside what computes, which
# gives way to it. Of the stack, MySQL stays for the others.
desde_fuera() {
    local cuales="e2e or stack"
    echo "== pytest (el sitio entero, la pila real y los fallos)"
    if en_la_pila up --solo mysql,redis,pulsar; then
        en_la_pila down --solo redis,pulsar
    else
        echo "AVISO: aquí no se pudo tener la pila real: sus pruebas y las de MySQL NO se ejecutan."
        touch "$pila/no_hay"
        cuales=e2e
    fi
    touch "$pila/sabido"
    # Each fault once; `make test-fallos` repeats them.
    ALPES_DATOS=$datos/fuera probar -m "$cuales" "$@"
}
desde_fuera "$@" >"$salidas/fuera" 2>&1 &
fuera=$!
cede=10

echo "== pytest (SQLite)"
parte SQLite probar -m 'not stack and not e2e' "$@"

until [ -e "$pila/sabido" ] || ! kill -0 "$fuera" 2>/dev/null; do sleep 1; done
if ! [ -e "$pila/no_hay" ]; then
    echo "== pytest (MySQL)"
    url=$(en_la_pila env | sed -n 's/^ALPES_DATABASE_URL=//p')
    ALPES_DATABASE_URL=$url parte MySQL \
        probar -m 'not stack and not e2e' --ignore tests/stack "$@"
fi
recoger fuera "$fuera"
recoger tipos "$tipos"
terminar
