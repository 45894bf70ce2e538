/**
 * Who may write to the directory: people, groups, role assignments. Written by hand from what Microsoft Graph documents
 * and from what this product decides where the two differ. Not derived from the tables in src/graph: it is what those are
 * held against.
 */

type Names = readonly string[]

export interface DirectoryAsks {
  /** A request that changes nothing where it is allowed. */
  readonly request: string
  readonly body?: unknown
  /** Its status then. */
  readonly passes: number
  /** Delegated, work or school. Personal accounts never. */
  readonly delegated: Names
  readonly application: Names
  /** Besides `delegated`; absent: none is asked for. */
  readonly roles?: Names
  /** Of these roles, those that `body` asks more than. */
  readonly notForBody?: Names
}

const nowhere = '00000000-0000-4000-8000-000000009999'

const devices = [
  'DeviceManagementApps.ReadWrite.All',
  'DeviceManagementConfiguration.ReadWrite.All',
  'DeviceManagementManagedDevices.ReadWrite.All',
  'DeviceManagementServiceConfig.ReadWrite.All',
]
const createUsers = ['User.ReadWrite.All', 'Directory.ReadWrite.All', ...devices]
const deleteUsers = ['User.DeleteRestore.All', 'User.ReadWrite.All', ...devices]
const changeUsers = [
  ...createUsers,
  'User-Mail.ReadWrite.All',
  'User-PasswordProfile.ReadWrite.All',
  'User-Phone.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User.ManageIdentities.All',
]
const userWriters = ['User Administrator', 'Privileged Authentication Administrator', 'Global Administrator']

const readRoles = ['RoleManagement.Read.Directory', 'RoleManagement.ReadWrite.Directory', 'Directory.Read.All', 'Directory.ReadWrite.All']
const roleReaders = ['Directory Readers', 'Global Reader', 'Privileged Role Administrator', 'Global Administrator']
const writeRoles = {
  delegated: ['RoleManagement.ReadWrite.Directory'],
  application: ['RoleManagement.ReadWrite.Directory'],
  roles: ['Privileged Role Administrator', 'Global Administrator'],
}

const readGroups = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All']
const writeGroups = ['Group.ReadWrite.All', 'Directory.ReadWrite.All']
const readMembers = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All', 'GroupMember.ReadWrite.All', 'Group.ReadWrite.All']
const writeMembers = ['GroupMember.ReadWrite.All', ...writeGroups]
/** The last one gets as far as it is known which group it is about: that the path names, or that the body makes. */
const groupWriters = ['Groups Administrator', 'User Administrator', 'Global Administrator', 'Privileged Role Administrator']
const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/users/${nowhere}` }
const same = (names: Names) => ({ delegated: names, application: names })

// biome-ignore format: a table of facts, aligned by hand
export const directoryTable: Readonly<Record<string, DirectoryAsks>> = {
  'POST /users':          { request: 'POST /users', body: {}, passes: 400, ...same(createUsers), roles: ['User Administrator', 'Global Administrator'] },
  'PATCH /users/{user}':  { request: 'PATCH /users/lee@contoso.com', body: {}, passes: 204, delegated: changeUsers, application: [...changeUsers, 'User.ReadWrite.CrossCloud'], roles: userWriters },
  'DELETE /users/{user}': { request: `DELETE /users/${nowhere}`, passes: 404, delegated: deleteUsers, application: [...deleteUsers, 'User.ReadWrite.CrossCloud'], roles: userWriters },

  'GET /roleManagement/directory/roleAssignments':                 { request: 'GET /roleManagement/directory/roleAssignments', passes: 200, delegated: [...readRoles, 'RoleManagement.Read.All'], application: readRoles, roles: roleReaders },
  'GET /roleManagement/directory/roleAssignments/{assignment}':    { request: 'GET /roleManagement/directory/roleAssignments/none', passes: 404, delegated: [...readRoles, 'RoleManagement.Read.All'], application: readRoles, roles: roleReaders },
  'POST /roleManagement/directory/roleAssignments':                { request: 'POST /roleManagement/directory/roleAssignments', body: {}, passes: 400, ...writeRoles },
  'DELETE /roleManagement/directory/roleAssignments/{assignment}': { request: 'DELETE /roleManagement/directory/roleAssignments/none', passes: 404, ...writeRoles },

  'GET /groups':            { request: 'GET /groups', passes: 200, ...same(readGroups) },
  'GET /groups/$count':     { request: 'GET /groups/$count?ConsistencyLevel=eventual', passes: 200, ...same(readGroups) },
  'GET /groups/{group}':    { request: `GET /groups/${nowhere}`, passes: 404, ...same(readGroups) },
  'POST /groups':           { request: 'POST /groups', body: {}, passes: 400, delegated: writeGroups, application: ['Group.Create', ...writeGroups], roles: groupWriters, notForBody: ['Privileged Role Administrator'] },
  'PATCH /groups/{group}':  { request: `PATCH /groups/${nowhere}`, body: {}, passes: 404, ...same(writeGroups), roles: groupWriters },
  'DELETE /groups/{group}': { request: `DELETE /groups/${nowhere}`, passes: 404, ...same(['Group.ReadWrite.All']), roles: groupWriters },

  'GET /groups/{group}/members':                  { request: `GET /groups/${nowhere}/members`, passes: 404, ...same(readMembers) },
  'GET /groups/{group}/members/$count': { request: `GET /groups/${nowhere}/members/$count?ConsistencyLevel=eventual`, passes: 404, ...same(readMembers) },
  'GET /groups/{group}/members/{member}': { request: `GET /groups/${nowhere}/members/${nowhere}`, passes: 404, ...same(readMembers) },
  'GET /groups/{group}/members/{member}/$ref': { request: `GET /groups/${nowhere}/members/${nowhere}/$ref`, passes: 404, ...same(readMembers) },
  'POST /groups/{group}/members/$ref':            { request: `POST /groups/${nowhere}/members/$ref`, body: reference, passes: 404, ...same(writeMembers), roles: groupWriters },
  'DELETE /groups/{group}/members/{member}/$ref': { request: `DELETE /groups/${nowhere}/members/${nowhere}/$ref`, passes: 404, ...same(writeMembers), roles: groupWriters },
  'GET /groups/{group}/owners':                   { request: `GET /groups/${nowhere}/owners`, passes: 404, ...same(readMembers) },
  'GET /groups/{group}/owners/$count': { request: `GET /groups/${nowhere}/owners/$count?ConsistencyLevel=eventual`, passes: 404, ...same(readMembers) },
  'GET /groups/{group}/owners/{owner}': { request: `GET /groups/${nowhere}/owners/${nowhere}`, passes: 404, ...same(readMembers) },
  'GET /groups/{group}/owners/{owner}/$ref': { request: `GET /groups/${nowhere}/owners/${nowhere}/$ref`, passes: 404, ...same(readMembers) },
  'POST /groups/{group}/owners/$ref':             { request: `POST /groups/${nowhere}/owners/$ref`, body: reference, passes: 404, ...same(writeGroups), roles: groupWriters },
  'DELETE /groups/{group}/owners/{owner}/$ref':   { request: `DELETE /groups/${nowhere}/owners/${nowhere}/$ref`, passes: 404, ...same(writeGroups), roles: groupWriters },
}

/** Each permission that stands somewhere in the table, and others that must open nothing. */
export const directoryPermissions: Names = [
  ...new Set([
    ...changeUsers,
    ...deleteUsers,
    ...readRoles,
    ...readGroups,
    ...writeMembers,
    'Group.Create',
    'RoleManagement.Read.All',
    'User.ReadWrite.CrossCloud',
  ]),
  'User.Read',
  'User.Read.All',
  'User.ReadWrite',
  'User.ReadBasic.All',
  'Group.ReadBasic.All',
  'GroupMember.ReadWrite',
  'user.readwrite.all',
  'UserAuthenticationMethod.ReadWrite.All',
  'openid',
]
