"""Customers of a campaign, and the browsers that each was seen with."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.campos import campo_id_publico
from alpespartner.comun.models import SoloInsercion
from conversiones.campanas.models import Campana

MAX_CLIENTE = 128


class VinculadoPor(models.TextChoices):
    """What bound a customer to its affiliate."""

    EXPLICITO = "explicito", _("La tienda dijo de quién")
    CUPON = "cupon", _("Un cupón")
    CLIC = "clic", _("Un clic")
    ASIGNADO = "asignado", _("Una persona")


class Cliente(models.Model):
    """A buyer, per campaign, by the shop's own id. It is bound to one affiliate, once; only two
    persons bind it to another.

    Nothing here tells who it is: ``correo_huella`` is a keyed digest of the normalised e-mail.
    ``vinculado_en`` is when what bound it occurred, and ``vinculado_dato`` its coupon or click.
    While its sales follow it to another affiliate, ``muda_hasta`` is the key of the last of them,
    and ``mudada`` that of the last one gone over.
    """

    id_publico = campo_id_publico()
    campana = models.ForeignKey(
        Campana, verbose_name=_("campaña"), on_delete=models.PROTECT, related_name="clientes"
    )
    cliente_ref = models.CharField(_("cliente de la tienda"), max_length=MAX_CLIENTE)
    correo_huella = models.CharField(max_length=64, blank=True, editable=False)
    afiliado = models.ForeignKey(
        Afiliado,
        verbose_name=_("afiliado"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="clientes",
    )
    vinculado_en = models.DateTimeField(_("vinculado"), null=True, blank=True)
    vinculado_por = models.CharField(
        _("vinculado por"), max_length=16, choices=VinculadoPor.choices, blank=True
    )
    vinculado_dato = models.CharField(_("cupón o clic"), max_length=64, blank=True)
    # When who it was was erased; then ``cliente_ref`` is its own id.
    borrado_en = models.DateTimeField(_("datos borrados"), null=True, editable=False)
    mudada = models.BigIntegerField(default=0, editable=False)
    muda_hasta = models.BigIntegerField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    creado_en = models.DateTimeField(_("registrado"), default=timezone.now, editable=False)
    actualizado_en = models.DateTimeField(_("actualizado"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("cliente")
        verbose_name_plural = _("clientes")
        constraints = [
            models.UniqueConstraint(fields=["campana", "cliente_ref"], name="cliente_unico"),
            models.CheckConstraint(
                condition=Q(afiliado__isnull=True, vinculado_en__isnull=True, vinculado_por="")
                | Q(afiliado__isnull=False, vinculado_en__isnull=False, vinculado_por__gt=""),
                name="cliente_vinculo_entero",
            ),
        ]
        indexes = [
            # What is searched for, and the lists by what they are filtered with.
            models.Index(fields=["cliente_ref", "id"], name="cliente_ref"),
            models.Index(fields=["campana", "correo_huella"], name="cliente_correo"),
            models.Index(fields=["afiliado", "id"], name="cliente_afiliado"),
            models.Index(fields=["campana", "id"], name="cliente_campana"),
            models.Index(fields=["actualizado_en"], name="cliente_actualizado"),
            models.Index(fields=["muda_hasta"], name="cliente_se_muda"),
        ]
        permissions = [
            ("reasignar_cliente", _("Puede proponer que un cliente sea de otro afiliado")),
            ("borrar_datos_cliente", _("Puede proponer que se borren los datos de un cliente")),
        ]

    def __str__(self) -> str:
        return self.cliente_ref


class VisitanteDeCliente(SoloInsercion):
    """A browser that a customer was identified with: its clicks are the customer's."""

    cliente = models.ForeignKey(
        Cliente, verbose_name=_("cliente"), on_delete=models.PROTECT, related_name="visitantes"
    )
    # As in ``Clic.visitante``.
    visitante = models.CharField(max_length=40)
    creado_en = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("navegador de un cliente")
        verbose_name_plural = _("navegadores de los clientes")
        constraints = [
            models.UniqueConstraint(fields=["cliente", "visitante"], name="visitante_de_cliente")
        ]

    def __str__(self) -> str:
        return self.visitante
