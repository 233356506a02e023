"""The real stack (MySQL, Redis, Pulsar, Debezium Server) run natively, without Docker.

Standard library only: it must work in a fresh clone, before anything is installed.
"""
