# The two commands of the project: `make run` and `make test`.

PORT ?= 8000
PY := .venv/bin/python

.PHONY: run test preparar lint bench-web bench-motor
.DEFAULT_GOAL := run

run: preparar
	@ALPES_DEMO=1 exec $(PY) manage.py servir --puerto $(PORT)

test: preparar
	@scripts/probar.sh

# Everything a new machine needs; seconds when it is there already.
preparar:
	@scripts/preparar.sh

lint: preparar
	@scripts/probar.sh --solo-estilo

# Requests per second of POST /commissions/calculate against a group of its own.
bench-web: preparar
	@$(PY) scripts/medir_web.py

# Commissions per second of the engine, and the backtest of a million conversions.
bench-motor: preparar
	@$(PY) -m comisiones.banco_motor
