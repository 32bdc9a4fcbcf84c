"""The timeline and the facts are append-only and no incident is ever deleted, whatever role asks."""

from django.db import migrations

CREATE = """
CREATE FUNCTION incident_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are kept as they are', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON incident_entry
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();
CREATE TRIGGER fact_append_only BEFORE UPDATE OR DELETE ON incident_fact
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();
CREATE TRIGGER decision_never_deleted BEFORE DELETE ON incident_leveldecision
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();
CREATE TRIGGER duty_never_deleted BEFORE DELETE ON incident_duty
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();
CREATE TRIGGER incident_never_deleted BEFORE DELETE ON incident_incident
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();

CREATE FUNCTION incident_keep_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was late stays late (duty %)', OLD.id USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER duty_late_stays BEFORE UPDATE ON incident_duty
    FOR EACH ROW WHEN (OLD.late_at IS NOT NULL AND NEW.late_at IS DISTINCT FROM OLD.late_at)
    EXECUTE FUNCTION incident_keep_late();
"""

DROP = """
DROP TRIGGER duty_late_stays ON incident_duty;
DROP FUNCTION incident_keep_late();
DROP TRIGGER incident_never_deleted ON incident_incident;
DROP TRIGGER duty_never_deleted ON incident_duty;
DROP TRIGGER decision_never_deleted ON incident_leveldecision;
DROP TRIGGER fact_append_only ON incident_fact;
DROP TRIGGER entry_append_only ON incident_entry;
DROP FUNCTION incident_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("incident", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
