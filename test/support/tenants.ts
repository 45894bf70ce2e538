/** The demo tenants, as the product's page writes them down. */

export const tenants = {
  contoso: 'aaaabbbb-0000-4ccc-8111-dddd2222eeee',
  fabrikam: 'bbbbcccc-1111-4ddd-8222-eeee3333ffff',
  litware: 'ccccdddd-2222-4eee-8333-ffff4444aaaa',
  personal: '9188040d-6c67-4c5b-b112-36a304b66dad',
} as const

export const users = {
  kim: { id: '0001', principalName: 'kim@contoso.com', tenant: 'contoso' },
  lee: { id: '0002', principalName: 'lee@contoso.com', tenant: 'contoso' },
  authadmin: { id: '0011', principalName: 'authadmin@contoso.com', tenant: 'contoso' },
  privadmin: { id: '0012', principalName: 'privadmin@contoso.com', tenant: 'contoso' },
  globaladmin: { id: '0013', principalName: 'globaladmin@contoso.com', tenant: 'contoso' },
  reader: { id: '0014', principalName: 'reader@contoso.com', tenant: 'contoso' },
  helpdesk: { id: '0015', principalName: 'helpdesk@contoso.com', tenant: 'contoso' },
  useradmin: { id: '0016', principalName: 'useradmin@contoso.com', tenant: 'contoso' },
  jo: { id: '0021', principalName: 'jo@fabrikam.com', tenant: 'fabrikam' },
  ari: { id: '0031', principalName: 'ari@litware.com', tenant: 'litware' },
  sam: { id: '0041', principalName: 'sam@outlook.example', tenant: 'personal' },
} as const satisfies Record<string, { id: string; principalName: string; tenant: keyof typeof tenants }>

export type UserName = keyof typeof users

export function personId(user: UserName): string {
  return `00000000-0000-4000-8000-00000000${users[user].id}`
}
