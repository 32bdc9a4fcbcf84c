from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incident', '0006_samples_stay'),
    ]

    operations = [
        migrations.AddField(
            model_name='summons',
            name='set_out_at',
            field=models.DateTimeField(null=True),
        ),
    ]
