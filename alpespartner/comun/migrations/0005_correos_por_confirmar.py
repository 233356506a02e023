import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comun", "0004_propuestas"),
    ]

    operations = [
        migrations.AddField(
            model_name="correoalpersonal",
            name="propuesta",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="comun.propuesta",
            ),
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
                ],
                max_length=16,
                verbose_name="qué",
            ),
        ),
    ]
