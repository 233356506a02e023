"""Two plain tables for the bare view; the benchmark itself makes them."""

from __future__ import annotations

from django.db import models


class Venta(models.Model):
    """What the bare view keeps of a request."""

    referencia = models.CharField(max_length=128)
    afiliado = models.CharField(max_length=64)
    importe = models.DecimalField(max_digits=19, decimal_places=4)
    moneda = models.CharField(max_length=3)
    creada_en = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "banco"
        db_table = "banco_venta"

    def __str__(self) -> str:
        return self.referencia


class Cobro(models.Model):
    """And what it makes of it."""

    venta = models.ForeignKey(Venta, on_delete=models.PROTECT)
    monto = models.DecimalField(max_digits=19, decimal_places=4)

    class Meta:
        app_label = "banco"
        db_table = "banco_cobro"

    def __str__(self) -> str:
        return f"{self.monto}"


def crear_tablas() -> None:
    """Make what is missing."""
    from django.db import connection

    hay = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for modelo in (Venta, Cobro):
            if modelo._meta.db_table not in hay:
                editor.create_model(modelo)
