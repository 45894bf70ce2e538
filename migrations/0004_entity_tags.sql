-- What entity tags are made of. `secrets` holds what all servers on a database must have in common, and nobody else may
-- know. `changes` counts what Graph changed of a person: who may write a member without reading it could otherwise try
-- values until the tag of the one before comes back.

CREATE TABLE secrets (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

ALTER TABLE users ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
