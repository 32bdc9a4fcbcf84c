"""Parties, forms, calls, countdowns, signers and gaps; who drafted a version; the triggers cover the new tables."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Which version a row belongs to, by its table; as in 0002, with the new tables.
VERSION_OF = """
CREATE OR REPLACE FUNCTION playbooks_version_of(tab text, doc jsonb) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN tab = 'playbooks_planversion' THEN (doc->>'id')::bigint
        WHEN tab IN ('playbooks_postname', 'playbooks_party', 'playbooks_playbook') THEN (doc->>'version_id')::bigint
        WHEN tab IN ('playbooks_metric', 'playbooks_note', 'playbooks_form', 'playbooks_level', 'playbooks_dutyrule') THEN
            (SELECT version_id FROM playbooks_playbook WHERE id = (doc->>'playbook_id')::bigint)
        WHEN tab = 'playbooks_rule' THEN
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_level l ON l.playbook_id = p.id
             WHERE l.id = (doc->>'level_id')::bigint)
        WHEN tab = 'playbooks_effect' THEN
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_dutyrule d ON d.playbook_id = p.id
             WHERE d.id = (doc->>'duty_id')::bigint)
        WHEN tab = 'playbooks_condition' THEN COALESCE(
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_level l ON l.playbook_id = p.id
             JOIN playbooks_rule r ON r.level_id = l.id WHERE r.id = (doc->>'rule_id')::bigint),
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_dutyrule d ON d.playbook_id = p.id
             WHERE d.id = (doc->>'duty_id')::bigint))
    END
$$;
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER refuse_published BEFORE INSERT OR UPDATE OR DELETE ON playbooks_{table} "
    "FOR EACH ROW EXECUTE FUNCTION playbooks_refuse_published();"
    f"ALTER TABLE playbooks_{table} ENABLE ALWAYS TRIGGER refuse_published;"
    for table in ("party", "form")
)
DROP = "".join(f"DROP TRIGGER refuse_published ON playbooks_{table};" for table in ("party", "form"))


class Migration(migrations.Migration):

    dependencies = [
        ('playbooks', '0002_published_is_immutable'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Form',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=60)),
                ('zh', models.CharField(max_length=200)),
                ('en', models.CharField(max_length=200)),
                ('rows', models.BooleanField(default=False)),
                ('outcome', models.CharField(blank=True, default='', max_length=60)),
                ('items', models.JSONField(default=list)),
                ('requirements', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=60)),
                ('zh', models.CharField(max_length=200)),
                ('en', models.CharField(max_length=200)),
                ('number', models.CharField(blank=True, default='', max_length=30)),
                ('requirements', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
            ],
            options={
                'verbose_name_plural': 'parties',
            },
        ),
        migrations.RemoveConstraint(
            model_name='dutyrule',
            name='dutyrule_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='metric',
            name='metric_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='note',
            name='note_kind_known',
        ),
        migrations.AddField(
            model_name='dutyrule',
            name='apart_from',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='dutyrule',
            name='form',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.AddField(
            model_name='dutyrule',
            name='outside',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='dutyrule',
            name='restricted',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='dutyrule',
            name='signers',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='level',
            name='spacing_minutes',
            field=models.DecimalField(decimal_places=3, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name='metric',
            name='from_report',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='note',
            name='restricted',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='planversion',
            name='drafted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafted_plans', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='planversion',
            name='submitted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='playbook',
            name='restricted',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='playbook',
            name='statutory',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='rule',
            name='gap_en',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='rule',
            name='gap_zh',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddConstraint(
            model_name='dutyrule',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['task', 'call', 'report', 'notification', 'acknowledgement', 'arrival', 'decision', 'record', 'prohibition'])), name='dutyrule_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='dutyrule',
            constraint=models.CheckConstraint(condition=models.Q(('signers__gte', 1), ('signers__lte', 5)), name='dutyrule_signers_one_to_five'),
        ),
        migrations.AddConstraint(
            model_name='dutyrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'call'), _negated=True), ('outside__len', 1), _connector='OR'), name='dutyrule_call_has_one_party'),
        ),
        migrations.AddConstraint(
            model_name='level',
            constraint=models.CheckConstraint(condition=models.Q(('spacing_minutes__isnull', True), models.Q(('rank__gt', 1), ('spacing_minutes__gt', 0), ('starts', 'proposed')), _connector='OR'), name='level_spacing_of_proposed'),
        ),
        migrations.AddConstraint(
            model_name='metric',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['flag', 'count', 'measure', 'stopwatch', 'countdown', 'choice', 'text', 'time'])), name='metric_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='metric',
            constraint=models.CheckConstraint(condition=models.Q(('from_report', False), ('kind', 'stopwatch'), _connector='OR'), name='metric_from_report_is_stopwatch'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['principle', 'safety', 'gap', 'reference'])), name='note_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='planversion',
            constraint=models.CheckConstraint(condition=models.Q(('drafted_by__isnull', True), ('published_by__isnull', True), models.Q(('published_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='planversion_published_by_another'),
        ),
        migrations.AddField(
            model_name='form',
            name='playbook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='forms', to='playbooks.playbook'),
        ),
        migrations.AddField(
            model_name='party',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parties', to='playbooks.planversion'),
        ),
        migrations.AddConstraint(
            model_name='form',
            constraint=models.UniqueConstraint(fields=('playbook', 'key'), name='form_key_once'),
        ),
        migrations.AddConstraint(
            model_name='form',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', ''), ('rows', True), _connector='OR'), name='form_outcome_of_rows'),
        ),
        migrations.AddConstraint(
            model_name='party',
            constraint=models.UniqueConstraint(fields=('version', 'key'), name='party_key_once'),
        ),
        migrations.AlterModelOptions(
            name='plan',
            options={'verbose_name': '书面预案', 'verbose_name_plural': '书面预案'},
        ),
        migrations.AlterModelOptions(
            name='planversion',
            options={'verbose_name': '预案版本', 'verbose_name_plural': '预案版本'},
        ),
        migrations.RunSQL(VERSION_OF, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, DROP),
    ]
