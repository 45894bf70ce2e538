/** Why something could not be measured, for a cell of a table. */

const longest = 300

/** The line that says most, of what may be long: a child process says it on its own error output. */
export function reasonOf(error: unknown): string {
  const { stderr } = Object(error) as { stderr?: unknown } // as of a child process
  const text = typeof stderr === 'string' && stderr.trim() !== '' ? stderr : error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return (lines.find((line) => /error/i.test(line)) ?? lines[0] ?? 'no reason given').trim().replaceAll('|', '/').slice(0, longest)
}
