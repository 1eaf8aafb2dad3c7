"""Hints that were taken: rows that the database never lets anybody change."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

TABLE = "tickets_hinttaken"


def freeze(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE ON {TABLE}"
            " FOR EACH ROW EXECUTE FUNCTION tickets_refuse_change()"
        )
    elif schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE ON {TABLE}"
            f" BEGIN SELECT RAISE(ABORT, 'a row of {TABLE} never changes'); END"
        )


def thaw(apps, schema_editor):
    suffix = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_frozen{suffix}")


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0014_record_picks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='assignment',
            name='reveal',
            field=models.CharField(choices=[('on_grade', 'practice: hints, and the result after each ticket'), ('on_close', 'assessment: no hints, results when the assignment closes'), ('manual', 'assessment: no hints, results when the instructor says so')], default='on_grade', max_length=10, verbose_name='feedback'),
        ),
        migrations.CreateModel(
            name='HintTaken',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('level', models.PositiveSmallIntegerField()),
                ('text', models.TextField()),
                ('percent', models.PositiveSmallIntegerField()),
                ('lines', models.JSONField()),
                ('taken_at', models.DateTimeField()),
                ('taken_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hints_taken', to='tickets.ticket')),
            ],
            options={
                'verbose_name': 'hint taken',
                'verbose_name_plural': 'hints taken',
                'ordering': ['ticket', 'level'],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'level'), name='one_hint_per_level'), models.CheckConstraint(condition=models.Q(('level__range', (1, 3))), name='hint_level_known'), models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='hint_costs_no_more_than_all')],
            },
        ),
        migrations.RunPython(freeze, thaw),
    ]
