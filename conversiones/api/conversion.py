"""``/api/v1/conversiones/{id}``: reading a sale, changing it and putting it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoNombre, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.nombres import PorNombre, UnoVisible
from alpespartner.comun.api.permisos import exigir_alcance
from alpespartner.comun.api.version import ConVersion, con_etiqueta, versiones_vistas
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.dinero import texto
from alpespartner.comun.errores import VersionDistinta
from alpespartner.comun.identificadores import es_nuestro
from conversiones.api.serializers import (
    CampoMetadatos,
    CampoValor,
    ConversionSerializer,
    NuevaConversionSerializer,
)
from conversiones.ventas.cambio import (
    CambiosDeVenta,
    cambiar_conversion,
    poner_conversion,
    valor_corregido,
)
from conversiones.ventas.devoluciones import queda_de
from conversiones.ventas.errores import ConversionDuplicada, ConversionFija
from conversiones.ventas.models import MAX_REFERENCIA, Conversion
from conversiones.ventas.selectors import (
    buscar_conversion,
    conversiones_con_partes,
    conversiones_visibles,
    exigir_partes,
)
from conversiones.ventas.services import NuevaConversion, registrar_conversion


def _motivo() -> serializers.CharField:
    return serializers.CharField(
        max_length=500, required=False, help_text=gettext_lazy("Obligatorio si vale menos.")
    )


class CambiosDeConversionSerializer(SerializadorEstricto):
    """What changes of a sale; what is absent stays."""

    referencia_externa = CampoNombre(
        max_length=MAX_REFERENCIA,
        required=False,
        help_text=gettext_lazy("Solo si no tiene ninguna."),
    )
    metadatos = CampoMetadatos(
        required=False,
        help_text=gettext_lazy(
            "Solo cambian las claves que vienen; null quita una. Impuesto, envío y descuento no "
            "cambian."
        ),
    )
    valor_conversion = CampoValor(
        required=False,
        help_text=gettext_lazy(
            "Lo vendido, sin contar devoluciones: solo a menos, y con «conversiones:devolver»."
        ),
    )
    motivo = _motivo()


class PonerConversionSerializer(NuevaConversionSerializer):
    """A sale as it is to be, under the reference that its path says."""

    referencia_externa = None  # type: ignore[assignment]
    motivo = _motivo()


class ConversionEnteraSerializer(ConversionSerializer):
    """A sale with what is left of it."""

    devuelto = serializers.SerializerMethodField()
    queda = serializers.SerializerMethodField()

    def to_representation(self, instance: Conversion) -> Any:
        """What is left, read once."""
        instance.queda = queda_de(instance)  # type: ignore[attr-defined]
        return super().to_representation(instance)

    def get_devuelto(self, conversion: Any) -> str:
        """What was taken back of it, or its price was reduced by: decimal string."""
        return texto(conversion.valor - conversion.queda, conversion.moneda)

    def get_queda(self, conversion: Any) -> str:
        """What is left of it: decimal string."""
        return texto(conversion.queda, conversion.moneda)


class ConversionView(ConVersion, PorNombre, generics.RetrieveAPIView[Conversion]):
    """One conversion."""

    alcances = {
        "GET": Alcance.CONVERSIONES_LEER,
        "PATCH": Alcance.CONVERSIONES_CAMBIAR,
        "PUT": Alcance.CONVERSIONES_CAMBIAR,
    }
    serializer_class = ConversionEnteraSerializer
    lookup_field = "id_publico"
    lookup_url_kwarg = "conversion_id"
    queryset = Conversion.objects.all()
    uno = UnoVisible(conversiones_con_partes())

    def get_queryset(self) -> QuerySet[Conversion]:
        return conversiones_visibles(credencial(self.request))

    @extend_schema(
        operation_id="conversiones_cambiar",
        request=CambiosDeConversionSerializer,
        responses=ConversionEnteraSerializer,
    )
    def patch(self, request: Request, conversion_id: str) -> Response:
        """Change what is said of a sale, as it was read (`If-Match`).

        A lower `valor_conversion` is written as a refund of the difference, with its `motivo`: its
        commissions follow. What decided whose the sale is, or what it earns, is a 409
        `conversion_fija`.
        """
        datos = CambiosDeConversionSerializer.leer(request.data)
        vistas = versiones_vistas(request, exigir=True)
        venta = self.get_object()
        if "valor_conversion" in datos:
            exigir_alcance(request, Alcance.CONVERSIONES_DEVOLVER)
        cambios = CambiosDeVenta(valor=datos.pop("valor_conversion", None), **datos)
        return _dicha(
            reintentar(
                lambda: cambiar_conversion(
                    conversion=venta, cambios=cambios, actor=actor_de_api(request), vistas=vistas
                )
            )
        )

    @extend_schema(
        operation_id="conversiones_poner",
        request=PonerConversionSerializer,
        responses={200: ConversionEnteraSerializer, 201: ConversionEnteraSerializer},
    )
    def put(self, request: Request, conversion_id: str) -> Response:
        """Have a sale be as it is said, whole, by its id or your own reference in its campaign: one
        that is not there is registered (201, which also needs `conversiones:escribir`); of one that
        is, the metadata is what comes, and the value may go down as with PATCH. Sending it again
        changes nothing: who sold and who bought are not looked at twice.
        """
        datos = PonerConversionSerializer.leer(request.data)
        vistas = versiones_vistas(request, exigir=False)
        motivo = datos.pop("motivo", "")
        if es_nuestro(conversion_id):
            suya = self.get_object()
            dicha = _dicha_por(request, {"campana_id": suya.campana.id_publico, **datos})
            if dicha.campana != suya.campana:
                raise ConversionFija(campo="campana_id")
            return self._poner(request, suya, dicha, motivo, vistas)
        dicha = _dicha_por(request, datos)
        conocida = buscar_conversion(conversion_id, dicha.campana, self.get_queryset())
        if conocida is None:
            if vistas is not None:
                raise VersionDistinta()
            nueva = self._registrar(request, conversion_id, dicha)
            if nueva is not None:
                return _dicha(nueva, estado=201)
            # Another request registered it meanwhile.
            conocida = buscar_conversion(conversion_id, dicha.campana, self.get_queryset())
            if conocida is None:
                raise Http404
        return self._poner(request, conocida, dicha, motivo, vistas)

    def _registrar(
        self, request: Request, referencia: str, dicha: NuevaConversion
    ) -> Conversion | None:
        """The new sale, or None when there is one of that reference by now."""
        exigir_alcance(request, Alcance.CONVERSIONES_ESCRIBIR)
        nueva = replace(dicha, referencia_externa=referencia)
        try:
            return reintentar(
                lambda: registrar_conversion(datos=nueva, actor=actor_de_api(request))
            )
        except ConversionDuplicada:
            return None

    def _poner(
        self,
        request: Request,
        suya: Conversion,
        dicha: NuevaConversion,
        motivo: str,
        vistas: frozenset[int] | None,
    ) -> Response:
        if dicha.valor != valor_corregido(suya):
            exigir_alcance(request, Alcance.CONVERSIONES_DEVOLVER)
        return _dicha(
            reintentar(
                lambda: poner_conversion(
                    conversion=suya, dicha=dicha, motivo=motivo, actor=actor_de_api(request),
                    vistas=vistas,
                )
            )
        )  # fmt: skip


def _dicha_por(request: Request, datos: dict[str, Any]) -> NuevaConversion:
    afiliado, campana = exigir_partes(
        afiliado=datos.pop("afiliado_id", None),
        campana=datos.pop("campana_id", None),
        clave=credencial(request),
    )
    return NuevaConversion(
        afiliado=afiliado,
        campana=campana,
        valor=datos.pop("valor_conversion"),
        antigua=credencial(request).permite(Alcance.CONVERSIONES_ANTIGUAS),
        **datos,
    )


def _dicha(venta: Conversion, estado: int = 200) -> Response:
    return con_etiqueta(Response(ConversionEnteraSerializer(venta).data, status=estado), venta)
