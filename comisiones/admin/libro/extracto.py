"""The statement of an affiliate on a page, with its files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.formato import importe
from alpespartner.comun.documentos.hojas import respuesta_csv
from alpespartner.comun.documentos.pdf import respuesta_pdf
from alpespartner.comun.errores import DatoInvalido
from comisiones.libro.documento import nombre_de, partes_de, pdf_de, resumen
from comisiones.libro.extracto import Extracto, a_csv, extractos, limites_mes

_POR_PAGINA = 100


def ver_extracto(pagina: Any, request: HttpRequest, afiliado: Afiliado) -> HttpResponse:
    """Month in ``mes`` (this one by default), and ``formato`` csv or pdf with its ``parte``."""
    este = f"{timezone.now():%Y-%m}"
    aviso = ""
    try:
        mes = request.GET.get("mes") or este
        inicio, fin = limites_mes(mes)
    except DatoInvalido as exc:
        mes, aviso = este, exc.mensaje
        inicio, fin = limites_mes(mes)
    hojas = extractos(afiliado, mes)
    total = partes_de(hojas)
    formato = request.GET.get("formato")
    if formato == "csv":
        return respuesta_csv(a_csv(hojas), nombre_de(afiliado, mes, "csv"))
    if formato == "pdf":
        texto = request.GET.get("parte", "1")
        parte = int(texto) if texto.isascii() and texto.isdigit() and len(texto) < 7 else 0
        try:
            documento = pdf_de(afiliado, mes, hojas, parte)
        except DatoInvalido as exc:
            aviso = exc.mensaje
        else:
            return respuesta_pdf(documento, nombre_de(afiliado, mes, "pdf", parte, total))
    lineas = Paginator([(h, linea) for h in hojas for linea in h.lineas], _POR_PAGINA)
    vista = lineas.get_page(request.GET.get("p"))
    contexto = {
        **pagina.admin_site.each_context(request),
        "title": _("Extracto de %(nombre)s") % {"nombre": afiliado.nombre},
        "opts": pagina.opts,
        "media": pagina.media,
        "afiliado": afiliado,
        "mes": mes,
        "mes_largo": date_format(inicio, "YEAR_MONTH_FORMAT"),
        "anterior": f"{inicio - timedelta(days=1):%Y-%m}",
        "siguiente": f"{fin:%Y-%m}" if mes < este else "",
        "aviso": aviso,
        "partes": range(1, total + 1),
        "resumenes": [_resumen(hoja) for hoja in hojas],
        "vista": vista,
        "filas": [
            {
                "fecha": linea.fecha,
                "concepto": linea.concepto,
                "origen": linea.origen,
                "importe": importe(linea.importe, hoja.moneda),
                "saldo": importe(linea.saldo, hoja.moneda),
            }
            for hoja, linea in vista.object_list
        ],
    }
    return TemplateResponse(request, "admin/alpes/extracto.html", contexto)


def _resumen(hoja: Extracto) -> dict[str, Any]:
    return {
        "moneda": hoja.moneda,
        "apertura": importe(hoja.apertura, hoja.moneda),
        "conceptos": resumen(hoja),
        "cierre": importe(hoja.cierre, hoja.moneda),
    }
