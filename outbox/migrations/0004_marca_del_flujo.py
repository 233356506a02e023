from django.db import migrations, models


class Migration(migrations.Migration):
    """How far the feed of events goes."""

    dependencies = [("outbox", "0003_webhooks")]

    operations = [
        migrations.CreateModel(
            name="MarcaDelFlujo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hasta", models.BigIntegerField(default=0)),
                ("vista", models.BigIntegerField(default=0)),
                ("vista_en", models.DateTimeField(null=True)),
                ("purgado", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "marca del flujo",
                "verbose_name_plural": "marcas del flujo",
            },
        ),
    ]
