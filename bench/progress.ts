/** What the benchmark says while it runs, with the time since it began. */

const beganAt = performance.now()

export function tell(words: string): void {
  const seconds = Math.floor((performance.now() - beganAt) / 1000)
  console.error(`${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${words}`)
}
