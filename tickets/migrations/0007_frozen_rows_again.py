"""The rows that never change, again: SQLite makes a table anew when it gains a column, and loses its triggers.

New among them are overrides, and trainees' questions with their answers.
"""

from django.db import migrations

FROZEN_BEFORE = ("tickets_submission", "tickets_criterionresult", "tickets_auditrecord")
FROZEN = (*FROZEN_BEFORE, "tickets_override", "tickets_appeal", "tickets_appealanswer")


def freeze(apps, schema_editor):
    _drop(schema_editor, FROZEN)
    if schema_editor.connection.vendor == "postgresql":
        for table in FROZEN:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION tickets_refuse_change()"
            )
    elif schema_editor.connection.vendor == "sqlite":
        for table in FROZEN:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'a row of {table} never changes'); END"
            )


def thaw(apps, schema_editor):
    _drop(schema_editor, [table for table in FROZEN if table not in FROZEN_BEFORE])


def _drop(schema_editor, tables):
    on_table = schema_editor.connection.vendor == "postgresql"
    for table in tables:
        suffix = f" ON {table}" if on_table else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen{suffix}")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_regrading")]
    operations = [migrations.RunPython(freeze, thaw)]
