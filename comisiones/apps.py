"""App configuration of commissions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComisionesConfig(AppConfig):
    """Commissions."""

    name = "comisiones"
    verbose_name = _("Comisiones")

    def ready(self) -> None:
        """Declare the events, the words of the history and what takes a second person, and
        register the consumers."""
        from afiliados.afiliado.condiciones import registrar_calculado
        from comisiones import (  # noqa: F401
            consumidor,
            eventos,
            personales,
            postbacks,
            vocabulario,
            webhooks,
        )
        from comisiones.calculo import ensayo  # noqa: F401
        from comisiones.calculo.explicacion import por_su_cliente
        from comisiones.comision.selectors import hay_calculado_desde
        from comisiones.contadores.selectors import registrar_contadores
        from comisiones.metricas import consumidor as _metricas  # noqa: F401
        from comisiones.notificaciones import consumidor as _notificaciones  # noqa: F401
        from comisiones.pagos.conciliacion import importacion  # noqa: F401
        from comisiones.pagos.pago import efecto as _efecto  # noqa: F401
        from comisiones.pagos.pago import propuestas as _pagos  # noqa: F401
        from comisiones.reportes import correo as _reportes  # noqa: F401
        from comisiones.retenciones import propuestas as _retenciones  # noqa: F401
        from comisiones.revision import propuestas as _revision  # noqa: F401
        from comisiones.revision import reasignacion  # noqa: F401
        from conversiones.ventas.explicadas import registrar_quien_explica

        registrar_calculado(hay_calculado_desde)
        registrar_contadores()
        registrar_quien_explica(por_su_cliente)
