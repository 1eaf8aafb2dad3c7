"""The coached policy, and the steps that were checked: rows that the database never lets anybody change."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

TABLE = "tickets_stepcheck"


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
        ('tickets', '0017_chosen_actions'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='assignment',
            name='assignment_reveal_known',
        ),
        migrations.AlterField(
            model_name='assignment',
            name='reveal',
            field=models.CharField(choices=[('on_grade', 'practice: hints, and the result after each ticket'), ('coached', 'coached: the same, and the steps of a first ticket can be checked one by one'), ('on_close', 'assessment: no hints, results when the assignment closes'), ('manual', 'assessment: no hints, results when the instructor says so')], default='on_grade', max_length=10, verbose_name='feedback'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('reveal__in', ['on_grade', 'coached', 'on_close', 'manual'])), name='assignment_reveal_known'),
        ),
        migrations.CreateModel(
            name='StepCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('step', models.CharField(choices=[('reason', 'Reason'), ('supporting_evidence', 'Supporting evidence'), ('analysis', 'Analysis'), ('conclusion', 'Conclusion'), ('next_steps', 'Next steps')], max_length=20)),
                ('answers', models.JSONField()),
                ('feedback', models.JSONField()),
                ('lines', models.JSONField()),
                ('engine_version', models.CharField(max_length=20)),
                ('checked_at', models.DateTimeField()),
                ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='step_checks', to='tickets.ticket')),
            ],
            options={
                'ordering': ['ticket', 'checked_at'],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'step'), name='one_check_per_step'), models.CheckConstraint(condition=models.Q(('step__in', ['reason', 'supporting_evidence', 'analysis', 'conclusion', 'next_steps'])), name='checked_step_known')],
            },
        ),
        migrations.RunPython(freeze, thaw),
    ]
