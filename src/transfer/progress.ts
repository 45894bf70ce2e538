/** A progress bar, where somebody looks on. */

export interface Progress {
  /** `done` of the whole, and a word on it. */
  show(done: number, note: string): void
  /** Takes the bar off the screen. */
  end(): void
}

const width = 30
const betweenDrawingsMilliseconds = 100

/** The part of a terminal that a bar is drawn on. */
interface Screen {
  readonly interactive: boolean
  readonly err: (text: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function progressOn({ interactive, err, now }: Screen, whole: number, label: string): Progress {
  if (!interactive) return { show: () => undefined, end: () => undefined }
  let drawnAt = Number.NEGATIVE_INFINITY
  return {
    show: (done, note) => {
      if (now() - drawnAt < betweenDrawingsMilliseconds) return
      drawnAt = now()
      const share = whole === 0 ? 1 : Math.min(1, done / whole)
      const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░')
      err(`\r\u001b[K${label} ${bar} ${Math.floor(share * 100)} % ${note}`)
    },
    end: () => err('\r\u001b[K'),
  }
}
