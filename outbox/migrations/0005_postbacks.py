import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Postbacks: webhooks of another class, and what each was told."""

    dependencies = [("outbox", "0004_marca_del_flujo")]

    operations = [
        migrations.CreateModel(
            name="Postback",
            fields=[],
            options={
                "verbose_name": "postback",
                "verbose_name_plural": "postbacks",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("outbox.webhook",),
        ),
        migrations.AddField(
            model_name="webhook",
            name="clase",
            field=models.CharField(
                choices=[("webhook", "Webhook"), ("postback", "Postback")],
                default="webhook",
                editable=False,
                max_length=16,
                verbose_name="clase",
            ),
        ),
        migrations.RemoveIndex(model_name="webhook", name="webhook_estado"),
        migrations.AddIndex(
            model_name="webhook",
            index=models.Index(fields=["clase", "estado", "id"], name="webhook_clase_estado"),
        ),
        migrations.AddIndex(
            model_name="webhook",
            index=models.Index(fields=["clase", "id"], name="webhook_clase"),
        ),
        migrations.CreateModel(
            name="PostbackDicho",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("objeto", models.CharField(max_length=40, verbose_name="objeto")),
                ("estado", models.CharField(max_length=16, verbose_name="estado")),
                (
                    "dicho_en",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="fecha"),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dichos",
                        to="outbox.webhook",
                        verbose_name="postback",
                    ),
                ),
            ],
            options={
                "verbose_name": "estado dicho a un postback",
                "verbose_name_plural": "estados dichos a postbacks",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("webhook", "objeto", "estado"), name="postback_dicho_unico"
                    )
                ],
            },
        ),
    ]
