"""The project's settings with the gateway of the benchmark, and batches only."""

from alpespartner.settings import *  # noqa: F403

PAGOS_PASARELA = "banco.pasarela.PasarelaRapida"
PAGOS_AUTOMATICOS = False
