"""Settings of the workers that die: the product's, with the bad provider as gateway."""

from alpespartner.settings import *  # noqa: F403

PAGOS_PASARELA = "tests.fallos.banco_malo.PasarelaMala"
PAGOS_AUTOMATICOS = False
