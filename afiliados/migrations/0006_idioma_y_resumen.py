from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("afiliados", "0005_condiciones_con_fecha"),
    ]

    operations = [
        migrations.AddField(
            model_name="afiliado",
            name="idioma",
            field=models.CharField(
                choices=[("es", "Español"), ("en", "Inglés")],
                default="es",
                max_length=8,
                verbose_name="idioma",
            ),
        ),
        migrations.AddField(
            model_name="afiliado",
            name="resumen",
            field=models.CharField(
                choices=[
                    ("diario", "Cada día"),
                    ("semanal", "Cada lunes"),
                    ("nunca", "Nunca"),
                ],
                default="diario",
                max_length=16,
                verbose_name="resumen por correo",
            ),
        ),
    ]
