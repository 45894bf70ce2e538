/** The documents that describe the service to machines, as text. Each is made once, when it is first asked for. */

import { renderMetadataXml } from '../../odata/service/metadata.ts'
import { renderMetadataJson, renderServiceDocument } from '../../odata/service/metadata-json.ts'
import { openApiOf, type ServiceUrls } from '../../odata/service/openapi.ts'
import type { Version } from '../operation.ts'
import { describeService, type FeatureSettings } from './describe-service.ts'

/** OData CSDL XML 4.01; media type `application/xml`. */
export function metadataXml(version: Version, opened: FeatureSettings = {}): string {
  return once('xml', version, opened, () => renderMetadataXml(describeService(version, opened)))
}

/** OData CSDL JSON 4.01; media type `application/json`. */
export function metadataJson(version: Version, opened: FeatureSettings = {}): string {
  return once('json', version, opened, () => renderMetadataJson(describeService(version, opened)))
}

/** The sets and singletons that paths begin with. `origin` is absolute, without a slash at its end. */
export function serviceDocument(version: Version, origin: string, opened: FeatureSettings = {}): string {
  return once('service', version, opened, () => renderServiceDocument(describeService(version, opened), `${place}/${version}`)).replaceAll(
    place,
    inJson(origin),
  )
}

/** OpenAPI 3.1; media type `application/json`. `issuer` is of the tokens that are trusted, without a slash at its end. */
export function openApi(version: Version, origin: string, { opened = {}, issuer = origin }: OpenApiOptions = {}): string {
  const whereabouts: ServiceUrls = { origin: place, issuer: placeOfIssuer }
  const text = once(
    'openapi',
    version,
    opened,
    () => `${JSON.stringify(openApiOf(describeService(version, opened), whereabouts), null, 2)}\n`,
  )
  return text.replaceAll(placeOfIssuer, inJson(issuer)).replaceAll(place, inJson(origin))
}

interface OpenApiOptions {
  readonly opened?: FeatureSettings
  readonly issuer?: string
}

/** A function, since `$` in a text means something to replaceAll. */
const inJson = (text: string) => () => JSON.stringify(text).slice(1, -1)

/** Placeholders for the origin and the issuer until they are known: names that nobody can have (RFC 2606). */
const place = 'https://origin.invalid'
const placeOfIssuer = 'https://issuer.invalid'

const made = new Map<string, string>()

function once(
  kind: string,
  version: Version,
  { allowApplications, allowPersonalAccounts, profileInV1 }: FeatureSettings,
  make: () => string,
): string {
  const key = JSON.stringify([kind, version, allowApplications === true, allowPersonalAccounts === true, profileInV1 === true])
  const known = made.get(key)
  if (known !== undefined) return known
  const text = make()
  made.set(key, text)
  return text
}
