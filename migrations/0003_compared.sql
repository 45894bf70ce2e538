-- What questions compare and sort by. Texts compare without regard to case, in all of Unicode, which no engine can do
-- by itself the way the other does: so what is compared is kept. `display_name` and `mail` are folded, '' where there
-- is none; `compared` is JSON text of the members whose comparable form is not what `record` says, by path.

ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN mail TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN compared TEXT;
CREATE INDEX users_by_display_name ON users (tenant_id, display_name, id);
CREATE INDEX users_by_mail ON users (tenant_id, mail, id);
ALTER TABLE profile_emails ADD COLUMN compared TEXT;
