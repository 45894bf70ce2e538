/** Selected paths as a tree: which members of a structure an answer has, and which parts of them. */

/** Each selected member, with the paths selected inside it, or `whole`. */
export function branchesOf(select: readonly string[]): ReadonlyMap<string, 'whole' | readonly string[]> {
  const branches = new Map<string, 'whole' | string[]>()
  for (const path of select) {
    const slash = path.indexOf('/')
    const name = slash < 0 ? path : path.slice(0, slash)
    const before = branches.get(name)
    if (slash < 0) branches.set(name, 'whole')
    else if (before === undefined) branches.set(name, [path.slice(slash + 1)])
    else if (before !== 'whole') before.push(path.slice(slash + 1))
  }
  return branches
}

/** Cuts a structure, or each of several, down to the selected paths. */
export function pickPaths(value: unknown, paths: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((member) => pickPaths(member, paths))
  if (typeof value !== 'object' || value === null) return value
  const record = value as Readonly<Record<string, unknown>> // a structure of ours
  const out: Record<string, unknown> = {}
  for (const [name, inner] of branchesOf(paths))
    out[name] = inner === 'whole' ? (record[name] ?? null) : pickPaths(record[name] ?? null, inner)
  return out
}
