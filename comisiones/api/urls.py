"""Routes of commissions: ``/api/v1/`` and the paths of the earlier systems."""

from django.urls import path

from comisiones.api import (
    comision as views,
)
from comisiones.api import (
    conciliacion as avisos,
)
from comisiones.api import (
    en_masa,
    inmediato,
    liquidaciones,
    metricas,
    pagos,
)
from comisiones.api import (
    libro as extracto,
)

urlpatterns = [
    path("afiliados/<str:afiliado_id>/extracto", extracto.ExtractoView.as_view(), name="extracto"),
    path("conversiones/metricas", metricas.MetricasView.as_view(), name="metricas"),
    path("comisiones/estadisticas", metricas.EstadisticasView.as_view(), name="estadisticas"),
    path("comisiones/reportes", metricas.ReportesView.as_view(), name="reportes"),
    path("comisiones", views.ComisionesView.as_view(), name="comisiones"),
    path("comisiones/lote/aprobar", en_masa.AprobarEnMasaView.as_view()),
    path("comisiones/lote/rechazar", en_masa.RechazarEnMasaView.as_view()),
    path("comisiones/<str:comision_id>", views.ComisionView.as_view(), name="comision"),
    path(
        "comisiones/<str:comision_id>/explicacion",
        views.ExplicacionView.as_view(),
        name="explicacion",
    ),
    path("comisiones/<str:comision_id>/aprobar", views.AprobarView.as_view(), name="aprobar"),
    path("comisiones/<str:comision_id>/rechazar", views.RechazarView.as_view(), name="rechazar"),
    path("comisiones/<str:comision_id>/devolver", views.DevolverView.as_view(), name="devolver"),
    path("pagos", pagos.PagosView.as_view(), name="pagos"),
    path("pagos/<str:pago_id>", pagos.PagoView.as_view(), name="pago"),
    path("pagos/<str:pago_id>/remesa", pagos.RemesaView.as_view(), name="remesa"),
    path("avisos/stripe", avisos.AvisoStripeView.as_view(), name="aviso_stripe"),
    path("liquidaciones", liquidaciones.LiquidacionesView.as_view(), name="liquidaciones"),
    path(
        "liquidaciones/<str:liquidacion_id>",
        liquidaciones.LiquidacionView.as_view(),
        name="liquidacion",
    ),
    path(
        "liquidaciones/<str:liquidacion_id>/documento",
        liquidaciones.DocumentoView.as_view(),
        name="documento",
    ),
]

inmediatas = [
    path("commissions/calculate", inmediato.CalculateView.as_view(), name="calculate"),
    path("commissions/approve", inmediato.ApproveView.as_view(), name="approve"),
    path(
        "commissions/by-conversion/<str:conversion_id>",
        inmediato.ByConversionView.as_view(),
        name="by_conversion",
    ),
]
