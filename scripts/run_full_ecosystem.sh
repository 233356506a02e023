#!/usr/bin/env bash
# The whole ecosystem, a step after another: the real stack with its topics, the site and its
# consumers, the demo's data, and how all is. The first two are what `make stack` does.
set -euo pipefail
cd "$(dirname "$0")/.."
pasos=6
n=0
paso() { n=$((n + 1)) && printf '\n[%s/%s] %s\n' "$n" "$pasos" "$1"; }

paso "Preparar: dependencias, textos y ficheros estáticos"
scripts/preparar.sh
paso "Pila real: MySQL, Redis, Pulsar y Debezium; tablas, tópicos, el sitio y sus consumidores"
make stack
export ALPES_ENV_FILE=${ALPES_ENV_FILE:-${ALPES_STACK_HOME:-.stack}/env}
paso "Tópicos: particiones, retención y suscripciones"
scripts/setup_pulsar_topics.sh
paso "Datos de prueba"
scripts/init_test_data.sh "$@"
paso "Entrega: lo confirmado contra lo que recibió cada suscripción"
.venv/bin/python manage.py reconciliar_outbox || echo "Aún llegan: se verá en el monitor."
paso "Cómo está todo"
.venv/bin/python manage.py monitor --veces 1
printf '\nPara mirarlo: scripts/monitor_pulsar.sh dashboard. Para pararlo: make stack-down.\n'
