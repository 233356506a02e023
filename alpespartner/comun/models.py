"""Tables and bases of every context: append-only rows, history, idempotent requests, turns, pieces
of what is searched, proposals, exports."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import CampoJSON, campo_id_publico
from alpespartner.comun.errores import FilaInmutable
from alpespartner.comun.identificadores import LARGO_ID
from alpespartner.comun.vocabulario import nombre_de_accion

_M = TypeVar("_M", bound=models.Model)


class ConsultaSoloInsercion(models.QuerySet[_M]):
    """Query set that inserts and reads, and refuses the rest."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise FilaInmutable(f"{self.model.__name__}: update")

    def delete(self) -> NoReturn:
        raise FilaInmutable(f"{self.model.__name__}: delete")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FilaInmutable(f"{self.model.__name__}: bulk_update")


class SoloInsercion(models.Model):
    """Base of append-only tables: financial lines, history and events."""

    objects = ConsultaSoloInsercion.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; raises :class:`FilaInmutable` for a row that exists."""
        if not self._state.adding:
            raise FilaInmutable(f"{type(self).__name__}: save")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FilaInmutable(f"{type(self).__name__}: delete")


class Historial(SoloInsercion):
    """One step in the life of an aggregate: who did what, from which state to which, and why."""

    entidad = models.CharField(_("entidad"), max_length=32)
    entidad_id = models.CharField(_("identificador"), max_length=40)
    accion = models.CharField(_("acción"), max_length=40)
    estado_anterior = models.CharField(_("estado anterior"), max_length=24, blank=True)
    estado_nuevo = models.CharField(_("estado nuevo"), max_length=24, blank=True)
    actor = models.CharField(_("autor"), max_length=80)
    motivo = models.CharField(_("motivo"), max_length=500, blank=True)
    datos = CampoJSON(_("datos"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    creado_en = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        verbose_name = _("paso del historial")
        verbose_name_plural = _("historial")
        indexes = [models.Index(fields=["entidad", "entidad_id", "id"], name="historial_entidad")]

    def __str__(self) -> str:
        return f"{nombre_de_accion(self.entidad, self.accion)} {self.entidad_id}"


class PeticionIdempotente(models.Model):
    """Answer already given to a request, kept in the transaction of its effect.

    ``ambito`` is who may repeat it (a key and a route), ``clave`` is what the client called it and
    ``huella`` the SHA-256 of what it asked: the same key with another body is a conflict.
    """

    ambito = models.CharField(max_length=120)
    clave = models.CharField(max_length=255)
    huella = models.CharField(max_length=64)
    estado_http = models.PositiveSmallIntegerField(default=0)
    respuesta = CampoJSON(default=dict, encoder=DjangoJSONEncoder)
    creada_en = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("petición idempotente")
        verbose_name_plural = _("peticiones idempotentes")
        constraints = [
            models.UniqueConstraint(fields=["ambito", "clave"], name="peticion_unica"),
        ]

    def __str__(self) -> str:
        return f"{self.ambito} {self.clave}"


class Turno(models.Model):
    """What one transaction at a time works on, by name: an affiliate, a campaign, a series."""

    clave = models.CharField(_("clave"), max_length=32, primary_key=True)

    class Meta:
        verbose_name = _("turno")
        verbose_name_plural = _("turnos")

    def __str__(self) -> str:
        return self.clave


class Trozo(models.Model):
    """A piece of what a row is searched by (``comun/busqueda/``): ``de`` says of which table it is,
    and ``fila`` is its key there. It is no foreign key: writing one locks the row that it names.

    There is one order and one key: the row is as narrow as can be, for a sale has some fifteen.
    """

    pk = models.CompositePrimaryKey("de", "texto", "fila")
    de = models.PositiveSmallIntegerField(_("de qué tabla"))
    texto = models.CharField(_("texto"), max_length=16)
    fila = models.BigIntegerField(_("fila"))

    class Meta:
        verbose_name = _("trozo buscable")
        verbose_name_plural = _("trozos buscables")

    def __str__(self) -> str:
        return f"{self.de} {self.texto} {self.fila}"


class Intentos(models.Model):
    """Tries of one account, address or key at a door, since ``desde``. ``clave`` is a digest."""

    clave = models.CharField(_("clave"), max_length=64, primary_key=True)
    cuantos = models.PositiveIntegerField(_("cuántos"), default=0)
    desde = models.DateTimeField(_("desde"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("intentos de acceso")
        verbose_name_plural = _("intentos de acceso")

    def __str__(self) -> str:
        return self.clave


class Sesion(UserSession):
    """A session of somebody of the staff, and from where: the library's row, in our words."""

    class Meta:
        proxy = True
        verbose_name = _("sesión")
        verbose_name_plural = _("sesiones")

    def __str__(self) -> str:
        return f"{self.user} · {self.ip}"


class QueCorreo(models.TextChoices):
    """What the staff is written about."""

    ENLACE = "enlace", _("Enlace para otra contraseña")
    CONTRASENA = "contrasena", _("Contraseña restablecida")
    FACTOR_RESTABLECIDO = "factor", _("Segundo factor restablecido")
    POR_CONFIRMAR = "por_confirmar", _("Algo espera a que otra persona lo confirme")
    WEBHOOK = "webhook", _("Un webhook dejó de enviarse")
    ALERTA = "alerta", _("Algo va mal en la marcha del programa")
    REPORTE = "reporte", _("Un reporte de las cifras")


class CorreoAlPersonal(models.Model):
    """A mail to a member of the staff that waits to be sent; the row goes with it.

    Without a user it is of an address that is nobody's, and nothing is sent: whoever asks is
    answered after the same work.
    """

    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    que = models.CharField(_("qué"), max_length=16, choices=QueCorreo)
    # What waits to be confirmed, of a mail that says so.
    propuesta = models.ForeignKey(
        "Propuesta", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What it is about, by its public id, of a mail that says so.
    objeto = models.CharField(_("de qué"), max_length=LARGO_ID, blank=True)
    creado_en = models.DateTimeField(_("fecha"), default=timezone.now)
    # When it is tried, or tried again.
    toca_en = models.DateTimeField(_("toca"), default=timezone.now, db_index=True)
    intentos = models.PositiveSmallIntegerField(_("intentos"), default=0)

    class Meta:
        verbose_name = _("correo al personal")
        verbose_name_plural = _("correos al personal")

    def __str__(self) -> str:
        return f"{self.que} {self.usuario_id}"


class EstadoPropuesta(models.TextChoices):
    """Life of what one person asks for and another confirms."""

    POR_CONFIRMAR = "por_confirmar", _("Por confirmar")
    CONFIRMADA = "confirmada", _("Confirmada")
    DESCARTADA = "descartada", _("Descartada")
    CADUCADA = "caducada", _("Caducada")


class Propuesta(models.Model):
    """Something that one person asks for and that is done when another one confirms it.

    ``tipo`` says what (see ``propuestas/tipos.py``), with ``datos``; ``entidad`` and ``entidad_id``
    what it is about, as the history names it, and ``visto`` how that was. ``viva`` is True while it
    waits, else NULL: of one kind and object only one waits.
    """

    id_publico = campo_id_publico()
    tipo = models.CharField(_("qué"), max_length=32)
    entidad = models.CharField(_("entidad"), max_length=32)
    entidad_id = models.CharField(_("identificador"), max_length=40)
    datos = CampoJSON(_("datos"), default=dict, encoder=DjangoJSONEncoder)
    visto = CampoJSON(default=dict, encoder=DjangoJSONEncoder)
    motivo = models.CharField(_("motivo"), max_length=500)
    propuesta_por = models.CharField(_("propuesta por"), max_length=80)
    decidida_por = models.CharField(_("decidida por"), max_length=80, blank=True)
    decidida_en = models.DateTimeField(_("decidida"), null=True)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoPropuesta.choices,
        default=EstadoPropuesta.POR_CONFIRMAR,
        editable=False,
    )
    viva = models.BooleanField(null=True, default=True, editable=False)
    creada_en = models.DateTimeField(_("propuesta"), default=timezone.now)
    caduca_en = models.DateTimeField(_("caduca"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now)

    class Meta:
        verbose_name = _("propuesta")
        verbose_name_plural = _("propuestas")
        constraints = [
            models.UniqueConstraint(
                fields=["tipo", "entidad_id", "viva"], name="propuesta_viva_unica"
            ),
            models.CheckConstraint(
                condition=models.Q(viva__isnull=True) | models.Q(viva=True),
                name="propuesta_viva_true_o_null",
            ),
        ]
        indexes = [
            models.Index(fields=["estado", "id"], name="propuesta_estado"),
            models.Index(fields=["estado", "caduca_en"], name="propuesta_caduca"),
            models.Index(fields=["entidad", "entidad_id", "id"], name="propuesta_entidad"),
        ]
        permissions = [
            ("confirmar_propuesta", _("Puede confirmar lo que propuso otra persona")),
        ]

    def __str__(self) -> str:
        return self.id_publico


class EstadoExportacion(models.TextChoices):
    """Life of a list that a task writes as a file."""

    ENCOLADA = "encolada", _("En cola")
    EN_CURSO = "en_curso", _("En curso")
    LISTA = "lista", _("Lista")
    FALLIDA = "fallida", _("Fallida")
    CADUCADA = "caducada", _("Caducada")


class Exportacion(models.Model):
    """A list that somebody asked for as a file: which one (``modelo``) and what of it (``filtro``,
    as its address says it).

    ``total`` are the rows that it had at ``leida_en``, and ``hechas`` how many of them are written.
    ``intentos`` counts the portions that were begun since the last one that ended.
    """

    id_publico = campo_id_publico()
    modelo = models.CharField(_("lista"), max_length=80)
    filtro = models.CharField(_("filtro"), max_length=2000, blank=True)
    bom = models.BooleanField(default=False)
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoExportacion.choices,
        default=EstadoExportacion.ENCOLADA,
    )
    total = models.PositiveIntegerField(_("filas"), default=0)
    hechas = models.PositiveIntegerField(_("hechas"), default=0)
    intentos = models.PositiveSmallIntegerField(default=0)
    problema = models.CharField(_("problema"), max_length=500, blank=True)
    creada_por = models.CharField(_("pedida por"), max_length=80)
    version = models.PositiveIntegerField(default=1)
    creada_en = models.DateTimeField(_("pedida"), default=timezone.now)
    leida_en = models.DateTimeField(_("leída"), null=True)
    terminada_en = models.DateTimeField(_("terminada"), null=True)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now)

    class Meta:
        verbose_name = _("exportación")
        verbose_name_plural = _("exportaciones")
        indexes = [
            models.Index(fields=["creada_por", "id"], name="exportacion_de_quien"),
            models.Index(fields=["estado", "actualizado_en"], name="exportacion_noticias"),
        ]

    def __str__(self) -> str:
        return self.id_publico


class TrozoExportado(models.Model):
    """Some rows of an exported list: their keys (``claves``, as integers of eight bytes), and then
    the lines of the file instead (``contenido``). Both are compressed."""

    exportacion = models.ForeignKey(Exportacion, on_delete=models.CASCADE, related_name="trozos")
    numero = models.PositiveIntegerField(_("número"))
    claves = models.BinaryField(default=bytes)
    contenido = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("trozo de una exportación")
        verbose_name_plural = _("trozos de exportaciones")
        constraints = [
            models.UniqueConstraint(fields=["exportacion", "numero"], name="trozo_exportado_unico"),
        ]

    def __str__(self) -> str:
        return f"{self.exportacion_id} {self.numero}"


class Tachadura(models.Model):
    """Somebody who was erased and is still to be crossed out of what people wrote of their objects
    (``tachado.py``): how they were called, encrypted, until it is done, and how far that has come
    (``paso`` of its parts, ``ultimo`` in it)."""

    entidad = models.CharField(_("entidad"), max_length=32)
    entidad_id = models.CharField(_("identificador"), max_length=40)
    textos = models.TextField(editable=False)
    paso = models.PositiveSmallIntegerField(_("paso"), default=0)
    ultimo = models.BigIntegerField(_("último"), default=0)
    tachados = models.PositiveIntegerField(_("textos tachados"), default=0)
    creada_en = models.DateTimeField(_("pedida"), default=timezone.now)

    class Meta:
        verbose_name = _("tachadura")
        verbose_name_plural = _("tachaduras")
        constraints = [
            models.UniqueConstraint(fields=["entidad", "entidad_id"], name="tachadura_unica")
        ]

    def __str__(self) -> str:
        return f"{self.entidad} {self.entidad_id}"
