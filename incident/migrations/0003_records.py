"""What is written into forms, who signed, and since when a source is silent; records and signatures stay as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


CREATE = """
CREATE TRIGGER record_append_only BEFORE UPDATE OR DELETE ON incident_record
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();
CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE ON incident_signature
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();
"""

DROP = """
DROP TRIGGER signature_append_only ON incident_signature;
DROP TRIGGER record_append_only ON incident_record;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("incident", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="fact",
            name="heard_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(max_length=60)),
                ("row", models.PositiveIntegerField(default=1)),
                ("version", models.PositiveIntegerField(default=1)),
                ("data", models.JSONField(default=dict)),
                ("happened_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=80)),
                ("key", models.UUIDField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "duty",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="incident.duty",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="records", to="incident.incident"
                    ),
                ),
            ],
            options={
                "verbose_name": "记录表",
                "verbose_name_plural": "记录表",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "form", "row", "version"), name="record_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("key__isnull", False)),
                        fields=("incident", "key"),
                        name="record_written_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("row__gte", 1), ("version__gte", 1)), name="record_counts_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("edition", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "duty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="incident.duty"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "签字",
                "verbose_name_plural": "签字",
                "constraints": [
                    models.UniqueConstraint(fields=("duty", "user", "edition"), name="signature_once_each")
                ],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
