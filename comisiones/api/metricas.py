"""``/api/v1/conversiones/metricas``, ``/api/v1/comisiones/estadisticas`` and ``…/reportes``."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.afiliado.selectors import afiliados_visibles
from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoMoneda, CampoNombre, SerializadorEstricto
from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.api.esquema import CON_TEXTO
from alpespartner.comun.api.ficheros import DESCARGA, VistaDeDocumento
from alpespartner.comun.api.nombres import uno_llamado
from alpespartner.comun.dinero import monedas
from alpespartner.comun.documentos.hojas import respuesta_csv
from comisiones.metricas.informe import Informe, a_csv, informe
from comisiones.metricas.models import LARGO_CANAL
from comisiones.metricas.selectors import (
    DEFINICIONES,
    DIAS,
    MAX_DIAS,
    Agrupar,
    Peticion,
    ultimos_dias,
    zona_de,
)
from conversiones.campanas.selectors import campanas_visibles

_DIA = r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]"
_ESQUEMA_DE_DIA = {"type": "string", "format": "date", "pattern": f"^{_DIA}$"}
GRUPOS = [str(g) for g in Agrupar.values if g != Agrupar.TOTAL]


class CampoDia(serializers.CharField):
    """A day of the calendar, between the years 1000 and 2999."""

    default_error_messages = {"invalid": _("Se esperaba un día, como 2026-03-01.")}

    def to_internal_value(self, data: Any) -> Any:
        """The day, or a validation error."""
        if re.fullmatch(_DIA, str(data), re.ASCII):
            try:
                return date.fromisoformat(data)
            except ValueError:
                pass
        self.fail("invalid")


class PeticionSerializer(SerializadorEstricto):
    """What a report is asked for with."""

    desde = CampoDia(required=False)
    hasta = CampoDia(required=False)
    campana_id = CampoNombre(max_length=64, required=False)
    afiliado_id = CampoNombre(max_length=64, required=False)
    canal = CampoNombre(max_length=LARGO_CANAL, required=False)
    moneda = CampoMoneda(required=False)
    agrupar = serializers.ChoiceField(GRUPOS, required=False)
    formato = serializers.ChoiceField(["json", "csv"], required=False)


class ComisionDeGrupoSerializer(serializers.Serializer[Any]):
    """Commissions of a group by the state that they are in, and what is earned in all."""

    pendiente = serializers.CharField()
    retenida = serializers.CharField()
    aprobada = serializers.CharField()
    programada = serializers.CharField()
    pagada = serializers.CharField()
    rechazada = serializers.CharField()
    neta = serializers.CharField()


class HorasSerializer(serializers.Serializer[Any]):
    """How long approvals took."""

    mediana = serializers.IntegerField(allow_null=True)
    p95 = serializers.IntegerField(allow_null=True)


class GrupoSerializer(serializers.Serializer[Any]):
    """The figures of a group in a currency."""

    clave = serializers.CharField(
        help_text=_("2026-03-01, 2026-W10, 2026-03, el identificador, el canal o «total».")
    )
    moneda = serializers.CharField()
    clics = serializers.IntegerField(allow_null=True)
    unicos = serializers.IntegerField(allow_null=True)
    conversiones = serializers.IntegerField()
    cr = serializers.CharField(allow_null=True)
    valor = serializers.CharField()
    aov = serializers.CharField(allow_null=True)
    devuelto = serializers.CharField()
    tasa_devolucion = serializers.CharField(allow_null=True)
    comision = ComisionDeGrupoSerializer()
    epc = serializers.CharField(allow_null=True)
    epc_100 = serializers.CharField(allow_null=True)
    horas_aprobacion = HorasSerializer()


class InformeSerializer(serializers.Serializer[Any]):
    """A report: without groups, there was nothing in those days."""

    zona = serializers.CharField()
    desde = serializers.DateField()
    hasta = serializers.DateField()
    grupos = GrupoSerializer(many=True)


def _dia(nombre: str, que: str) -> OpenApiParameter:
    return OpenApiParameter(nombre, _ESQUEMA_DE_DIA, description=que)


def _nombre(nombre: str, largo: int, que: str) -> OpenApiParameter:
    esquema = {"type": "string", "pattern": CON_TEXTO, "maxLength": largo}
    return OpenApiParameter(nombre, esquema, description=que)


_PARAMETROS = [
    _dia("desde", f"First day. Without it, so that there are {DIAS} days."),
    _dia("hasta", f"Last day, included; up to {MAX_DIAS} days. Without it, today."),
    _nombre("campana_id", 64, "Id or own reference of a campaign."),
    _nombre("afiliado_id", 64, "Id or own reference of an affiliate."),
    _nombre("canal", LARGO_CANAL, "Channel, as sales say it."),
    OpenApiParameter(
        "moneda",
        {"type": "string", "enum": list(monedas())},
        description="Only this currency.",
    ),
]
_AGRUPAR = OpenApiParameter("agrupar", str, enum=GRUPOS, description="Without it, by day.")


def _dice(que: str) -> str:
    return f"{que}\n\n{DEFINICIONES}"


def _leer(request: Request, agrupar: str) -> Informe:
    """The report that a request asks for, of what its key sees."""
    datos = PeticionSerializer.leer(request.query_params.dict())
    clave = credencial(request)
    campanas = campanas_visibles(clave)
    campana = uno_llamado(campanas, datos["campana_id"]) if "campana_id" in datos else None
    afiliado = clave.afiliado_id
    if "afiliado_id" in datos:
        afiliado = uno_llamado(afiliados_visibles(clave), datos["afiliado_id"]).pk
    desde, hasta = ultimos_dias(campana, datos.get("desde"), datos.get("hasta"))
    return informe(
        Peticion(
            desde=desde, hasta=hasta, agrupar=datos.get("agrupar", agrupar),
            campana=campana.pk if campana else None, afiliado=afiliado,
            canal=datos.get("canal"), moneda=datos.get("moneda"),
        ),
        zona_de(campana, campanas),
    )  # fmt: skip


def _json(suyo: Informe) -> Response:
    return Response({
        "zona": suyo.zona,
        "desde": suyo.desde.isoformat(),
        "hasta": suyo.hasta.isoformat(),
        "grupos": suyo.grupos,
    })  # fmt: skip


class MetricasView(APIView):
    """What was clicked, sold and earned, group by group."""

    alcances = {"GET": Alcance.COMISIONES_LEER}
    parametros = ("desde", "hasta", "campana_id", "afiliado_id", "canal", "moneda", "agrupar")
    problemas = ("404", "409")

    @extend_schema(
        operation_id="conversiones_metricas",
        parameters=[*_PARAMETROS, _AGRUPAR],
        responses=InformeSerializer,
        description=_dice("The figures of some days. A key of an affiliate sees its own."),
    )
    def get(self, request: Request) -> Response:
        """The figures of some days."""
        return _json(_leer(request, Agrupar.DIA))


class EstadisticasView(APIView):
    """What was clicked, sold and earned, in all."""

    alcances = {"GET": Alcance.COMISIONES_LEER}
    parametros = ("desde", "hasta", "campana_id", "afiliado_id", "canal", "moneda")
    problemas = ("404", "409")

    @extend_schema(
        operation_id="comisiones_estadisticas",
        parameters=_PARAMETROS,
        responses=InformeSerializer,
        description=_dice("The figures of some days in all, a group for each currency."),
    )
    def get(self, request: Request) -> Response:
        """The figures of some days in all."""
        return _json(_leer(request, Agrupar.TOTAL))


class ReportesView(VistaDeDocumento):
    """The same figures as a file."""

    alcances = {"GET": Alcance.COMISIONES_LEER}
    parametros = (*MetricasView.parametros, "formato")
    problemas = ("404", "409")

    @extend_schema(
        operation_id="comisiones_reportes",
        parameters=[
            *_PARAMETROS,
            _AGRUPAR,
            OpenApiParameter("formato", str, enum=["json", "csv"]),
            DESCARGA,
        ],
        responses={
            (200, "application/json"): InformeSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
        },
        description=_dice(
            "The figures of some days as JSON or as CSV: UTF-8, RFC 4180, a line for each group; "
            "its columns of `comision` and `horas_aprobacion` are named after them, and what is "
            "null is empty."
        ),
    )
    def get(self, request: Request) -> HttpResponse | Response:
        """The figures of some days, as a file."""
        suyo = _leer(request, Agrupar.DIA)
        if request.query_params.get("formato") != "csv":
            return _json(suyo)
        return respuesta_csv(a_csv(suyo), f"reporte-{suyo.desde}-{suyo.hasta}.csv")
