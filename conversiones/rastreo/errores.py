"""What links and coupons may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido


class CodigoOcupado(Conflicto):
    """Another link has that code, or had it: it stands printed somewhere."""

    codigo = "codigo_ocupado"
    texto = _("Ya hay un enlace con ese código, aunque esté retirado: elige otro.")


class CuponOcupado(Conflicto):
    """The code is a coupon of somebody now."""

    codigo = "cupon_ocupado"
    texto = _("Ese cupón ya es de un afiliado: elige otro, o retira antes aquel.")


class DestinoNoAdmitido(DatoInvalido):
    """A link may not lead there."""

    codigo = "destino_no_admitido"
    texto = _(
        "El destino tiene que empezar por https:// y ser de uno de los sitios de la campaña, "
        "escrito igual: sin usuario, y en ASCII (xn--…) si el nombre lleva acentos."
    )


class SinDestino(DatoInvalido):
    """Neither the link nor its campaign says where it leads."""

    codigo = "sin_destino"
    texto = _("La campaña no tiene página de destino: pónsela, o indica el destino del enlace.")


class AfiliadoNoAdmite(Conflicto):
    """The affiliate is out of the programme."""

    codigo = "afiliado_no_admite"
    texto = _("El afiliado está fuera del programa: no se le hacen enlaces ni cupones.")
