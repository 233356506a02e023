"""Reads of campaigns."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar
from conversiones.campanas.busqueda import CAMPANAS
from conversiones.campanas.destinos import admite, sitio_de
from conversiones.campanas.errores import CampanaDesconocida, SinCampanaPredeterminada
from conversiones.campanas.estados import EstadoCampana
from conversiones.campanas.models import Campana

_PREDETERMINADA = ConsultaFija(Campana.objects.filter(predeterminada=True))
_POR_ID = ConsultaFija(Campana.objects.filter(id_publico=""))
_POR_REFERENCIA = ConsultaFija(Campana.objects.filter(referencia_externa=""))


def campanas_visibles(clave: Credencial) -> QuerySet[Campana]:
    """Campaigns that a key may see: an affiliate does not see drafts."""
    if clave.afiliado_id:
        publicas = [e for e in EstadoCampana.values if e != EstadoCampana.BORRADOR]
        return Campana.objects.filter(estado__in=publicas)
    return Campana.objects.all()


def pedir_campana(
    remesa: Remesa, referencia: str | None, campo: str = "campana_id"
) -> Callable[[], Campana]:
    """Ask for a campaign by public id or external reference, the default one for None; it is given
    once all is sent.

    What gives it raises :class:`CampanaDesconocida` or :class:`SinCampanaPredeterminada`.
    """
    if referencia is None:
        predeterminadas = remesa.leer(_PREDETERMINADA)

        def dar_la_predeterminada() -> Campana:
            if not predeterminadas:
                raise SinCampanaPredeterminada(campo=campo)
            return predeterminadas[0]

        return dar_la_predeterminada

    nombre = normalizar(referencia)
    antes, despues = _POR_ID, _POR_REFERENCIA
    if not es_nuestro(nombre):
        antes, despues = despues, antes
    halladas = remesa.leer(antes, nombre)

    def dar() -> Campana:
        campana = next(iter(halladas), None) or despues.primera(nombre)
        if campana is None:
            raise CampanaDesconocida(
                _("No hay una campaña «%(referencia)s».") % {"referencia": nombre[:64]}, campo=campo
            )
        return campana

    return dar


def ids_de_campanas(texto: str) -> list[int]:
    """Keys of the campaigns with this public id or external reference, or whose name, reference or
    short id has it (``CAMPANAS``). Every part is a probe or a range of an index."""
    texto = normalizar(texto)
    exactas = claves_de(Campana.objects.filter(Q(id_publico=texto) | Q(referencia_externa=texto)))
    halladas = [] if es_nuestro(texto) else claves(CAMPANAS, texto)
    return list(dict.fromkeys([*exactas, *halladas]))


def lleva_a_un_sitio(direccion: str) -> bool:
    """Whether an address may be the page of a campaign."""
    return sitio_de(direccion, http_local=not settings.HTTPS) is not None


def sitios_de(campana: Campana) -> frozenset[str]:
    """Hosts that a campaign's links may lead to: that of its page, and those that it lists."""
    propio = sitio_de(campana.pagina, http_local=not settings.HTTPS)
    listados = (sitio for sitio in campana.destinos if isinstance(sitio, str))
    return frozenset([*listados, *([propio] if propio else [])])


def admite_destino(direccion: str, sitios: Collection[str]) -> bool:
    """Whether an address leads to one of some hosts, and to no other by any reading of it."""
    return admite(direccion, sitios, http_local=not settings.HTTPS)


def exigir_campana(referencia: str | None, campo: str = "campana_id") -> Campana:
    """The campaign of :func:`pedir_campana`, whose errors it raises."""
    remesa = Remesa()
    campana = pedir_campana(remesa, referencia, campo)
    remesa.enviar()
    return campana()
