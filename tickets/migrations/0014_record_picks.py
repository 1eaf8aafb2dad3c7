"""The record that a trainee says decides. The database refuses to change one (see 0002 for the trigger's function)."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


TABLE = "tickets_recordpick"


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
        ('tickets', '0013_conversations'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordPick',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('claim', models.CharField(choices=[('originator', 'who opened the conversation'), ('outcome', 'what the outcome was')], max_length=10)),
                ('place', models.CharField(blank=True, max_length=160)),
                ('is_right', models.BooleanField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('grade', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.grade')),
                ('submission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='pick', to='tickets.submission')),
            ],
            options={
                'ordering': ['at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('claim__in', ['originator', 'outcome'])), name='record_pick_claim_known'), models.CheckConstraint(condition=models.Q(('is_right', True), ('place', ''), _negated=True), name='no_record_is_never_the_right_one')],
            },
        ),
        migrations.RunPython(freeze, thaw),
    ]
