/** The shape of a JSON value: which members there are, and of which JSON type. */

import type { Json } from './ask.ts'

/** `name/inner` → `string`, `null`, `array` …; a list counts by its first member that `pick` takes. */
export function shapeOf(value: Json, pick: (items: readonly Json[]) => Json, path = ''): ReadonlyMap<string, string> {
  const shape = new Map<string, string>()
  if (path !== '') shape.set(path, typeOf(value))
  const inner: readonly (readonly [string, Json])[] = Array.isArray(value)
    ? value.length > 0
      ? [['0', pick(value)]]
      : []
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : []
  for (const [name, member] of inner)
    for (const [deeper, type] of shapeOf(member, pick, path === '' ? name : `${path}/${name}`)) shape.set(deeper, type)
  return shape
}

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** What `actual` has, lacks, or has of another type than `expected`: a line each. */
export function compareShapes(actual: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): readonly string[] {
  const topmost = (path: string, others: ReadonlyMap<string, string>) => {
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    return above === '' || others.has(above)
  }
  return [
    ...[...expected].filter(([path]) => !actual.has(path) && topmost(path, actual)).map(([path]) => `lacks ${path}`),
    ...[...actual].filter(([path]) => !expected.has(path) && topmost(path, expected)).map(([path]) => `adds ${path}`),
    ...[...actual]
      .filter(([path, type]) => expected.has(path) && expected.get(path) !== type)
      .map(([path, type]) => `${path} is ${type}, there ${expected.get(path)}`),
  ]
}
