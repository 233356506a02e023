from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comun", "0008_correo_de_webhooks"),
    ]

    operations = [
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
                ],
                max_length=16,
                verbose_name="qué",
            ),
        ),
    ]
