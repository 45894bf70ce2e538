/** A small reader of CSDL in XML (OData CSDL XML 4.01): what tests of metadata need, and no more. */

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** What stands in it between tags, without the white space around. */
  readonly text: string
}

const tag = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*"[^"<]*")*)\s*(\/?)>/g
const attribute = /([\w.:-]+)\s*=\s*"([^"]*)"/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The elements of an XML text. Throws where it is not well formed. */
export function readXml(text: string): readonly Element[] {
  const root = { name: '', attributes: {}, children: [] as Element[], text: '' }
  const open = [root]
  let end = 0
  for (const { 0: whole, 1: closing, 2: name, 3: attributes = '', 4: empty, index } of text.matchAll(tag)) {
    const innermost = open.at(-1) ?? root
    innermost.text += unescaped(text.slice(end, index)).trim()
    end = index + whole.length
    if (name === undefined) continue
    if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`)
      continue
    }
    const element = { name, attributes: attributesOf(name, attributes), children: [], text: '' }
    innermost.children.push(element)
    if (empty !== '/') open.push(element)
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name}> is not closed`)
  if (root.text !== '' || text.slice(end).trim() !== '') throw new Error('there is text outside of all elements')
  return root.children
}

function attributesOf(element: string, text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(attribute)].map(([, key = '', value = '']) => [key, unescaped(value)] as const)
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`<${element}> has an attribute twice`)
  return Object.fromEntries(pairs)
}

function unescaped(text: string): string {
  if (/[<>]/.test(text)) throw new Error(`this is no tag: ${text.trim().slice(0, 80)}`)
  return text.replace(/&(\w*;?)/g, (_, name: string) => {
    const character = entities[name.replace(';', '')]
    if (character === undefined || !name.endsWith(';')) throw new Error(`&${name} stands for nothing`)
    return character
  })
}

/** `Collection(graph.x)` → `x` and true; `Edm.String` stays as it is. */
export function readTypeName(text = ''): { readonly type: string; readonly collection: boolean } {
  const inner = /^Collection\((.*)\)$/.exec(text)?.[1]
  return { type: (inner ?? text).replace(/^(graph|microsoft\.graph)\./, ''), collection: inner !== undefined }
}
