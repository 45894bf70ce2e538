-- Work that outlives a request. A job is waiting (no lease), running (`lease` is the token of the process that runs it) or dead.
-- `next_at` says when something is to happen: a waiting job is run, a running one may be taken over, a dead one is swept away.
-- The id of a recurring job is its kind, so that there is one row of it. `payload` is JSON text.

CREATE TABLE jobs (
  id         TEXT    NOT NULL PRIMARY KEY,
  kind       TEXT    NOT NULL,
  tenant_id  TEXT,
  payload    TEXT    NOT NULL,
  added_at   TEXT    NOT NULL,
  is_dead    INTEGER NOT NULL,
  next_at    TEXT    NOT NULL,
  lease      TEXT,
  attempts   INTEGER NOT NULL,
  last_error TEXT -- a code
);
CREATE INDEX jobs_by_next ON jobs (is_dead, next_at, id);

-- What the sweeper saw of an import that has not come to its end, and when: one that has not come any further since goes.
ALTER TABLE imports ADD COLUMN seen_lines INTEGER;
ALTER TABLE imports ADD COLUMN seen_at TEXT;
