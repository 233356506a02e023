"""All writes of imports but those of their rows: uploading a file, correcting its columns, applying
it, stopping it. A task works through it (``avance``)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.fernet import InvalidToken
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alpespartner.comun import cola
from alpespartner.comun.actores import Actor
from alpespartner.comun.cifrado import cifrar, descifrar
from alpespartner.comun.documentos.errores import TablaIlegible
from alpespartner.comun.documentos.tablas import Tabla, leer_tabla
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_motivo
from conversiones.campanas.models import Campana
from conversiones.fuentes.columnas import exigir_columnas, faltan, reconocer
from conversiones.fuentes.errores import (
    ColumnaDesconocida,
    FicheroYaAplicado,
    ImportacionAjena,
    NadaQueImportar,
    NoPuedeImportar,
)
from conversiones.fuentes.estados import (
    CORREGIBLES,
    IMPORTACION,
    SIN_APLICAR,
    EstadoImportacion,
    TipoImportacion,
)
from conversiones.fuentes.models import FicheroImportado, FilaImportada, Importacion

# What each kind takes besides importing: to do one of them by hand.
PERMISOS: Mapping[str, str] = {
    TipoImportacion.VENTAS: "conversiones.add_conversion",
    TipoImportacion.DEVOLUCIONES: "conversiones.devolver_conversion",
    TipoImportacion.AFILIADOS: "afiliados.add_afiliado",
}
IMPORTAR = "conversiones.add_importacion"
# One that nobody applied is forgotten after this long, with its file.
OLVIDO = timedelta(days=1)
_VIEJAS = Ronda()
# Bytes as text and back.
_BYTES = "latin-1"


def subir_fichero(
    *,
    tipo: str,
    contenido: bytes,
    nombre: str,
    actor: Actor,
    campana: Campana | None = None,
    zona: str = "UTC",
) -> Importacion:
    """Take a file, and rehearse it once its columns are known; nothing is applied until it is
    confirmed.

    Raises :class:`TablaIlegible`, :class:`FicheroYaAplicado` for a content that was applied before,
    :class:`NoPuedeImportar`, and :class:`DatoInvalido` for an unknown kind or zone.
    """
    if tipo not in TipoImportacion.values:
        raise DatoInvalido(_("No es algo que se importe."), campo="tipo")
    if not puede_importar(actor, tipo):
        raise NoPuedeImportar(campo="tipo")
    _exigir_zona(zona)
    tabla = leer_tabla(contenido)
    huella = hashlib.sha256(contenido).hexdigest()
    _exigir_sin_aplicar(huella)
    columnas = reconocer(tipo, tabla.cabecera)
    with transaction.atomic():
        importacion = Importacion.objects.create(
            id_publico=nuevo_id("imp"),
            tipo=tipo,
            nombre=nombre[:200],
            huella=huella,
            codificacion=tabla.codificacion,
            separador=tabla.separador,
            cabecera=list(tabla.cabecera),
            columnas=columnas,
            campana=campana,
            zona=zona,
            total=len(tabla.filas),
            creada_por=str(actor),
        )
        FicheroImportado.objects.create(
            importacion=importacion, contenido_cifrado=cifrar(contenido.decode(_BYTES))
        )
        paso(
            entidad="importacion", entidad_id=importacion.id_publico, accion="subir", actor=actor,
        ).save()  # fmt: skip
        if not faltan(tipo, columnas):
            _ensayar(importacion, actor, "ensayar")
    return importacion


def _exigir_zona(zona: str) -> None:
    try:
        ZoneInfo(zona)
    except (KeyError, ValueError, OSError):
        raise DatoInvalido(
            _("«%(zona)s» no es una zona horaria, como America/Bogota.") % {"zona": zona[:60]},
            campo="zona",
        ) from None


def _exigir_sin_aplicar(huella: str) -> None:
    antes = Importacion.objects.filter(aplicada=huella).first()
    if antes is not None:
        raise FicheroYaAplicado(
            _("Este mismo fichero ya se aplicó el %(cuando)s, por %(quien)s (%(id)s).")
            % {
                "cuando": date_format(antes.confirmada_en or antes.creada_en, "DATETIME_FORMAT"),
                "quien": _nombre_de(antes.creada_por),
                "id": antes.id_publico,
            }
        )


def _nombre_de(actor: str) -> str:
    pk = actor.partition(":")[2]
    usuario = User.objects.filter(pk=pk).first() if actor.startswith("persona:") else None
    return actor if usuario is None else usuario.get_full_name() or usuario.get_username()


def cambiar_columnas(
    *, importacion: Importacion, columnas: Mapping[str, str], actor: Actor
) -> Importacion:
    """Say under which header each field is, and rehearse it again.

    Raises :class:`ColumnaDesconocida`, :class:`FaltanColumnas`, :class:`ImportacionAjena` and
    TransicionInvalida.
    """
    with transaction.atomic():
        actual = _suya(importacion, actor)
        if actual.estado not in CORREGIBLES:
            IMPORTACION.exigir(actual, EstadoImportacion.ENSAYANDO)
            raise ColumnaDesconocida(_("Espera a que termine el ensayo."))
        actual.columnas = exigir_columnas(actual.tipo, actual.cabecera, columnas)
        _ensayar(actual, actor, "cambiar_columnas")
    return actual


def _ensayar(importacion: Importacion, actor: Actor, accion: str) -> None:
    _de_nuevo(importacion)
    _pasar(importacion, EstadoImportacion.ENSAYANDO, accion, actor, campos=("columnas",))


def _de_nuevo(importacion: Importacion) -> None:
    """From the first row, with nothing counted."""
    FilaImportada.objects.filter(importacion=importacion).delete()
    importacion.hasta = importacion.creadas = importacion.ya = importacion.rechazadas = 0
    importacion.sumas = {}


CUENTAS = ("hasta", "creadas", "ya", "rechazadas", "sumas")


def _pasar(
    importacion: Importacion,
    destino: EstadoImportacion,
    accion: str,
    actor: Actor,
    *,
    motivo: str = "",
    datos: dict[str, Any] | None = None,
    campos: tuple[str, ...] = (),
) -> None:
    IMPORTACION.transitar(
        importacion, destino, accion=accion, actor=actor, motivo=motivo, datos=datos,
        campos=(*CUENTAS, *campos),
    )  # fmt: skip
    encolar(importacion.pk)


def confirmar_importacion(*, importacion: Importacion, actor: Actor) -> Importacion:
    """Apply a file, from now on, in the name of whoever uploaded it; a task does it.

    Raises :class:`ImportacionAjena`, :class:`NoPuedeImportar`, :class:`NadaQueImportar`,
    :class:`FicheroYaAplicado` and TransicionInvalida.
    """
    with transaction.atomic():
        actual = _suya(importacion, actor)
        IMPORTACION.exigir(actual, EstadoImportacion.EN_CURSO)
        if not puede_importar(actor, actual.tipo):
            raise NoPuedeImportar()
        if actual.estado == EstadoImportacion.POR_CONFIRMAR:
            if not actual.creadas:
                raise NadaQueImportar()
            _exigir_sin_aplicar(actual.huella)
            _de_nuevo(actual)
            actual.aplicada, actual.confirmada_en = actual.huella, timezone.now()
            accion = "confirmar"
        else:
            accion = "reanudar"
        try:
            with transaction.atomic():
                _pasar(
                    actual, EstadoImportacion.EN_CURSO, accion, actor,
                    campos=("aplicada", "confirmada_en"),
                )  # fmt: skip
        except IntegrityError:
            _exigir_sin_aplicar(actual.huella)
            raise
    return actual


def detener_importacion(*, importacion: Importacion, actor: Actor, motivo: str) -> Importacion:
    """Stop an import; what was created stays. A reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = _bloquear(importacion)
        _pasar(actual, EstadoImportacion.DETENIDA, "detener", actor, motivo=motivo)
    return actual


def quien_no_confirma(importacion: Importacion, actor: Actor) -> str:
    """Why somebody may not apply a file; "" when they may."""
    return "" if importacion.creada_por == str(actor) else str(ImportacionAjena.texto)


def puede_importar(actor: Actor, tipo: str) -> bool:
    """Whether an author may still import that: a person of the staff with the permissions for it,
    or whoever runs the commands of the server."""
    if actor.tipo == "sistema":
        return True
    if actor.tipo != "persona" or not actor.id.isdecimal() or tipo not in PERMISOS:
        return False
    usuario = User.objects.filter(pk=actor.id, is_active=True, is_staff=True).first()
    return usuario is not None and usuario.has_perms((IMPORTAR, PERMISOS[tipo]))


def tabla_de(importacion_pk: int) -> Tabla:
    """The table of a file that was taken. Raises :class:`TablaIlegible`."""
    fichero = FicheroImportado.objects.filter(pk=importacion_pk).first()
    if fichero is None:
        raise TablaIlegible(_("El fichero ya no está."))
    try:
        contenido = descifrar(fichero.contenido_cifrado).encode(_BYTES)
    except (InvalidToken, UnicodeEncodeError):
        raise TablaIlegible(_("El fichero guardado no se puede leer.")) from None
    return leer_tabla(contenido)


def encolar(importacion_pk: int) -> None:
    """Queue the work when the transaction commits; the sweeper covers a lost one."""
    cola.encolar("importaciones.avanzar", importacion_pk)


def olvidar_sin_aplicar() -> int:
    """Forget the files that nobody applied in time; returns how many."""
    viejas = Importacion.objects.filter(
        estado__in=SIN_APLICAR, actualizado_en__lt=timezone.now() - OLVIDO
    )
    return _VIEJAS.cada(viejas, 20, olvidar, "importación sin aplicar")


def olvidar(importacion_pk: int) -> bool:
    """Delete one that was not applied, with its file and rows; whether it was."""
    suya = Importacion.objects.filter(pk=importacion_pk, estado__in=SIN_APLICAR)
    with transaction.atomic():
        # Somebody may be confirming it.
        if not suya.select_for_update(skip_locked=True).exists():
            return False
        FilaImportada.objects.filter(importacion=importacion_pk).delete()
        FicheroImportado.objects.filter(importacion=importacion_pk).delete()
        suya.delete()
    return True


def _suya(importacion: Importacion, actor: Actor) -> Importacion:
    actual = _bloquear(importacion)
    if actual.creada_por != str(actor):
        raise ImportacionAjena()
    return actual


def _bloquear(importacion: Importacion) -> Importacion:
    return Importacion.objects.select_for_update().get(pk=importacion.pk)
