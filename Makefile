# The commands of the project. `make run`, `make check` and `make test` are the ones to begin with.

PORT ?= 8000
PY := .venv/bin/python

.PHONY: run check test test-azar test-orden test-contrato test-hostiles test-accesible pesar test-listas test-fallos compose-test docker mutar preparar lint stack stack-status stack-logs stack-down
.PHONY: bench bench-metricas bench-web bench-web-embebido bench-stream bench-motor bench-api bench-webhooks bench-extracto bench-aprobacion bench-pagos bench-listas bench-rastreo bench-atribucion
.DEFAULT_GOAL := run

run: preparar
	@ALPES_DEMO=1 exec $(PY) manage.py servir --puerto $(PORT)

# The daily loop: style, types, imports and the fast tests.
check: preparar
	@scripts/probar.sh --rapidas

test: preparar
	@scripts/probar.sh

# Ten thousand random operations, then every invariant. ALPES_SEMILLA=… repeats or varies them.
test-azar: preparar
	@ALPES_AZAR=10000 .venv/bin/pytest -s tests/comisiones/test_azar.py

# Hundreds of stories of clicks, customers and sales, each told in two orders. ALPES_SEMILLA=… others.
test-orden: preparar
	@ALPES_ORDEN=$${ALPES_ORDEN:-400} .venv/bin/pytest -s tests/conversiones/orden

# Many more requests made from the API's document. ALPES_SEMILLA=… makes others.
test-contrato: preparar
	@ALPES_CONTRATO=$${ALPES_CONTRATO:-100} .venv/bin/pytest tests/api/test_contrato.py

# Many more rows that no service wrote. ALPES_SEMILLA=… spoils others.
test-hostiles: preparar
	@ALPES_HOSTILES=$${ALPES_HOSTILES:-4} .venv/bin/pytest -s tests/hostiles

# Every page in every width and theme, in a real browser.
test-accesible: preparar
	@ALPES_ACCESIBLE=1 .venv/bin/pytest -s tests/accesible

# What every list sends with 50 rows, compressed; fails over 60 KB.
pesar: preparar
	@$(PY) scripts/pesar_paginas.py

# The rows that every list touches on MySQL, with 30,000 sales in many campaigns and in one.
test-listas: preparar
	@pila=$$(mktemp -d); export ALPES_STACK_HOME=$$pila; $(PY) -m stack up --solo mysql && \
	url=$$($(PY) -m stack env | sed -n 's/^ALPES_DATABASE_URL=//p') && \
	ALPES_LISTAS=1 ALPES_DATABASE_URL=$$url .venv/bin/pytest tests/listas; \
	rc=$$?; $(PY) -m stack down; rm -rf $$pila; exit $$rc

# Each fault of docs/fiabilidad.md on a real stack of its own, under load.
test-fallos: preparar
	@.venv/bin/pytest tests/fallos

# docker-compose.yml for real, on an engine of its own with stand-ins of the images: docs/docker.md.
compose-test: preparar
	@ALPES_COMPOSE=1 .venv/bin/pytest -rA -p no:cacheprovider tests/compose

# The same as scripts/docker.sh: for people with Docker.
docker:
	@scripts/docker.sh

# Changes money code at random, one thing at a time, and says which changes no test sees.
# `make mutar MUTAR="--semilla 7 --mutantes 60 --solo comisiones/pagos"`.
mutar: preparar
	@$(PY) scripts/mutar.py $(MUTAR)

# Everything a new machine needs; seconds when it is there already.
preparar:
	@scripts/preparar.sh

lint: preparar
	@scripts/probar.sh --solo-estilo

# The real stack: MySQL, Redis, Pulsar and Debezium, with the site and its consumers on top, on
# port 18000 or PORT.
stack: preparar
	@$(if $(filter file,$(origin PORT)),,ALPES_STACK_PUERTO_WEB=$(PORT) )$(PY) -m stack site

stack-status:
	@$(PY) -m stack status

stack-logs:
	@$(PY) -m stack logs

stack-down:
	@$(PY) -m stack down

# Every benchmark, one after another. `make bench BANCO="--vueltas 3 --solo api,metricas"`.
bench: preparar
	@$(PY) scripts/medir_todo.py $(BANCO)

# What the machine gives, into performance_report.json. `make bench-web BANCO="--vueltas 9"`.
bench-web: preparar
	@$(PY) scripts/medir_web.py $(BANCO)

bench-web-embebido: preparar
	@$(PY) scripts/medir_web.py --embebido $(BANCO)

bench-stream: preparar
	@$(PY) scripts/medir_flujo.py $(BANCO)

# Commissions per second of the engine, and the backtest of a million conversions.
bench-motor: preparar
	@$(PY) -m scripts.medir_motor $(BANCO)

# Decisions per second of attribution, and of its files.
bench-atribucion: preparar
	@$(PY) -m scripts.medir_atribucion $(BANCO)

# The statement of a month with ten thousand lines, on MySQL.
bench-extracto: preparar
	@$(PY) scripts/medir_extracto.py $(BANCO)

# Events per second of the feed, commissions read per second, and what the limits of keys cost.
bench-api: preparar
	@$(PY) scripts/medir_api.py $(BANCO)

# From COMMIT to whoever receives the webhook, and how many a second go out, on the real stack.
bench-webhooks: preparar
	@$(PY) scripts/medir_webhooks.py $(BANCO)

# 10,000 commissions approved by one decision, with their ledger, history and events, on MySQL.
bench-aprobacion: preparar
	@$(PY) scripts/medir_aprobacion.py $(BANCO)

# A batch of 10,000 payments: frozen, and paid through Celery with a gateway of 5 ms.
bench-pagos: preparar
	@$(PY) scripts/medir_pagos.py $(BANCO)

# Redirects per second, their clicks in MySQL, kill -9 among them, and candidates among 10,000,000.
# `make bench-rastreo BANCO="--clics 200000"`.
bench-rastreo: preparar
	@$(PY) scripts/medir_rastreo.py $(BANCO)

# Every list of the admin and of the API on a million sales, on MySQL, also while sales arrive.
bench-listas: preparar
	@$(PY) scripts/medir_listas.py $(BANCO)

# Reports of a year by each group on a million sales, the consumer that measures, and all of it
# made anew, on MySQL.
bench-metricas: preparar
	@$(PY) scripts/medir_metricas.py $(BANCO)
