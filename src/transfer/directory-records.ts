/** The records of the directory: tenants, users, and what surrounds them. */

import { type RoleName, roleTemplates } from '../auth/roles.ts'
import { checkValues } from '../graph/groups/groups.ts'
import { fold } from '../model/address.ts'
import { group } from '../model/directory.ts'
import { complexType, entityType, enumType } from '../model/edm.ts'
import { type StoredRecord, storedRecord } from '../odata/json/stored-record.ts'
import { printable } from '../odata/json/text.ts'
import {
  groupExists,
  putAdministrativeUnit,
  putGroup,
  putGroupMember,
  putRelation,
  putRoleAssignment,
  tenantExists,
} from '../store/tables/directory.ts'
import { userExists } from '../store/tables/people.ts'
import { id, name, noTenant, noUser, oneByOne, personOf, tenantId } from './record-kind.ts'
import { tenantKind } from './tenant-records.ts'
import { userKind } from './user-records.ts'

/** Members with a column of their own, or in the key. */
const columnsOfGroup = ['tenantId', 'id', 'displayName', 'isAssignableToRole']

/** The other members of a group; null where there are none. Throws `bodyInvalid` where they are too large. */
function furtherOf(record: object): StoredRecord | null {
  const further = Object.entries(record).filter(([name]) => !columnsOfGroup.includes(name))
  return further.length === 0 ? null : storedRecord(JSON.stringify(Object.fromEntries(further)))
}

const groupRelation = enumType('groupRelation', { member: 0, owner: 1 })
const personRelation = enumType('personRelation', { family: 0, contacts: 1 })

/** In the order in which they depend on each other, which is the order of an export. */
export const directoryKinds = {
  tenant: tenantKind,
  user: userKind,

  administrativeUnit: oneByOne({
    type: complexType('administrativeUnit', { tenantId: id, id, displayName: name, isMemberManagementRestricted: { type: 'Edm.Boolean' } }),
    required: ['tenantId', 'id'],
    put: async (transaction, record) => {
      const key = tenantId(record.tenantId)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      await putAdministrativeUnit(
        transaction,
        key,
        record.id ?? '',
        record.displayName ?? null,
        record.isMemberManagementRestricted ?? false,
      )
      return undefined
    },
    table: 'administrative_units',
    key: ['tenant_id', 'id'],
    columns: ['display_name', 'is_restricted'],
    out: (row) => ({
      tenantId: row.tenant_id,
      id: row.id,
      displayName: row.display_name,
      isMemberManagementRestricted: row.is_restricted === 1,
    }),
  }),

  group: oneByOne({
    type: entityType('group', { tenantId: id }, { base: group }),
    required: ['tenantId', 'id'],
    check: ({ tenantId: _, ...record }) => {
      checkValues(record)
      furtherOf(record)
      return undefined
    },
    put: async (transaction, record) => {
      const { tenantId: tenant, id: groupId, displayName, isAssignableToRole } = record
      const key = tenantId(tenant)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      await putGroup(transaction, key, {
        id: groupId,
        displayName: displayName ?? null,
        isRoleAssignable: isAssignableToRole ?? false,
        record: furtherOf(record),
      })
      return undefined
    },
    table: 'groups',
    key: ['tenant_id', 'id'],
    columns: ['display_name', 'is_role_assignable', 'record'],
    out: (row) => ({
      tenantId: row.tenant_id,
      id: row.id,
      displayName: row.display_name,
      isAssignableToRole: row.is_role_assignable === 1,
      ...(JSON.parse(String(row.record ?? '{}')) as object), // written above, or by the API
    }),
  }),

  groupMember: oneByOne({
    type: complexType('groupMember', { tenantId: id, groupId: id, userId: id, relation: { type: groupRelation } }),
    required: ['tenantId', 'groupId', 'userId'],
    put: async (transaction, record) => {
      const person = personOf(record)
      if (!(await userExists(transaction, person))) return noUser(person)
      if (!(await groupExists(transaction, person.tenantId, record.groupId ?? '')))
        return `there is no group ${record.groupId} in tenant ${person.tenantId}`
      await putGroupMember(transaction, person.tenantId, record.groupId ?? '', person.id, record.relation ?? 'member')
      return undefined
    },
    table: 'group_members',
    key: ['tenant_id', 'user_id', 'group_id', 'relation'],
    columns: [],
    out: (row) => ({ tenantId: row.tenant_id, groupId: row.group_id, userId: row.user_id, relation: row.relation }),
  }),

  role: oneByOne({
    type: complexType('role', { tenantId: id, userId: id, role: id, directoryScopeId: name }),
    required: ['tenantId', 'userId', 'role'],
    check: ({ role, directoryScopeId: scope }) => {
      if (roleIdOf(role ?? '') === undefined)
        return `${printable(role ?? '')} is no role: give a template id, or one of ${Object.keys(roleTemplates).join(', ')}`
      const known = (scope ?? '/') === '/' || /^\/administrativeUnits\/[^/]+$/.test(scope ?? '')
      return known ? undefined : 'directoryScopeId must be / or /administrativeUnits/{id}'
    },
    put: async (transaction, record) => {
      const person = personOf(record)
      if (!(await userExists(transaction, person))) return noUser(person)
      await putRoleAssignment(transaction, person.tenantId, person.id, roleIdOf(record.role ?? '') ?? '', record.directoryScopeId ?? '/')
      return undefined
    },
    table: 'role_assignments',
    key: ['tenant_id', 'user_id', 'role_id', 'scope'],
    columns: [],
    out: (row) => ({ tenantId: row.tenant_id, userId: row.user_id, role: row.role_id, directoryScopeId: row.scope }),
  }),

  relation: oneByOne({
    type: complexType('relation', { tenantId: id, userId: id, relation: { type: personRelation }, otherTenantId: id, otherUserId: id }),
    required: ['tenantId', 'userId', 'relation', 'otherUserId'],
    put: async (transaction, record) => {
      const person = personOf(record)
      if (!(await userExists(transaction, person))) return noUser(person)
      await putRelation(
        transaction,
        person.tenantId,
        person.id,
        record.relation ?? 'contacts',
        tenantId(record.otherTenantId ?? person.tenantId),
        record.otherUserId ?? '',
      )
      return undefined
    },
    table: 'relations',
    key: ['tenant_id', 'user_id', 'relation', 'other_tenant_id', 'other_user_id'],
    columns: [],
    out: (row) => ({
      tenantId: row.tenant_id,
      userId: row.user_id,
      relation: row.relation,
      otherTenantId: row.other_tenant_id,
      otherUserId: row.other_user_id,
    }),
  }),
} as const

function roleIdOf(role: string): string | undefined {
  const known = Object.keys(roleTemplates).find((candidate): candidate is RoleName => fold(candidate) === fold(role))
  if (known !== undefined) return roleTemplates[known]
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(role) ? role.toLowerCase() : undefined
}
