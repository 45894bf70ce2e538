/** Somebody's program, in a process of its own: adds an email with an official client and prints its address. */

import { Client } from '@microsoft/microsoft-graph-client'

const { SERVER = '', TOKEN = '' } = process.env
const client = Client.init({
  baseUrl: SERVER,
  defaultVersion: 'beta',
  customHosts: new Set([new URL(SERVER).hostname]),
  authProvider: (done) => done(null, TOKEN),
})
const { address } = await client.api('/me/profile/emails').post({ address: 'kim@contoso.com' })
const { value } = await client.api('/me/profile/emails').get()
console.log(address, value.length)
