"""What webhooks may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido, NoEncontrado


class UrlInvalida(DatoInvalido):
    """It is not an address that events are sent to."""

    codigo = "url_invalida"
    campo = "url"


class TipoNoOfrecido(DatoInvalido):
    """There is no such type of event, or its holder may not see it."""

    codigo = "tipo_no_ofrecido"
    campo = "tipos"


class EstadoNoOfrecido(DatoInvalido):
    """Commissions have no such state for a postback."""

    codigo = "estado_no_ofrecido"
    campo = "estados"


class IntervaloInvalido(DatoInvalido):
    """What was asked to be sent again begins after it ends, or is too much at once."""

    codigo = "intervalo_invalido"
    campo = "hasta"


class WebhookDesconocido(NoEncontrado):
    """No such webhook, or not the caller's."""

    codigo = "webhook_desconocido"
    texto = _("No hay un webhook tuyo con ese identificador.")


class DemasiadosWebhooks(Conflicto):
    """A holder has all that one may have."""

    codigo = "demasiados_webhooks"
    texto = _("Ya hay demasiados: edita uno de los que tienes.")


class PostbackDesconocido(NoEncontrado):
    """No such postback, or not one that the caller sees."""

    codigo = "postback_desconocido"
    texto = _("No hay un postback con ese identificador.")


class DemasiadosPostbacks(Conflicto):
    """An affiliate has all that one may have."""

    codigo = "demasiados_postbacks"
    texto = _("El afiliado ya tiene todos los postbacks que puede: edita uno.")


class WebhookDesactivado(Conflicto):
    """Nothing is sent while it is off."""

    codigo = "webhook_desactivado"
    texto = _("El webhook está desactivado: actívalo antes.")


class DireccionRechazada(Exception):
    """A name leads where nothing of ours may be sent; never reaches a person as it is."""
