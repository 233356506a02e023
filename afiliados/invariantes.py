"""What holds of affiliates at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.utils import timezone

from afiliados.afiliado.configuracion import vencidas
from afiliados.afiliado.documentos import documento_valido
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado, CondicionesAfiliado
from afiliados.afiliado.selectors import CONDICIONES, correo_unico_de, otro_con_su_correo
from afiliados.claves.models import ClaveAPI
from afiliados.cuentas.models import CuentaBancaria
from afiliados.errores import DocumentoInvalido
from afiliados.personales.services import NOMBRE
from alpespartner.comun.historial import historial_de
from alpespartner.comun.invariantes import TARDE, Comprobacion
from alpespartner.comun.models import Tachadura
from alpespartner.comun.tachado import TARDE as TACHADO_TARDE
from outbox.invariantes import exigir_evento

exigir_evento("AfiliadoRegistrado", Afiliado.objects.all)


def _desde(fila: CondicionesAfiliado) -> tuple[bool, Any, int]:
    """Where a row stands among those of its affiliate; one without a date comes first."""
    return fila.desde is not None, fila.desde, fila.pk


def _en_vigor() -> Iterator[str]:
    """An affiliate's columns are the newest of its terms that it got."""
    vigentes: dict[int, CondicionesAfiliado] = {}
    # Not in order: MySQL has no room to sort rows of any width.
    aplicadas = CondicionesAfiliado.objects.exclude(aplicada_en=None).select_related("afiliado")
    for fila in aplicadas.order_by().iterator():
        previa = vigentes.get(fila.afiliado_id)
        if previa is None or _desde(previa) <= _desde(fila):
            vigentes[fila.afiliado_id] = fila
    for fila in vigentes.values():
        suyo = fila.afiliado
        if any(getattr(suyo, c) != getattr(fila, c) for c in (*CONDICIONES, "referente_id")):
            yield f"{suyo.id_publico}: sus condiciones no son las que están en vigor"
    for suyo in Afiliado.objects.filter(con_condiciones=False, condiciones__isnull=False):
        yield f"{suyo.id_publico}: tiene condiciones con fecha y no lo dice"


def _de_dos() -> Iterator[str]:
    for fila in (
        CondicionesAfiliado.objects.exclude(confirmada_por="")
        .filter(confirmada_por=F("publicada_por"))
        .select_related("afiliado")
    ):
        yield f"{fila.afiliado.id_publico}: confirmó sus condiciones quien las propuso"


def _tarde() -> Iterator[str]:
    tarde = CondicionesAfiliado.objects.filter(aplicada_en=None, desde__lt=timezone.now() - TARDE)
    for fila in tarde.select_related("afiliado"):
        yield f"{fila.afiliado.id_publico}: le tocaban otras condiciones desde {fila.desde}"
    for otra in vencidas().filter(desde__lt=timezone.now() - TARDE).select_related("afiliado"):
        yield f"{otra.afiliado.id_publico}: le tocaba otra configuración desde {otra.desde}"


def _suspensiones() -> Iterator[str]:
    con_fecha = Afiliado.objects.exclude(suspendido_hasta=None)
    for suyo in con_fecha.exclude(estado=EstadoAfiliado.SUSPENDIDO):
        yield f"{suyo.id_publico}: tiene fecha de vuelta y no está suspendido"


def _vueltas_tarde() -> Iterator[str]:
    for suyo in Afiliado.objects.filter(
        estado=EstadoAfiliado.SUSPENDIDO, suspendido_hasta__lt=timezone.now() - TARDE
    ):
        yield f"{suyo.id_publico}: estaba suspendido hasta {suyo.suspendido_hasta}"


def _claves_de_cerrados() -> Iterator[str]:
    cerrados = ClaveAPI.objects.filter(
        afiliado__estado=EstadoAfiliado.CERRADO, revocada_en=None
    ).select_related("afiliado")
    for clave in cerrados:
        yield f"{clave.id_clave}: sigue viva, y {clave.afiliado_publico} está cerrado"


def _borrados() -> Iterator[str]:
    """Who was erased has nothing again."""
    for suyo in Afiliado.objects.exclude(borrado_en=None):
        que = [
            campo
            for campo in ("email", "correo_unico", "telefono", "documento_numero")
            if getattr(suyo, campo)
        ]
        if suyo.nombre != NOMBRE:
            que.append("nombre")
        if CuentaBancaria.objects.filter(afiliado=suyo).exists():
            que.append("cuenta")
        if any("personales" in p.datos for p in historial_de("afiliado", suyo.id_publico)):
            que.append("historial")
        if que:
            yield f"{suyo.id_publico}: se borró, y tiene {', '.join(que)}"


def _por_tachar() -> Iterator[str]:
    for una in Tachadura.objects.filter(creada_en__lt=timezone.now() - TACHADO_TARDE):
        yield f"{una.entidad_id}: se borró el {una.creada_en:%Y-%m-%d} y aún no se ha tachado"


def _correos_repetidos() -> Iterator[str]:
    for suyo in Afiliado.objects.filter(correo_unico=None).iterator():
        if otro := otro_con_su_correo(suyo):
            yield f"{suyo.id_publico}: su correo lo tiene también {otro.id_publico}"


def _correos_marcados() -> Iterator[str]:
    for suyo in Afiliado.objects.exclude(correo_unico=None).only("id_publico", "email",
                                                                 "correo_unico"):  # fmt: skip
        if suyo.correo_unico != correo_unico_de(suyo.email):
            yield f"{suyo.id_publico}: su correo no es el que se compara con los de otros"


def _documentos() -> Iterator[str]:
    """Those from before they were checked, and of no kind that is."""
    con = Afiliado.objects.exclude(documento_numero=None)
    for suyo in con.only("id_publico", "documento_tipo", "documento_pais", "documento_numero"):
        suya = (suyo.documento_tipo, suyo.documento_pais, suyo.documento_numero)
        try:
            bueno = documento_valido(*map(str, suya)) == suya
        except DocumentoInvalido:
            bueno = False
        if not bueno:
            yield f"{suyo.id_publico}: su documento no es de los que se comprueban: corrígelo"


COMPROBACIONES = (
    Comprobacion("De quien se borró no queda quién era", _borrados),
    Comprobacion("A quien se borró se le tacha en un día", _por_tachar, aviso=True),
    Comprobacion("Solo quien está suspendido tiene fecha de vuelta", _suspensiones),
    Comprobacion("Las claves de quien se cerró no sirven", _claves_de_cerrados),
    Comprobacion("Los suspendidos vuelven a su hora", _vueltas_tarde, aviso=True),
    Comprobacion("El correo de cada afiliado se compara como es", _correos_marcados),
    Comprobacion("Ningún correo es de dos afiliados", _correos_repetidos, aviso=True),
    Comprobacion("Los documentos de los afiliados se pueden comprobar", _documentos, aviso=True),
    Comprobacion("Cada afiliado tiene las condiciones que están en vigor", _en_vigor),
    Comprobacion("Nadie confirma las condiciones que propuso", _de_dos),
    Comprobacion("Las condiciones entran en vigor a su hora", _tarde, aviso=True),
)
