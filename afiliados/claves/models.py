"""API keys and what each may do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import CampoJSON
from alpespartner.pruebas.ajustes import PREFIJO


class Alcance(models.TextChoices):
    """What an API key may do."""

    AFILIADOS_LEER = "afiliados:leer", _("Leer afiliados")
    AFILIADOS_ESCRIBIR = "afiliados:escribir", _("Registrar afiliados")
    AFILIADOS_CAMBIAR = "afiliados:cambiar", _("Cambiar afiliados y lo que ganan")
    AFILIADOS_ACTIVAR = "afiliados:activar", _("Registrar afiliados ya activos")
    AFILIADOS_ESTADO = (
        "afiliados:estado",
        _("Activar, suspender, bloquear, reactivar y cerrar afiliados"),
    )
    CAMPANAS_LEER = "campanas:leer", _("Leer campañas")
    INSCRIPCIONES_ESCRIBIR = (
        "inscripciones:escribir",
        _("Pedir inscripciones en campañas, invitar y retirar"),
    )
    INSCRIPCIONES_DECIDIR = "inscripciones:decidir", _("Aceptar y rechazar inscripciones")
    CONVERSIONES_LEER = "conversiones:leer", _("Leer conversiones")
    CONVERSIONES_ESCRIBIR = "conversiones:escribir", _("Registrar conversiones")
    CONVERSIONES_CAMBIAR = "conversiones:cambiar", _("Cambiar conversiones")
    CONVERSIONES_ANTIGUAS = (
        "conversiones:antiguas",
        _("Registrar ventas antiguas que maduran desde su fecha"),
    )
    CONVERSIONES_ASIGNAR = (
        "conversiones:asignar",
        _("Decir de quién es una venta sin atribuir"),
    )
    CONVERSIONES_REASIGNAR = (
        "conversiones:reasignar",
        _("Proponer que una venta sea de otro afiliado"),
    )
    CONVERSIONES_DEVOLVER = "conversiones:devolver", _("Registrar devoluciones")
    ENLACES_LEER = "enlaces:leer", _("Leer enlaces")
    ENLACES_ESCRIBIR = "enlaces:escribir", _("Crear y retirar enlaces")
    CUPONES_LEER = "cupones:leer", _("Leer cupones")
    CUPONES_ESCRIBIR = "cupones:escribir", _("Dar y retirar cupones")
    COMISIONES_LEER = "comisiones:leer", _("Leer comisiones")
    COMISIONES_ESCRIBIR = "comisiones:escribir", _("Calcular comisiones")
    COMISIONES_APROBAR = "comisiones:aprobar", _("Aprobar y rechazar comisiones")
    COMISIONES_APROBAR_PROPIAS = (
        "comisiones:aprobar_propias",
        _("Aprobar también lo que su titular registró o tasó"),
    )
    PAGOS_LEER = "pagos:leer", _("Leer pagos y liquidaciones")
    OUTBOX_LEER = "outbox:leer", _("Leer los eventos")
    EVENTOS_LEER = "eventos:leer", _("Leer el flujo de eventos")
    WEBHOOKS_LEER = "webhooks:leer", _("Leer sus webhooks y sus entregas")
    WEBHOOKS_ESCRIBIR = "webhooks:escribir", _("Crear y cambiar sus webhooks")
    CLAVES_LEER = "claves:leer", _("Ver las claves de su titular")
    CLAVES_ESCRIBIR = "claves:escribir", _("Hacer, rotar y revocar claves de su titular")
    PRUEBAS_VACIAR = "pruebas:vaciar", _("Vaciar el entorno de pruebas, con una clave de prueba")
    POSTBACKS_LEER = "postbacks:leer", _("Leer postbacks y sus entregas")
    POSTBACKS_ESCRIBIR = "postbacks:escribir", _("Crear y cambiar postbacks")


# A key of one affiliate only looks: what it earns is decided by others. It says itself which links
# it has, in which campaigns it wants to be, and where it is told of what is its own. A coupon
# decides what it earns, since the buyers of a shop know codes that are of nobody yet.
ALCANCES_DE_AFILIADO = frozenset(
    {a for a in Alcance.values if a.endswith(":leer")} - {Alcance.OUTBOX_LEER}
    | {
        Alcance.ENLACES_ESCRIBIR.value,
        Alcance.INSCRIPCIONES_ESCRIBIR.value,
        Alcance.WEBHOOKS_ESCRIBIR.value,
        Alcance.POSTBACKS_ESCRIBIR.value,
        Alcance.CLAVES_ESCRIBIR.value,
    }
)


class Modo(models.TextChoices):
    """Where a key is good."""

    REAL = "real", _("Real")
    PRUEBA = "prueba", _("De prueba")


def prefijo() -> str:
    """What the text of every key of this process begins with."""
    return PREFIJO if settings.PRUEBAS else "ap_"


class ClaveAPI(models.Model):
    """Key of an integration. The secret is shown once and kept as a SHA-256 digest.

    With an ``afiliado`` it sees only that affiliate's objects.
    """

    id_clave = models.CharField(_("clave"), max_length=16, unique=True, editable=False)
    huella = models.CharField(max_length=64, editable=False)
    nombre = models.CharField(_("nombre"), max_length=100)
    titular = models.CharField(_("titular"), max_length=100)
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="claves",
    )
    alcances = CampoJSON(_("alcances"), default=list)
    # Public part of the first of the keys that were rotated one from another.
    cadena = models.CharField(max_length=16, editable=False, db_index=True)
    # In the sandbox: public part of the live key that made it, and goes with it.
    hecha_por = models.CharField(max_length=16, blank=True, editable=False, db_index=True)
    # The holder as it is compared.
    titular_normal = models.CharField(max_length=100, editable=False, db_index=True)
    creada_en = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    expira_en = models.DateTimeField(_("expira"), null=True, blank=True)
    # It stopped when somebody asked to revoke it, until another person confirms that or not.
    suspendida_en = models.DateTimeField(_("suspendida"), null=True, editable=False)
    revocada_en = models.DateTimeField(_("revocada"), null=True, blank=True, editable=False)
    # Of a revoked one: test keys that it made, until the sandbox is told that they go with it.
    pruebas_por_revocar = models.PositiveIntegerField(default=0, editable=False, db_index=True)
    # Networks from which it may be used, with a blank between; without any, from everywhere.
    direcciones = models.CharField(
        _("direcciones admitidas"),
        max_length=900,
        blank=True,
        help_text=_(
            "Redes o direcciones desde las que sirve, como «203.0.113.0/24». Sin ninguna, desde "
            "todas."
        ),
    )
    # Amounts by currency, as ``USD 500, COP 2000000``; without any, what its holder may.
    aprueba_por_venta = models.CharField(
        _("aprueba por comisión"),
        max_length=300,
        blank=True,
        help_text=_(
            "Como «USD 500, COP 2000000». Lo de otra moneda lo aprueba una persona. Sin nada, lo "
            "que el programa deja a todas."
        ),
    )
    aprueba_por_dia = models.CharField(
        _("aprueba al día"),
        max_length=300,
        blank=True,
        help_text=_("Igual, sumando lo de un día (UTC) y lo de las claves hechas de ella."),
    )
    # Told at most once a minute (``uso.py``).
    usada_en = models.DateTimeField(_("usada por última vez"), null=True, editable=False)
    usada_desde = models.CharField(
        _("usada desde"), max_length=45, blank=True, default="", editable=False
    )

    class Meta:
        verbose_name = _("clave de API")
        verbose_name_plural = _("claves de API")

    def __str__(self) -> str:
        return f"{self.nombre} ({self.publica})"

    @property
    def publica(self) -> str:
        """What may be shown of its text."""
        return f"{prefijo()}{self.id_clave}_…"

    def permite(self, alcance: str) -> bool:
        """Whether the key holds a scope."""
        return alcance in self.alcances

    @property
    def afiliado_publico(self) -> str:
        """Public id of its affiliate, "" without one."""
        return self.afiliado.id_publico if self.afiliado is not None else ""

    @property
    def vigente(self) -> bool:
        """Whether the key is neither revoked, suspended nor expired."""
        ahora: Any = timezone.now()
        if self.revocada_en is not None or self.suspendida_en is not None:
            return False
        return self.expira_en is None or self.expira_en > ahora
