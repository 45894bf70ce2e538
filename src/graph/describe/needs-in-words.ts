/** Renders the needs of an operation as sentences, for docs/permissions.md and OpenAPI. */

import type { MemberNeeds, Needs, Sufficient } from '../../auth/needs.ts'

/** The settings that open what is refused by default. */
export const openingSettings: Readonly<Record<NonNullable<Sufficient['onlyWith']>, string>> = {
  allowApplications: 'SELFGRAPH_ALLOW_APPLICATIONS',
  allowPersonalAccounts: 'SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS',
}

/** The kind of caller, and its needs. */
export type NeedsRow = readonly [caller: string, needs: string]

/** A row for each kind of caller. */
export function needsInWords(needs: Needs): readonly NeedsRow[] {
  const role = needs.roles === 'none' ? '' : `; and one of the roles ${needs.roles.join(', ')}`
  if (needs.on !== 'person') {
    const further = needs.on === 'group' ? needs.roleAssignable : undefined
    return [
      ['work or school account', `${sufficient(needs.delegated)}${role}`],
      ['personal account', sufficient(needs.personal)],
      ['application', sufficient(needs.application)],
      ...(further === undefined
        ? []
        : [
            [
              'anyone, on a group that roles can be assigned to',
              `${sufficient(further)} besides; and of the roles one of ${further.roles.join(', ')}`,
            ] as const,
          ]),
    ]
  }
  const reach = needs.roles === 'none' ? '' : needs.targets === 'withinReach' ? ', within the role’s reach' : ', on anyone in the tenant'
  const sight = needs.crossTenant === true ? '; and sees what the audience of each item allows' : ''
  return [
    ...onOneself(needs, `${role}${reach}`),
    [
      'work or school account, on others',
      needs.others.permissions.length === 0 ? 'nobody' : `${sufficient(needs.others)}${role}${reach}${sight}`,
    ],
    ['personal account', sufficient(needs.personal)],
    [
      'application',
      `${sufficient(needs.application)}${needs.application.permissions.length === 0 ? '' : sight}${needs.applicationWithinReach === true ? '; on those whom applications reach, or with a role that reaches' : ''}`,
    ],
    ...(needs.members === undefined ? [] : memberRows(needs.members)),
  ]
}

type PersonNeeds = Extract<Needs, { on: 'person' }>

function onOneself(needs: PersonNeeds, role: string): readonly NeedsRow[] {
  const mfa = {
    notAsked: '',
    asked: '; and MFA in this sign-in',
    change: '; and MFA in this sign-in; refused with `SELFGRAPH_SELF_SERVICE_METHODS=0`',
  }[needs.mfa]
  return [['work or school account, on oneself', `${sufficient(needs.self)}${mfa}${needs.rolesOnSelf === true ? role : ''}`]]
}

function memberRows({ own, sensitive, narrow, guarded }: MemberNeeds): readonly NeedsRow[] {
  const names = (members: readonly string[]) => members.map((name) => `\`${name}\``).join(', ')
  return [
    ['members of oneself', `without a role ${names(own)}; the others with a role that reaches oneself`],
    ['members of others', `an application changes ${names(sensitive)} of those whom applications reach, or with a role that reaches`],
    ...Object.entries(narrow).map(([permission, members]) => [`\`${permission}\``, `opens ${names(members)} only`] as const),
    ['other permissions', `don't open ${names(guarded)}`],
  ]
}

function sufficient({ permissions: names, onlyWith }: Sufficient | { permissions: readonly string[]; onlyWith?: never }): string {
  if (names.length === 0) return 'nobody'
  const setting = onlyWith === undefined ? '' : `, with \`${openingSettings[onlyWith]}=1\` only`
  return `${names.map((permission) => `\`${permission}\``).join(', ')}${setting}`
}
