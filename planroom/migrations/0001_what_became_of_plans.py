"""The record of what became of plan versions, append-only whatever role asks."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


CREATE = """
CREATE FUNCTION planroom_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are kept as they are', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER planevent_append_only BEFORE UPDATE OR DELETE ON planroom_planevent
    FOR EACH ROW EXECUTE FUNCTION planroom_refuse();
ALTER TABLE planroom_planevent ENABLE ALWAYS TRIGGER planevent_append_only;
"""
DROP = "DROP TRIGGER planevent_append_only ON planroom_planevent; DROP FUNCTION planroom_refuse();"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('playbooks', '0003_the_law_grows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PlanEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version_row', models.BigIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('drafted', '新起草案'), ('saved', '修改'), ('submitted', '已提交审批'), ('sent_back', '退回'), ('published', '批准发布'), ('discarded', '已废弃')], max_length=10)),
                ('by_name', models.CharField(blank=True, max_length=80)),
                ('at', models.DateTimeField()),
                ('note', models.TextField(blank=True)),
                ('digest', models.CharField(max_length=64)),
                ('text', models.TextField(blank=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='playbooks.plan')),
            ],
            options={
                'verbose_name': '预案记录',
                'verbose_name_plural': '预案记录',
                'indexes': [models.Index(fields=['plan', '-id'], name='planevent_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['drafted', 'saved', 'submitted', 'sent_back', 'published', 'discarded'])), name='planevent_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['submitted', 'sent_back', 'discarded']), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='planevent_says_why')],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
