from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comun", "0009_correo_de_alertas"),
    ]

    operations = [
        migrations.AddField(
            model_name="correoalpersonal",
            name="objeto",
            field=models.CharField(blank=True, max_length=40, verbose_name="de qué"),
        ),
        migrations.AlterField(
            model_name="correoalpersonal",
            name="que",
            field=models.CharField(
                choices=[
                    ("enlace", "Enlace para otra contraseña"),
                    ("contrasena", "Contraseña restablecida"),
                    ("factor", "Segundo factor restablecido"),
                    ("por_confirmar", "Algo espera a que otra persona lo confirme"),
                    ("webhook", "Un webhook dejó de enviarse"),
                    ("alerta", "Algo va mal en la marcha del programa"),
                    ("reporte", "Un reporte de las cifras"),
                ],
                max_length=16,
                verbose_name="qué",
            ),
        ),
    ]
