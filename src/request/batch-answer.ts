/** The answer to a part, as it stands in the answer to its batch (OData JSON 4.01, section 19.5). */

import type { GraphResponse } from './message.ts'

export function renderAnswer(id: string, answer: GraphResponse | undefined): string {
  if (answer === undefined) throw new Error('a part of a batch was left without an answer')
  const { status, headers, body } = answer
  const head = `{"id":${JSON.stringify(id)},"status":${status},"headers":${JSON.stringify(headers)}`
  return body === undefined ? `${head}}` : `${head},"body":${bodyMember(headers['Content-Type'] ?? '', body)}}`
}

/** Our own JSON goes in as it is, a text as a JSON string, and whatever else there is in base64url, as OData says. */
function bodyMember(contentType: string, body: string): string {
  if (contentType.startsWith('application/json')) return body
  return JSON.stringify(contentType.startsWith('text/') ? body : Buffer.from(body).toString('base64url'))
}
