"""What the way to the sandbox may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, ErrorDominio, NoPermitido


class PruebasApagadas(ErrorDominio):
    """The installation has no sandbox (503)."""

    http = 503
    codigo = "pruebas_apagadas"
    texto = _(
        "Esta instalación no tiene entorno de pruebas: usa una clave real, o pide al programa que "
        "lo ponga en marcha."
    )


class PruebasNoContestan(ErrorDominio):
    """The sandbox is away or does not answer in time (503)."""

    http = 503
    codigo = "pruebas_no_contestan"
    texto = _(
        "El entorno de pruebas no contesta ahora, y lo real sigue igual: repite la petición tras "
        "«Retry-After»."
    )


class PruebasOcupadas(ErrorDominio):
    """As much is being tried at once as the live site lends to it (503)."""

    http = 503
    codigo = "pruebas_ocupadas"
    texto = _("Hay demasiadas pruebas a la vez: repite la petición tras «Retry-After».")


class PruebasNoAdmiten(Conflicto):
    """The sandbox says no to what the live site orders; its reason is the message (409)."""

    codigo = "pruebas_no_admiten"


class SoloEnPruebas(Conflicto):
    """It is done to the sandbox only, with a test key (409)."""

    codigo = "solo_en_pruebas"
    texto = _("Esto se hace con una clave de prueba («ap_test_…»): lo real no se vacía.")


class MensajeInvalido(NoPermitido):
    """What came as a message of the live site is none: forged, too old, or it came before."""

    codigo = "mensaje_invalido"
    texto = _("El mensaje no es de este sitio, llega tarde o ya llegó.")
