from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversiones", "0010_clientes_y_atribucion"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="cliente",
            options={
                "permissions": [
                    ("reasignar_cliente", "Puede proponer que un cliente sea de otro afiliado"),
                ],
                "verbose_name": "cliente",
                "verbose_name_plural": "clientes",
            },
        ),
        migrations.AlterModelOptions(
            name="conversion",
            options={
                "permissions": [
                    ("validar_conversion", "Puede validar y rechazar conversiones"),
                    ("asignar_conversion", "Puede decir de quién es una venta sin atribuir"),
                    ("reasignar_conversion", "Puede proponer que una venta sea de otro afiliado"),
                    ("devolver_conversion", "Puede registrar devoluciones a mano"),
                ],
                "verbose_name": "conversión",
                "verbose_name_plural": "conversiones",
            },
        ),
        migrations.AddField(
            model_name="conversion",
            name="parecida_a",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddIndex(
            model_name="conversion",
            index=models.Index(
                fields=["cliente", "moneda", "valor", "ocurrida_en"], name="conversion_parecidas"
            ),
        ),
    ]
