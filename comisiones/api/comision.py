"""``/api/v1/comisiones``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun import dinero
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.filtros import FiltroActualizado
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import (
    FiltroDeOtro,
    FiltroNombre,
    PorId,
    UnoVisible,
    con_nombres,
    uno_llamado,
)
from alpespartner.comun.errores import DemasiadoPreciso
from comisiones.api.serializers import (
    AprobarSerializer,
    ComisionSerializer,
    ExplicacionSerializer,
    NuevaComisionSerializer,
    RazonSerializer,
    comision_para,
)
from comisiones.calculo.errores import ConversionDesconocida
from comisiones.calculo.services import calcular_manual
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.comision.selectors import comisiones_con_partes, comisiones_visibles
from comisiones.motor import Terminos
from comisiones.revision.errores import YaAprobada
from comisiones.revision.services import (
    aprobar_comision,
    devolver_comision,
    rechazar_comision,
)
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import conversiones_visibles, exigir_afiliado

# What a commission is shown with, by name.
SE_NOMBRAN = ("conversion", "afiliado", "campana")


class FiltroComisiones(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoComision.choices)
    afiliado_id = FiltroNombre("afiliado", max_length=64)
    campana_id = FiltroNombre("campana", max_length=64)
    conversion_id = FiltroNombre("conversion", max_length=128)
    referencia_externa = FiltroDeOtro("conversion", "referencia_externa", max_length=128)
    actualizado_desde = FiltroActualizado()

    class Meta:
        model = Comision
        fields = (
            "estado", "afiliado_id", "campana_id", "conversion_id", "referencia_externa",
            "actualizado_desde",
        )  # fmt: skip


class ComisionesView(generics.ListAPIView[Comision]):
    """List and calculate commissions."""

    alcances = {"GET": Alcance.COMISIONES_LEER, "POST": Alcance.COMISIONES_ESCRIBIR}
    serializer_class = ComisionSerializer
    filterset_class = FiltroComisiones
    queryset = Comision.objects.all()

    def get_queryset(self) -> QuerySet[Comision]:
        return con_nombres(comisiones_visibles(credencial(self.request)), *SE_NOMBRAN)

    @extend_schema(
        operation_id="comisiones_calcular",
        request=NuevaComisionSerializer,
        responses={201: ComisionSerializer},
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Calculate the commission of a conversion, with terms of your own or by the rules.

        409 `comision_existente` names the commission when the conversion already has one.
        """
        datos = NuevaComisionSerializer.leer(request.data)
        afiliado = exigir_afiliado(datos["afiliado_id"], credencial(request))
        suyas = conversiones_visibles(credencial(request)).filter(afiliado=afiliado)
        try:
            conversion = uno_llamado(suyas, datos["conversion_id"])
        except Http404:
            raise ConversionDesconocida(
                _("El afiliado no tiene una conversión «%(id)s».") % {"id": datos["conversion_id"]}
            ) from None
        comision = calcular_manual(
            conversion=conversion,
            terminos=_terminos(datos, conversion),
            actor=actor_de_api(request),
        )
        return Response(comision_para(request, comision), status=201)


def _terminos(datos: dict[str, object], conversion: Conversion) -> Terminos | None:
    porcentaje, monto_fijo = datos.get("porcentaje"), datos.get("monto_fijo")
    if porcentaje is None and monto_fijo is None:
        return None
    if monto_fijo is not None and not dinero.es_exacto(monto_fijo, conversion.moneda):  # type: ignore[arg-type]
        raise DemasiadoPreciso(
            _("Tiene más decimales de los que admite %(moneda)s.") % {"moneda": conversion.moneda},
            campo="monto_fijo",
        )
    return Terminos(porcentaje=porcentaje, monto_fijo=monto_fijo)  # type: ignore[arg-type]


_SUYO = (
    "id_publico", "nivel", "tipo", "base", "tasa", "monto", "moneda", "estado", "motivo_retencion",
    "motivo", "motivo_codigo", "traza", "madura_en", "creada_en", "actualizado_en", "aprobada_en",
    "pagada_en",
)  # fmt: skip


def _leida(*valores: Any) -> Any:
    """What ``ComisionSerializer`` asks of a commission: making its model, and those of what it
    names, takes as long as reading them."""
    leida = SimpleNamespace(**dict(zip(_SUYO, valores, strict=False)))
    for nombre, id_publico in zip(SE_NOMBRAN, valores[len(_SUYO) :], strict=True):
        setattr(leida, nombre, SimpleNamespace(id_publico=id_publico))
    return leida


class ComisionView(PorId, generics.RetrieveAPIView[Comision]):
    """One commission."""

    alcances = {"GET": Alcance.COMISIONES_LEER}
    serializer_class = ComisionSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "comision_id"
    queryset = Comision.objects.all()
    uno = UnoVisible(
        Comision.objects.values_list(*_SUYO, *(f"{nombre}__id_publico" for nombre in SE_NOMBRAN)),
        como=_leida,
    )

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The commission."""
        return Response(comision_para(request, self.get_object()))


class ExplicacionView(generics.RetrieveAPIView[Comision]):
    """How the amount of one commission came about, in plain Spanish and numbers."""

    alcances = {"GET": Alcance.COMISIONES_LEER}
    serializer_class = ExplicacionSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "comision_id"
    queryset = Comision.objects.all()

    def get_queryset(self) -> QuerySet[Comision]:
        return comisiones_visibles(credencial(self.request))


class RevisionView(APIView):
    """What approving and rejecting share."""

    alcances = {"POST": Alcance.COMISIONES_APROBAR}

    def comision(self, request: Request, comision_id: str) -> Comision:
        """The commission of the path, as far as the key sees it."""
        comision = comisiones_visibles(credencial(request)).filter(id_publico=comision_id).first()
        if comision is None:
            raise Http404
        return comision

    def respuesta(self, request: Request, comision: Comision) -> Response:
        """The commission as it is now."""
        actual = comisiones_con_partes().get(pk=comision.pk)
        return Response(comision_para(request, actual))


class AprobarView(RevisionView):
    """Approve one commission."""

    @extend_schema(
        operation_id="comisiones_aprobar", request=AprobarSerializer, responses=ComisionSerializer
    )
    @idempotente
    def post(self, request: Request, comision_id: str) -> Response:
        """Approve: it is owed and will be paid. Approving again changes nothing."""
        entrada = AprobarSerializer.leer(request.data)
        comision = self.comision(request, comision_id)
        try:
            aprobar_comision(
                comision=comision,
                actor=actor_de_api(request),
                motivo=entrada.get("motivo", ""),
            )
        except YaAprobada:
            pass
        return self.respuesta(request, comision)


class RechazarView(RevisionView):
    """Reject one commission."""

    @extend_schema(
        operation_id="comisiones_rechazar", request=RazonSerializer, responses=ComisionSerializer
    )
    @idempotente
    def post(self, request: Request, comision_id: str) -> Response:
        """Reject, with a reason."""
        entrada = RazonSerializer.leer(request.data)
        comision = self.comision(request, comision_id)
        rechazar_comision(comision=comision, actor=actor_de_api(request), **entrada)
        return self.respuesta(request, comision)


class DevolverView(RevisionView):
    """Undo the approval of one commission."""

    @extend_schema(
        operation_id="comisiones_devolver", request=RazonSerializer, responses=ComisionSerializer
    )
    @idempotente
    def post(self, request: Request, comision_id: str) -> Response:
        """Send an approved commission back to review: it is owed no more.

        409 `en_un_pago` once a payment holds it.
        """
        entrada = RazonSerializer.leer(request.data)
        comision = self.comision(request, comision_id)
        devolver_comision(comision=comision, actor=actor_de_api(request), **entrada)
        return self.respuesta(request, comision)
