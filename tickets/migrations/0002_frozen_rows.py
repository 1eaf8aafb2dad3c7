"""The database itself refuses to change a submission, a criterion's result or an audit record.

Deleting stays possible for the database's owner (a test's clean-up, a person's right to be
forgotten); changing what somebody wrote or was told does not.
"""

from django.db import migrations

FROZEN = ("tickets_submission", "tickets_criterionresult", "tickets_auditrecord")

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION tickets_refuse_change() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'a row of % never changes', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$$ LANGUAGE plpgsql;
"""


def freeze(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_FUNCTION, params=None)  # None: its % is no placeholder
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
    on_table = schema_editor.connection.vendor == "postgresql"
    for table in FROZEN:
        suffix = f" ON {table}" if on_table else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen{suffix}")
    if on_table:
        schema_editor.execute("DROP FUNCTION IF EXISTS tickets_refuse_change()")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [migrations.RunPython(freeze, thaw)]
