/** Requests and their answers for the reader of the API's documents; a test sends each of them, in this order. */

import type { Example } from '../../odata/service/service-description.ts'
import type { Version } from '../operation.ts'

const home = 'https://localhost:8443'
const kim = '00000000-0000-4000-8000-000000000001'
const kims = `users('${kim}')`
const lees = "users('lee%40contoso.com')/authentication"
const context = (version: Version, of: string) => ({ '@odata.context': `${home}/${version}/$metadata#${of}` })

const tag = (characters: string) => ({ '@odata.etag': `W/"${characters}"` })

const method = { ...tag('R6xEEJAoXmdxXmqYHnwxH3'), id: '3ddfcfc8-9383-446f-83cc-3ab9be4be18f', emailAddress: 'lee@fabrikam.com' }

const author = {
  application: { displayName: 'Test client', id: '11111111-2222-4333-8444-555555555555' },
  device: null,
  user: { displayName: 'Kim Akers', id: kim },
}

const email = {
  ...tag('e1xVwK3pd_Vfi7iunJexnk'),
  id: '01a200f4-a87f-7737-9f99-919479ca8158',
  allowedAudiences: 'organization',
  inference: null,
  createdDateTime: '2026-01-31T12:00:00.123Z',
  createdBy: author,
  lastModifiedDateTime: '2026-01-31T12:00:00.123Z',
  lastModifiedBy: author,
  source: null,
  address: 'kim@contoso.com',
  displayName: 'Work',
  type: 'work',
}

const signedInUser: Example = {
  says: 'The members that are answered by default.',
  status: 200,
  answer: {
    ...context('v1.0', 'users/$entity'),
    ...tag('kl4_n3ZVeQNMunslNfviDd'),
    id: kim,
    businessPhones: [],
    displayName: 'Kim Akers',
    givenName: 'Kim',
    jobTitle: 'Product Manager',
    mail: 'kim@contoso.com',
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: 'en-US',
    surname: 'Akers',
    userPrincipalName: 'kim@contoso.com',
  },
}

const emailMethod: Example = {
  says: 'An Authentication Administrator sets the address of somebody else.',
  body: { emailAddress: 'lee@fabrikam.com' },
  status: 201,
  answer: { ...context('v1.0', `${lees}/emailMethods/$entity`), ...method },
}

const emailMethods: Example = {
  says: 'None or one.',
  status: 200,
  answer: { ...context('v1.0', `${lees}/emailMethods`), value: [method] },
}

const methods: Example = {
  says: 'Each says of which type it is.',
  status: 200,
  answer: {
    ...context('v1.0', `${lees}/methods`),
    value: [{ '@odata.type': '#microsoft.graph.emailAuthenticationMethod', ...method }],
  },
}

const newEmail: Example = {
  says: 'An address to show to the own organization.',
  body: { address: 'kim@contoso.com', displayName: 'Work', type: 'work', allowedAudiences: 'organization' },
  status: 201,
  answer: { ...context('beta', `${kims}/profile/emails/$entity`), '@odata.type': '#microsoft.graph.itemEmail', ...email },
}

const changedEmail: Example = {
  says: 'What is not named stays as it is.',
  body: { displayName: 'Office' },
  status: 200,
  answer: { ...context('beta', `${kims}/profile/emails/$entity`), ...email, ...tag('2yq2EBDFsLHBuVtbSe9mry'), displayName: 'Office' },
}

/** By version, then by the operation's id. */
export const examples: Readonly<Record<Version, Readonly<Record<string, readonly Example[]>>>> = {
  'v1.0': {
    'me.get': [signedInUser],
    'users.authentication.emailMethods.create': [emailMethod],
    'users.authentication.emailMethods.list': [emailMethods],
    'users.authentication.methods.list': [methods],
    'users.authentication.emailMethods.update': [
      { says: 'The address is replaced.', body: { emailAddress: 'lee@litware.com' }, status: 204 },
    ],
  },
  beta: {
    'me.profile.emails.create': [newEmail],
    'me.profile.emails.list': [
      {
        says: 'In the order in which they were made.',
        status: 200,
        answer: { ...context('beta', `${kims}/profile/emails`), value: [email] },
      },
    ],
    'me.profile.emails.count': [{ says: 'One.', status: 200, answer: 1 }],
    'me.profile.emails.update': [changedEmail],
    'me.profile.emails.remove': [{ says: 'It is gone.', status: 204 }],
  },
}
