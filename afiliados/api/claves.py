"""``/api/v1/claves``: the keys of a holder, looked after by one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.de_prueba import crear_la_suya_de_prueba
from afiliados.claves.direcciones import MAX_REDES
from afiliados.claves.models import Alcance, ClaveAPI, Modo
from afiliados.claves.selectors import claves_de_su_titular
from afiliados.claves.services import (
    RESTRICCIONES,
    crear_la_suya,
    restringir_la_suya,
    revocar_clave,
    rotar_la_suya,
)
from afiliados.claves.topes import topes_de
from afiliados.errores import ClaveDesconocida
from alpespartner.comun.api.campos import (
    MONTO_POSITIVO,
    CampoInstante,
    CampoMonto,
    CampoNombre,
    SerializadorEstricto,
)
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.dinero import texto
from alpespartner.comun.errores import DatoInvalido

# Both work while whoever uses it changes it.
_HORAS, _MAX_HORAS = 24, 168


@extend_schema_field({"type": "object", "additionalProperties": MONTO_POSITIVO})
class CampoTopes(serializers.DictField):
    """Amounts by currency."""

    child = CampoMonto()

    def to_representation(self, value: Any) -> Any:
        """As decimal strings, from the text that is stored; without any, null."""
        topes = topes_de(value)
        return topes and {moneda: texto(tope, moneda) for moneda, tope in topes.items()}


class CampoRedes(serializers.ListField):
    """Networks."""

    child = serializers.CharField(max_length=50)

    def to_representation(self, data: Any) -> Any:
        """Those of the text that is stored."""
        return data.split()


class RestriccionesSerializer(SerializadorEstricto):
    """From where a key may be used, and how much it approves. What is absent stays."""

    direcciones = CampoRedes(
        required=False,
        max_length=MAX_REDES,
        help_text=_("Redes o direcciones desde las que sirve, como 203.0.113.0/24; [] es todas."),
    )
    aprueba_por_venta = CampoTopes(
        required=False, help_text=_("Importe por moneda de cada comisión que aprueba.")
    )
    aprueba_por_dia = CampoTopes(
        required=False,
        help_text=_("Importe por moneda de lo que aprueba en un día, con las hechas de ella."),
    )


class NuevaClaveSerializer(RestriccionesSerializer):
    """A key to make. It may do no more than the one that makes it, nor for longer, nor from
    elsewhere."""

    nombre = CampoNombre(max_length=100)
    alcances = serializers.ListField(
        child=serializers.ChoiceField(Alcance.choices), min_length=1, max_length=100
    )
    expira_en = CampoInstante(required=False)
    modo = serializers.ChoiceField(
        Modo.choices,
        required=False,
        help_text=_(
            "«prueba», una que sirve solo en el entorno de pruebas. Si no, la de quien pide."
        ),
    )


def _restricciones_en(datos: dict[str, Any]) -> dict[str, Any]:
    """What a request says of them, which is left without them."""
    dichas = {campo: datos.pop(campo) for campo in RESTRICCIONES if campo in datos}
    if "direcciones" in dichas:
        dichas["direcciones"] = " ".join(dichas["direcciones"])
    return dichas


class RotacionSerializer(SerializadorEstricto):
    """For how long the one that goes works beside the one that comes."""

    horas = serializers.IntegerField(
        min_value=0,
        max_value=_MAX_HORAS,
        required=False,
        help_text=_("Cuánto sirve todavía la anterior: 24 si no se dice."),
    )


class ClaveSerializer(serializers.Serializer[ClaveAPI]):
    """A key without its secret."""

    clave_id = serializers.CharField(source="id_clave")
    nombre = serializers.CharField()
    alcances = serializers.ListField(child=serializers.CharField())
    direcciones = CampoRedes()
    aprueba_por_venta = CampoTopes(allow_null=True)
    aprueba_por_dia = CampoTopes(allow_null=True)
    vigente = serializers.BooleanField()
    creada_en = serializers.DateTimeField()
    expira_en = serializers.DateTimeField(allow_null=True)
    revocada_en = serializers.DateTimeField(allow_null=True)
    usada_en = serializers.DateTimeField(
        allow_null=True, help_text=_("Con un minuto de diferencia como mucho.")
    )
    usada_desde = serializers.SerializerMethodField()
    pruebas_por_revocar = serializers.IntegerField(
        help_text=_(
            "De una revocada, las claves de prueba que hizo y que dejan de servir en cuanto el "
            "entorno de pruebas contesta; después, 0."
        )
    )

    def get_usada_desde(self, clave: ClaveAPI) -> str | None:
        """Address of that use; null when it has none."""
        return clave.usada_desde or None


class ClaveConTextoSerializer(ClaveSerializer):
    """With its text, which is said once: null when the request is a repetition."""

    clave = serializers.CharField(allow_null=True)


class FiltroClaves(django_filters.FilterSet):
    """Filters of the list."""

    nombre = django_filters.CharFilter(max_length=100)

    class Meta:
        model = ClaveAPI
        fields = ("nombre",)


def _mia(request: Request) -> ClaveAPI:
    return cast(ClaveAPI, credencial(request))


def _suya(request: Request, id_clave: str) -> ClaveAPI:
    """The key of a path, if it is of the same holder."""
    una = claves_de_su_titular(_mia(request)).filter(id_clave=id_clave).first()
    if una is None:
        raise ClaveDesconocida()
    return una


def _con_texto(request: Request, respuesta: Response) -> Response:
    # The answer that is kept to be repeated has none: it would be there to be read.
    respuesta.data["clave"] = getattr(request, "clave_nueva", None)
    respuesta["Cache-Control"] = "no-store"
    return respuesta


def _sin_texto(request: Request, dicha: Mapping[str, Any], suyo: str) -> Response:
    request.clave_nueva = suyo  # type: ignore[attr-defined]
    return Response({**dicha, "clave": None}, status=201)


class ClavesView(generics.ListAPIView[ClaveAPI]):
    """List and make keys."""

    alcances = {"GET": Alcance.CLAVES_LEER, "POST": Alcance.CLAVES_ESCRIBIR}
    serializer_class = ClaveSerializer
    filterset_class = FiltroClaves
    queryset = ClaveAPI.objects.all()

    def get_queryset(self) -> QuerySet[ClaveAPI]:
        return claves_de_su_titular(_mia(self.request))

    @extend_schema(
        operation_id="claves_crear",
        request=NuevaClaveSerializer,
        responses={201: ClaveConTextoSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a key of the same holder, with some of its scopes. Its `clave` is said in this
        answer only; both count against the same limit of requests."""
        return _con_texto(request, self._crear(request))

    @idempotente
    def _crear(self, request: Request) -> Response:
        datos: dict[str, Any] = NuevaClaveSerializer.leer(request.data)
        restricciones = _restricciones_en(datos)
        modo = datos.pop("modo", Modo.PRUEBA if settings.PRUEBAS else Modo.REAL)
        if settings.PRUEBAS and modo != Modo.PRUEBA:
            raise DatoInvalido(_now("Una clave de prueba no hace claves reales."), campo="modo")
        pedida = {
            "clave": _mia(request), "actor": actor_de_api(request),
            "restricciones": restricciones, **datos,
        }  # fmt: skip
        if modo == Modo.PRUEBA and not settings.PRUEBAS:
            dicha, suyo = crear_la_suya_de_prueba(**pedida)
            return _sin_texto(request, dicha, suyo)
        hecha, suyo = crear_la_suya(**pedida)
        return _sin_texto(request, ClaveSerializer(hecha).data, suyo)


class ClaveView(APIView):
    """One key."""

    alcances = {"PATCH": Alcance.CLAVES_ESCRIBIR}

    @extend_schema(
        operation_id="claves_restringir",
        request=RestriccionesSerializer,
        responses=ClaveSerializer,
    )
    def patch(self, request: Request, clave_id: str) -> Response:
        """Say from where a key of the same holder may be used, among the addresses of the one that
        asks, and that it approves less than until now."""
        datos = RestriccionesSerializer.leer(request.data)
        hecha = restringir_la_suya(
            quien=_mia(request),
            clave=_suya(request, clave_id),
            actor=actor_de_api(request),
            restricciones=_restricciones_en(datos),
        )
        return Response(ClaveSerializer(hecha).data)


class RotarView(APIView):
    """Change a key for another."""

    alcances = {"POST": Alcance.CLAVES_ESCRIBIR}

    @extend_schema(
        operation_id="claves_rotar",
        request=RotacionSerializer,
        responses={201: ClaveConTextoSerializer},
    )
    def post(self, request: Request, clave_id: str) -> Response:
        """Another key with the same scopes, said in this answer only. The one that it takes the
        place of works for some more `horas`; then it does not."""
        return _con_texto(request, self._rotar(request, clave_id))

    @idempotente
    def _rotar(self, request: Request, clave_id: str) -> Response:
        horas = RotacionSerializer.leer(request.data or {}).get("horas", _HORAS)
        hecha, suyo = rotar_la_suya(
            clave=_suya(request, clave_id),
            actor=actor_de_api(request),
            expira_anterior_en=timezone.now() + timedelta(hours=horas),
        )
        return _sin_texto(request, ClaveSerializer(hecha).data, suyo)


class RevocarView(APIView):
    """End a key."""

    alcances = {"POST": Alcance.CLAVES_ESCRIBIR}

    @extend_schema(operation_id="claves_revocar", request=None, responses=ClaveSerializer)
    @idempotente
    def post(self, request: Request, clave_id: str) -> Response:
        """Make a key of the same holder useless at once and for good, also the one that asks. The
        test keys that it made go with it as soon as the sandbox answers."""
        clave = _suya(request, clave_id)
        revocar_clave(clave=clave, actor=actor_de_api(request))
        clave.refresh_from_db()
        return Response(ClaveSerializer(clave).data)
