"""Row triggers that refuse every change of a published plan version and of all its rows, for every role."""

from django.db import migrations

# Which version a row belongs to, by its table.
VERSION_OF = """
CREATE FUNCTION playbooks_version_of(tab text, doc jsonb) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE tab
        WHEN 'playbooks_planversion' THEN (doc->>'id')::bigint
        WHEN 'playbooks_postname' THEN (doc->>'version_id')::bigint
        WHEN 'playbooks_playbook' THEN (doc->>'version_id')::bigint
        WHEN 'playbooks_metric' THEN
            (SELECT version_id FROM playbooks_playbook WHERE id = (doc->>'playbook_id')::bigint)
        WHEN 'playbooks_note' THEN
            (SELECT version_id FROM playbooks_playbook WHERE id = (doc->>'playbook_id')::bigint)
        WHEN 'playbooks_level' THEN
            (SELECT version_id FROM playbooks_playbook WHERE id = (doc->>'playbook_id')::bigint)
        WHEN 'playbooks_dutyrule' THEN
            (SELECT version_id FROM playbooks_playbook WHERE id = (doc->>'playbook_id')::bigint)
        WHEN 'playbooks_rule' THEN
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_level l ON l.playbook_id = p.id
             WHERE l.id = (doc->>'level_id')::bigint)
        WHEN 'playbooks_effect' THEN
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_dutyrule d ON d.playbook_id = p.id
             WHERE d.id = (doc->>'duty_id')::bigint)
        WHEN 'playbooks_condition' THEN COALESCE(
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_level l ON l.playbook_id = p.id
             JOIN playbooks_rule r ON r.level_id = l.id WHERE r.id = (doc->>'rule_id')::bigint),
            (SELECT p.version_id FROM playbooks_playbook p JOIN playbooks_dutyrule d ON d.playbook_id = p.id
             WHERE d.id = (doc->>'duty_id')::bigint))
    END
$$;
"""

# FOR SHARE holds off a publication that runs at the same moment, so no row slips in behind it.
GUARD = """
CREATE FUNCTION playbooks_refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint;
    standing text;
BEGIN
    IF TG_TABLE_NAME = 'playbooks_planversion' THEN
        IF OLD.state = 'published' THEN
            RAISE EXCEPTION 'plan version % is published and cannot be changed', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSE
        IF TG_OP <> 'INSERT' THEN
            owner := playbooks_version_of(TG_TABLE_NAME, to_jsonb(OLD));
            SELECT state INTO standing FROM playbooks_planversion WHERE id = owner FOR SHARE;
            IF standing = 'published' THEN
                RAISE EXCEPTION 'plan version % is published: % of % refused', owner, TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            owner := playbooks_version_of(TG_TABLE_NAME, to_jsonb(NEW));
            SELECT state INTO standing FROM playbooks_planversion WHERE id = owner FOR SHARE;
            IF standing = 'published' THEN
                RAISE EXCEPTION 'plan version % is published: % of % refused', owner, TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
"""

CHILDREN = (
    "postname",
    "playbook",
    "metric",
    "note",
    "level",
    "dutyrule",
    "rule",
    "effect",
    "condition",
)


def _trigger(table: str, events: str) -> str:
    return (
        f"CREATE TRIGGER refuse_published BEFORE {events} ON playbooks_{table} "
        "FOR EACH ROW EXECUTE FUNCTION playbooks_refuse_published();"
        f"ALTER TABLE playbooks_{table} ENABLE ALWAYS TRIGGER refuse_published;"
    )


TRIGGERS = [_trigger("planversion", "UPDATE OR DELETE")] + [
    _trigger(table, "INSERT OR UPDATE OR DELETE") for table in CHILDREN
]
DROP = "".join(f"DROP TRIGGER refuse_published ON playbooks_{table};" for table in ("planversion", *CHILDREN))


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0001_tables_of_the_law")]

    operations = [
        migrations.RunSQL(VERSION_OF, "DROP FUNCTION playbooks_version_of(text, jsonb);"),
        migrations.RunSQL(GUARD, "DROP FUNCTION playbooks_refuse_published();"),
        migrations.RunSQL("".join(TRIGGERS), DROP),
    ]
