"""Settings of the workers that die: the product's, with the bad providers as gateways."""

from alpespartner.settings import *  # noqa: F403

PAGOS_PASARELA = "tests.fallos.banco_malo.PasarelaMala"
PAGOS_OTRAS_PASARELAS = ["comisiones.pagos.pasarelas.stripe.PasarelaStripe"]
STRIPE_CLAVE = "sk_test_de_las_pruebas"
PAGOS_AUTOMATICOS = False
