/** A small reader of CSDL in XML (OData CSDL XML 4.01): just what a test of types needs, for well-formed files. */

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
}

const tag = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*"[^"]*")*)\s*(\/?)>/g
const attribute = /([\w.:-]+)\s*=\s*"([^"]*)"/g

/** The elements of an XML text; texts between tags are passed over. Throws where a tag is not closed. */
export function readXml(text: string): readonly Element[] {
  const root: Element[] = []
  const open: { readonly name: string; readonly children: Element[] }[] = [{ name: '', children: root }]
  for (const [, closing, name, attributes = '', empty] of text.matchAll(tag)) {
    if (name === undefined) continue
    if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`)
      continue
    }
    const children: Element[] = []
    const pairs = [...attributes.matchAll(attribute)].map(([, key = '', value = '']) => [key, value] as const)
    open.at(-1)?.children.push({ name, attributes: Object.fromEntries(pairs), children })
    if (empty !== '/') open.push({ name, children })
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name}> is not closed`)
  return root
}

/** `Collection(graph.x)` → `x` and true; `Edm.String` stays as it is. */
export function readTypeName(text = ''): { readonly type: string; readonly collection: boolean } {
  const inner = /^Collection\((.*)\)$/.exec(text)?.[1]
  return { type: (inner ?? text).replace(/^(graph|microsoft\.graph)\./, ''), collection: inner !== undefined }
}
