/** Waiting: for a while, or until something is so. */

export function passing(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

const patienceMilliseconds = 30_000
const glanceMilliseconds = 20

/** Throws where it does not come to be so. */
export async function until(complaint: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMilliseconds
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${complaint} in ${patienceMilliseconds} ms`)
    await passing(glanceMilliseconds)
  }
}
