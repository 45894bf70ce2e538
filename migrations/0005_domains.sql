-- Domains belong to tenants: the key keeps two tenants from having the same one. Names are in A-labels and lower case. The
-- principal names that are there decide which tenant gets which domain: see src/store/fills.ts.

CREATE TABLE domains (
  name       TEXT    NOT NULL PRIMARY KEY,
  tenant_id  TEXT    NOT NULL,
  is_default INTEGER NOT NULL,
  is_initial INTEGER NOT NULL,
  type       TEXT    NOT NULL -- Managed or Federated
);
CREATE INDEX domains_by_tenant ON domains (tenant_id, name);

-- The key keeps two users of a tenant from having the same identity. `identity` is the SHA-256 of issuer and issuerAssignedId,
-- folded: an index of the texts themselves would have no bound.
CREATE TABLE identities (
  tenant_id TEXT NOT NULL,
  identity  TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, identity)
);
CREATE INDEX identities_by_user ON identities (tenant_id, user_id);
