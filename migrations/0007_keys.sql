-- The keys that this server signs tokens with. The state of a key follows from the times: the one with the highest number whose
-- `signs_at` has come signs, those above it are next, those below it are retired. `sealed` is the private key, which only a
-- secret from outside the database opens. Two processes that add a key at once choose the same number, and one of them adds it.

CREATE TABLE signing_keys (
  number   INTEGER NOT NULL PRIMARY KEY,
  id       TEXT    NOT NULL,
  signs_at TEXT    NOT NULL,
  sealed   TEXT    NOT NULL
);
CREATE UNIQUE INDEX signing_keys_by_id ON signing_keys (id);
