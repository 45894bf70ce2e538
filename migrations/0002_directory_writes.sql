-- What writing to the directory over Graph needs: a person is removed together with the entries of those who list them,
-- and a group is asked for its members. `record` holds the members of a group that have no column, as JSON text.

CREATE INDEX relations_by_other ON relations (other_tenant_id, other_user_id);
CREATE INDEX group_members_by_group ON group_members (tenant_id, group_id, relation, user_id);
ALTER TABLE groups ADD COLUMN record TEXT;
