"""Who saw whose numbers stays as it was written; only the account and the person may go from it when they go."""

from django.db import migrations

CREATE = """
CREATE FUNCTION staffing_keep_disclosure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND ROW(NEW.id, NEW.site_id, NEW.user_name, NEW.kind, NEW.detail, NEW.at)
            IS NOT DISTINCT FROM ROW(OLD.id, OLD.site_id, OLD.user_name, OLD.kind, OLD.detail, OLD.at)
        AND (NEW.user_id IS NULL OR NEW.user_id = OLD.user_id)
        AND (NEW.person_id IS NULL OR NEW.person_id = OLD.person_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are kept as they are', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER disclosure_append_only BEFORE UPDATE OR DELETE ON staffing_disclosure
    FOR EACH ROW EXECUTE FUNCTION staffing_keep_disclosure();
"""

DROP = """
DROP TRIGGER disclosure_append_only ON staffing_disclosure;
DROP FUNCTION staffing_keep_disclosure();
"""


class Migration(migrations.Migration):
    dependencies = [("staffing", "0002_people_rosters_seats")]

    operations = [migrations.RunSQL(CREATE, DROP)]
