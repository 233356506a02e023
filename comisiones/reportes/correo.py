"""The mail of a report: its totals, and its files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from alpespartner.comun.acceso import correos
from alpespartner.comun.acceso.correos import Carta
from alpespartner.comun.models import CorreoAlPersonal, QueCorreo
from comisiones.reportes import documento
from comisiones.reportes.models import EnvioReporte
from comisiones.reportes.selectors import VER

_CSV = "text/csv"


def _redactar(fila: CorreoAlPersonal) -> Carta | None:
    """The statement; None for who may not see the figures any more."""
    envio = EnvioReporte.objects.filter(id_publico=fila.objeto).select_related("reporte").first()
    if envio is None or fila.usuario is None or not fila.usuario.has_perm(VER):
        return None
    suyo = documento.leido(envio)
    adjuntos = [(documento.fichero_de(suyo), documento.a_csv(suyo), _CSV)]
    if suyo["diferencias"]:
        nombre = documento.fichero_de(suyo, "diferencias")
        adjuntos.append((nombre, documento.diferencias_a_csv(suyo), _CSV))
    datos = {"nombre": suyo["nombre"], "desde": suyo["desde"], "hasta": suyo["hasta"]}
    asunto = _("%(nombre)s: del %(desde)s al %(hasta)s") % datos
    return Carta(" ".join(asunto.split()), _cuerpo(envio, suyo), adjuntos)


def _cuerpo(envio: EnvioReporte, suyo: dict[str, Any]) -> str:
    pagina = reverse("admin:comisiones_envioreporte_change", args=[envio.pk])
    partes = [_("Días de %(zona)s.") % {"zona": suyo["zona"]}]
    for _clave, moneda, *figuras in suyo["totales"]:
        lineas = [
            f"  {columna}: {'—' if figura is None else figura}"
            for columna, figura in zip(suyo["pedido"]["columnas"], figuras, strict=True)
        ]
        partes.append("\n".join([_("Total en %(moneda)s") % {"moneda": moneda}, *lineas]))
    if not suyo["totales"]:
        partes.append(_("No hubo nada en esos días."))
    if suyo["diferencias"]:
        partes.append(
            _(
                "De lo que ya se había enviado cambió algo después: está en el segundo fichero. "
                "Lo enviado entonces se queda como estaba."
            )
        )
    partes.append(
        _("Queda guardado como se envía, con su SHA-256 %(huella)s:\n%(pagina)s")
        % {"huella": envio.huella, "pagina": f"{settings.URL.rstrip('/')}{pagina}"}
    )
    return "\n\n".join(partes)


correos.registrar(QueCorreo.REPORTE, _redactar)
