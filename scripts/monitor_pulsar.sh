#!/usr/bin/env bash
# The monitor of the stack that is up, or of the embedded mode without one: `dashboard` on the
# screen, `log` as a line every ten seconds (or `log --cada N`).
set -euo pipefail
cd "$(dirname "$0")/.."
pila=${ALPES_STACK_HOME:-.stack}/env
if [ -z "${ALPES_ENV_FILE:-}" ] && [ -f "$pila" ]; then export ALPES_ENV_FILE=$pila; fi
case "${1:-dashboard}" in
    dashboard) exec .venv/bin/python manage.py monitor "${@:2}" ;;
    log) exec .venv/bin/python manage.py monitor --registro --cada 10 "${@:2}" ;;
    *) echo "Uso: scripts/monitor_pulsar.sh dashboard|log [--cada SEGUNDOS]" >&2; exit 2 ;;
esac
