#!/usr/bin/env bash
# Made-up affiliates and conversions on the stack that is up: the options are those of `sembrar`.
set -euo pipefail
cd "$(dirname "$0")/.."
export ALPES_ENV_FILE=${ALPES_ENV_FILE:-${ALPES_STACK_HOME:-.stack}/env}
[ -f "$ALPES_ENV_FILE" ] || { echo "No hay $ALPES_ENV_FILE: antes, make stack." >&2; exit 1; }
exec .venv/bin/python manage.py sembrar "$@"
