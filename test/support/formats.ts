/** The formats that our OpenAPI documents speak of, as strictly as we write them. */

import type { Ajv2020 } from 'ajv/dist/2020.js'

/** Times are in UTC with at most seven fraction digits. Of a number's format the type says enough. */
const formats: Readonly<Record<string, RegExp | true>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/,
  'idn-email': /^[^@]+@[^@]+\.[^@]+$/,
  uri: /^https?:\/\/[^/\s]+\/\S*$/,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
  double: true,
  int32: true,
}

export function addFormats(ajv: Ajv2020): Ajv2020 {
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format)
  return ajv
}
