"""``/api/v1/campanas/{id}/inscripciones`` and its terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoNombre, MotivoSerializer, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import FiltroNombre, uno_llamado
from alpespartner.comun.errores import DatoInvalido
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import campanas_visibles
from conversiones.inscripciones import services
from conversiones.inscripciones.estados import EstadoInscripcion
from conversiones.inscripciones.models import Inscripcion, TerminosCampana
from conversiones.inscripciones.selectors import inscripciones_visibles, terminos_vigentes
from conversiones.ventas.selectors import exigir_afiliado

_MAX_VERSION = 1_000_000


class NuevaInscripcionSerializer(SerializadorEstricto):
    """Whom to invite; an affiliate's own key asks for itself, with the terms that it accepts."""

    afiliado_id = CampoNombre(max_length=64, required=False)
    terminos = serializers.IntegerField(min_value=0, max_value=_MAX_VERSION, required=False)


class SinDatosSerializer(SerializadorEstricto):
    """Nothing to say."""


class InscripcionSerializer(serializers.Serializer[Inscripcion]):
    """An enrolment as partners see it."""

    inscripcion_id = serializers.CharField(source="id_publico")
    campana_id = serializers.CharField(source="campana.id_publico")
    afiliado_id = serializers.CharField(source="afiliado.id_publico")
    estado = serializers.CharField()
    terminos = serializers.IntegerField()
    aceptados_en = serializers.DateTimeField(allow_null=True)
    creada_en = serializers.DateTimeField()
    actualizada_en = serializers.DateTimeField(source="actualizado_en")


class TerminosSerializer(serializers.Serializer[TerminosCampana]):
    """A version of the terms of a campaign."""

    version = serializers.IntegerField(source="numero")
    texto = serializers.CharField()
    publicados_en = serializers.DateTimeField(source="publicado_en")


class FiltroInscripciones(django_filters.FilterSet):
    """Filters of the list."""

    estado = django_filters.ChoiceFilter(choices=EstadoInscripcion.choices)
    afiliado_id = FiltroNombre("afiliado", max_length=64)

    class Meta:
        model = Inscripcion
        fields = ("estado", "afiliado_id")


def _campana(request: Request, campana_id: str) -> Campana:
    return uno_llamado(campanas_visibles(credencial(request)), campana_id)


def _suya(request: Request, campana_id: str, inscripcion_id: str) -> Inscripcion:
    """One that the key sees, of that campaign; another one's is a 404."""
    visibles = inscripciones_visibles(credencial(request))
    return get_object_or_404(
        visibles, id_publico=inscripcion_id, campana=_campana(request, campana_id)
    )


class InscripcionesView(generics.ListAPIView[Inscripcion]):
    """List enrolments of a campaign, ask for one, or invite."""

    alcances = {"GET": Alcance.CAMPANAS_LEER, "POST": Alcance.INSCRIPCIONES_ESCRIBIR}
    serializer_class = InscripcionSerializer
    filterset_class = FiltroInscripciones
    queryset = Inscripcion.objects.all()

    def get_queryset(self) -> QuerySet[Inscripcion]:
        if getattr(self, "swagger_fake_view", False):
            return Inscripcion.objects.none()
        campana = _campana(self.request, self.kwargs["campana_id"])
        return inscripciones_visibles(credencial(self.request)).filter(campana=campana)

    @extend_schema(
        operation_id="inscripciones_crear",
        request=NuevaInscripcionSerializer,
        responses={201: InscripcionSerializer},
    )
    @idempotente
    def post(self, request: Request, campana_id: str) -> Response:
        """Invite an affiliate. With its own key it asks to be in, accepts its invitation or, when
        it is in, the newer terms."""
        datos = NuevaInscripcionSerializer.leer(request.data)
        clave = credencial(request)
        campana, actor = _campana(request, campana_id), actor_de_api(request)
        nombre = datos.get("afiliado_id") or clave.afiliado_publico
        if not nombre:
            raise DatoInvalido(_("Di a qué afiliado se invita."), campo="afiliado_id")
        afiliado = exigir_afiliado(nombre, clave)
        if clave.afiliado_id is None:
            hecha = services.invitar(campana=campana, afiliado=afiliado, actor=actor)
        else:
            hecha = services.solicitar(
                campana=campana, afiliado=afiliado, terminos=datos.get("terminos", 0), actor=actor
            )
        return Response(InscripcionSerializer(hecha).data, status=201)


class InscripcionView(APIView):
    """One enrolment."""

    alcances = {"GET": Alcance.CAMPANAS_LEER}

    @extend_schema(operation_id="inscripciones_leer", responses={200: InscripcionSerializer})
    def get(self, request: Request, campana_id: str, inscripcion_id: str) -> Response:
        """One enrolment."""
        suya = _suya(request, campana_id, inscripcion_id)
        return Response(InscripcionSerializer(suya).data)


class TerminosView(APIView):
    """The terms of a campaign that are in force."""

    alcances = {"GET": Alcance.CAMPANAS_LEER}

    @extend_schema(operation_id="campanas_terminos", responses={200: TerminosSerializer})
    def get(self, request: Request, campana_id: str) -> Response:
        """What affiliates accept to be in; 404 when there is nothing to accept."""
        vigentes = terminos_vigentes(_campana(request, campana_id))
        if vigentes is None:
            raise Http404
        return Response(TerminosSerializer(vigentes).data)


class _PasoView(APIView):
    """A step of one enrolment."""

    entrada: type[SerializadorEstricto] = MotivoSerializer
    servicio: Callable[..., Inscripcion]

    def dar(self, request: Request, campana_id: str, inscripcion_id: str) -> Response:
        datos: dict[str, Any] = self.entrada.leer(request.data)
        suya = _suya(request, campana_id, inscripcion_id)
        hecha = type(self).servicio(inscripcion=suya, actor=actor_de_api(request), **datos)
        return Response(InscripcionSerializer(hecha).data)


class AprobarInscripcionView(_PasoView):
    """Let one in."""

    alcances = {"POST": Alcance.INSCRIPCIONES_DECIDIR}
    entrada = SinDatosSerializer
    servicio = staticmethod(services.aprobar_inscripcion)

    @extend_schema(
        operation_id="inscripciones_aprobar",
        request=SinDatosSerializer,
        responses={200: InscripcionSerializer},
    )
    @idempotente
    def post(self, request: Request, campana_id: str, inscripcion_id: str) -> Response:
        """Enrol an affiliate that asked or was invited."""
        return self.dar(request, campana_id, inscripcion_id)


class RechazarInscripcionView(_PasoView):
    """Turn one down."""

    alcances = {"POST": Alcance.INSCRIPCIONES_DECIDIR}
    servicio = staticmethod(services.rechazar_inscripcion)

    @extend_schema(
        operation_id="inscripciones_rechazar",
        request=MotivoSerializer,
        responses={200: InscripcionSerializer},
    )
    @idempotente
    def post(self, request: Request, campana_id: str, inscripcion_id: str) -> Response:
        """Turn down an affiliate that asked, or take an invitation back."""
        return self.dar(request, campana_id, inscripcion_id)


class RetirarInscripcionView(_PasoView):
    """Take one out."""

    alcances = {"POST": Alcance.INSCRIPCIONES_ESCRIBIR}
    servicio = staticmethod(services.retirar_inscripcion)

    @extend_schema(
        operation_id="inscripciones_retirar",
        request=MotivoSerializer,
        responses={200: InscripcionSerializer},
    )
    @idempotente
    def post(self, request: Request, campana_id: str, inscripcion_id: str) -> Response:
        """Take an affiliate out of a campaign; with its own key it leaves."""
        return self.dar(request, campana_id, inscripcion_id)
