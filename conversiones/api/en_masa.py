"""``POST /api/v1/conversiones/lote``: many sales in one request."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.afiliado.selectors import afiliados_visibles
from afiliados.claves.models import Alcance
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.problemas import problema_de
from alpespartner.comun.errores import ErrorDominio
from conversiones.api.serializers import (
    LoteConversionesSerializer,
    LoteResultadoSerializer,
    NuevaConversionSerializer,
)
from conversiones.ventas.atribucion import atribucion_guardada
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import Agenda
from conversiones.ventas.services import NuevaConversion, registrar_en_masa


class VentasEnMasaView(APIView):
    """Register many conversions."""

    alcances = {"POST": Alcance.CONVERSIONES_ESCRIBIR}

    @extend_schema(
        operation_id="conversiones_registrar_lote",
        request=LoteConversionesSerializer,
        responses=LoteResultadoSerializer,
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Each item is registered or refused on its own; the answer keeps their order."""
        entrada = LoteConversionesSerializer.leer(request.data)
        datos, problemas = _validar(entrada["conversiones"])
        agenda = Agenda(
            afiliados_visibles(credencial(request)),
            {d["afiliado_id"] for d in datos.values() if "afiliado_id" in d},
            {d["campana_id"] for d in datos.values() if "campana_id" in d},
        )
        indices = list(datos)
        antigua = credencial(request).permite(Alcance.CONVERSIONES_ANTIGUAS)
        nuevas = {i: _nueva(datos[i], agenda, antigua) for i in indices}
        resultados = registrar_en_masa(datos=list(nuevas.values()), actor=actor_de_api(request))
        for indice, resultado in zip(indices, resultados, strict=True):
            if isinstance(resultado, ErrorDominio):
                problemas[indice] = problema_de(resultado)
        hechas = dict(zip(indices, resultados, strict=True))
        total = len(datos) + len(set(problemas) - set(datos))
        return Response(
            {
                "registradas": total - len(problemas),
                "rechazadas": len(problemas),
                "resultados": [
                    {"indice": i, "estado": "rechazada", "problema": problemas[i]}
                    if i in problemas
                    else _registrada(i, hechas[i], nuevas[i])
                    for i in range(total)
                ],
            }
        )


def _validar(items: list[Any]) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    """Good items and problems, by position."""
    datos, problemas = {}, {}
    campos = NuevaConversionSerializer()
    for indice, item in enumerate(items):
        try:
            datos[indice] = campos.run_validation(item)
        except ValidationError as exc:
            problemas[indice] = problema_de(exc)
    return datos, problemas


def _nueva(datos: dict[str, Any], agenda: Agenda, antigua: bool) -> NuevaConversion | ErrorDominio:
    datos = dict(datos)
    nombrado = datos.pop("afiliado_id", None)
    try:
        return NuevaConversion(
            afiliado=None if nombrado is None else agenda.afiliado(nombrado),
            campana=agenda.campana(datos.pop("campana_id", None)),
            valor=datos.pop("valor_conversion"),
            antigua=antigua,
            **datos,
        )
    except ErrorDominio as exc:
        return exc


def _registrada(
    indice: int, conversion: Conversion | ErrorDominio, dicha: NuevaConversion | ErrorDominio
) -> dict[str, Any]:
    assert isinstance(conversion, Conversion)  # noqa: S101 - the others have a problem
    assert isinstance(dicha, NuevaConversion)  # noqa: S101
    return {
        "indice": indice,
        "estado": "registrada",
        "conversion_id": conversion.id_publico,
        "referencia_externa": conversion.referencia_externa,
        "afiliado_id": conversion.afiliado.id_publico if conversion.afiliado else None,
        "atribucion": atribucion_guardada(conversion, decidida=dicha.por_atribuir),
    }
