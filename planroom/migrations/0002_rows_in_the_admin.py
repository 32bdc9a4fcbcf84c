"""Proxies under which the admin shows the rows of the law."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('planroom', '0001_what_became_of_plans'),
        ('playbooks', '0003_the_law_grows'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlaybookRows',
            fields=[
            ],
            options={
                'verbose_name': '处置方案',
                'verbose_name_plural': '处置方案',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('playbooks.playbook',),
        ),
        migrations.CreateModel(
            name='VersionRows',
            fields=[
            ],
            options={
                'verbose_name': '预案版本',
                'verbose_name_plural': '预案版本',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('playbooks.planversion',),
        ),
    ]
