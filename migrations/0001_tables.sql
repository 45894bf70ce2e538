-- Keys lead with the tenant and the person, so that everything about a person lies together and a cluster can
-- spread people over machines. Ids and times are text; times have seven fraction digits, so that text order is time
-- order. `record` is JSON text.

CREATE TABLE tenants (
  id           TEXT NOT NULL PRIMARY KEY,
  display_name TEXT
);

-- The tenants that a tenant lists as federated with it.
CREATE TABLE federations (
  tenant_id           TEXT NOT NULL,
  federated_tenant_id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, federated_tenant_id)
);

CREATE TABLE users (
  tenant_id       TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  principal_name  TEXT    NOT NULL, -- folded
  account_enabled INTEGER NOT NULL,
  record          TEXT    NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX users_by_principal_name ON users (tenant_id, principal_name);
-- For those who look at a person from another tenant. Not unique: a cluster could not keep that.
CREATE INDEX users_anywhere_by_id ON users (id);
CREATE INDEX users_anywhere_by_principal_name ON users (principal_name);

CREATE TABLE administrative_units (
  tenant_id     TEXT    NOT NULL,
  id            TEXT    NOT NULL,
  display_name  TEXT,
  is_restricted INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- `scope` is `/` for the whole tenant, or `/administrativeUnits/{id}`.
CREATE TABLE role_assignments (
  tenant_id TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  role_id   TEXT NOT NULL,
  scope     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, user_id, role_id, scope)
);

CREATE TABLE groups (
  tenant_id          TEXT    NOT NULL,
  id                 TEXT    NOT NULL,
  display_name       TEXT,
  is_role_assignable INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- `relation` is `member` or `owner`.
CREATE TABLE group_members (
  tenant_id TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  group_id  TEXT NOT NULL,
  relation  TEXT NOT NULL,
  PRIMARY KEY (tenant_id, user_id, group_id, relation)
);

-- Whom a person lists; `relation` is `family` or `contacts`.
CREATE TABLE relations (
  tenant_id       TEXT NOT NULL,
  user_id         TEXT NOT NULL,
  relation        TEXT NOT NULL,
  other_tenant_id TEXT NOT NULL,
  other_user_id   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, user_id, relation, other_tenant_id, other_user_id)
);

CREATE TABLE profile_emails (
  tenant_id  TEXT    NOT NULL,
  user_id    TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  created_at TEXT    NOT NULL,
  audiences  INTEGER NOT NULL, -- the bits of allowedAudiences
  record     TEXT    NOT NULL, -- the itemEmail as it goes out
  PRIMARY KEY (tenant_id, user_id, id)
);

-- The key is what allows one method a person.
CREATE TABLE email_methods (
  tenant_id     TEXT NOT NULL,
  user_id       TEXT NOT NULL,
  email_address TEXT NOT NULL,
  created_at    TEXT NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE email_method_policies (
  tenant_id TEXT NOT NULL PRIMARY KEY,
  record    TEXT NOT NULL
);

-- How far an import came: its lines up to `lines` are done.
CREATE TABLE imports (
  file_hash TEXT    NOT NULL PRIMARY KEY,
  lines     INTEGER NOT NULL
);
