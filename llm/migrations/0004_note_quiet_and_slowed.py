"""When a server asked to be left alone, and when its lane was last narrowed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("llm", "0003_note_who_set_a_budget")]

    operations = [
        migrations.AddField(
            model_name="endpointhealth",
            name="quiet_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="endpointhealth",
            name="slowed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
