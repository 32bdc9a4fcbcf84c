"""Samples are kept as they were copied: no change and no deletion, but that a deleted queue is no longer named."""

from django.db import migrations

CREATE = """
CREATE TRIGGER sample_never_deleted BEFORE DELETE ON incident_sample
    FOR EACH ROW EXECUTE FUNCTION incident_refuse();
CREATE TRIGGER sample_never_changed BEFORE UPDATE ON incident_sample
    FOR EACH ROW WHEN (
        NEW.queue_id IS NOT NULL
        OR (OLD.id, OLD.incident_id, OLD.queue_name, OLD.at, OLD.source, OLD.staffed, OLD.busy, OLD.paused,
            OLD.waiting, OLD.longest_wait)
        IS DISTINCT FROM
           (NEW.id, NEW.incident_id, NEW.queue_name, NEW.at, NEW.source, NEW.staffed, NEW.busy, NEW.paused,
            NEW.waiting, NEW.longest_wait)
    ) EXECUTE FUNCTION incident_refuse();
"""

DROP = """
DROP TRIGGER sample_never_changed ON incident_sample;
DROP TRIGGER sample_never_deleted ON incident_sample;
"""


class Migration(migrations.Migration):
    dependencies = [("incident", "0005_who_is_asked_to_come")]

    operations = [migrations.RunSQL(CREATE, DROP)]
