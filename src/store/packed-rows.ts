/**
 * Rows as text in one buffer, the way PostgreSQL's COPY takes them (its manual, "Text Format" of COPY): what one thread works
 * out goes through a file and another thread to the database without becoming values again on the way.
 */

/** The values of a row, in the order of the columns. */
export type Cells = readonly (string | number | null)[]

/** Plain values only: it goes from thread to thread, and into a file. */
export interface PackedRows {
  /** How many rows. */
  readonly length: number
  readonly bytes: Uint8Array
  /** Octets up to and with each row. */
  readonly ends: Uint32Array
}

export function isPacked(rows: readonly unknown[] | PackedRows): rows is PackedRows {
  return !Array.isArray(rows)
}

let scratch = Buffer.alloc(512 * 1024)

export function packRows(rows: readonly Cells[]): PackedRows {
  const ends = new Uint32Array(rows.length)
  let end = 0
  for (const [index, row] of rows.entries()) {
    const text = rowText(row)
    // A UTF-16 code unit makes three octets at most.
    if (end + text.length * 3 > scratch.length) scratch = Buffer.concat([scratch], 2 * (end + text.length * 3))
    end += scratch.write(text, end)
    ends[index] = end
  }
  return { length: rows.length, bytes: new Uint8Array(scratch.subarray(0, end)), ends }
}

/** Rows as COPY takes them. */
export function textOf(rows: readonly Cells[]): Buffer {
  let text = ''
  for (const row of rows) text += rowText(row)
  return Buffer.from(text)
}

function rowText(row: Cells): string {
  let text = cellText(row[0] ?? null)
  for (let index = 1; index < row.length; index++) text += `\t${cellText(row[index] ?? null)}`
  return `${text}\n`
}

function cellText(value: Cells[number]): string {
  if (value === null) return absent
  if (typeof value === 'number') return String(value)
  return special.test(value) ? value.replaceAll(specials, (character) => escapes[character] ?? '') : value
}

const absent = '\\N'
const special = /[\\\n\r\t]/
const specials = /[\\\n\r\t]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const escaped = /\\(.)/g
const meant: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r', t: '\t' }
const tab = 0x09

/** The rows again. A number has become text, which a column of numbers takes for it. */
export function cellsOf(rows: readonly Cells[] | PackedRows): readonly Cells[] {
  return isPacked(rows) ? textsOf(rows).map(valuesOf) : rows
}

const headsKnown = new WeakMap<PackedRows, readonly (readonly unknown[])[]>()

/**
 * The first so many cells of each row at least, and not all of them: texts. The same number is to be asked of the same rows;
 * whoever asks for it ahead of time spares the next one the wait.
 */
export function headsOf<H extends readonly unknown[]>(rows: readonly H[] | PackedRows, cells: number): readonly H[] {
  if (!isPacked(rows)) return rows
  const known = headsKnown.get(rows) ?? textsOf(rows, cells).map((text) => valuesOf(text))
  headsKnown.set(rows, known)
  return known as readonly H[] // as whoever packed them knows
}

function valuesOf(text: string): Cells {
  const cells: Cells = text.split('\t')
  return text.includes('\\') ? cells.map((cell) => meaningOf(String(cell))) : cells
}

function meaningOf(text: string): string | null {
  return text === absent ? null : text.replaceAll(escaped, (_, character: string) => meant[character] ?? character)
}

/** Each row's text without its end; or its first so many cells. */
function textsOf({ length, bytes, ends }: PackedRows, cells?: number): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length }, (_, index) => {
    const from = index === 0 ? 0 : (ends[index - 1] ?? 0)
    let to = (ends[index] ?? 0) - 1
    if (cells !== undefined) {
      to = from
      for (let found = 0; found < cells; to++) if (bytes[to] === tab) found++
      to--
    }
    return buffer.toString('utf8', from, to)
  })
}

/** The rows that `isWanted` accepts, by their index. */
export function pickRows<R>(rows: readonly R[] | PackedRows, isWanted: (index: number) => boolean): readonly R[] | PackedRows {
  if (!isPacked(rows)) return rows.filter((_, index) => isWanted(index))
  const wanted = Array.from({ length: rows.length }, (_, index) => index).filter(isWanted)
  if (wanted.length === rows.length) return rows
  const picked = new PackedRowsBuilder()
  for (const index of wanted) picked.add(rows, index, index + 1)
  return picked.take()
}

/** Puts packed rows behind each other. */
export class PackedRowsBuilder {
  #bytes: Uint8Array<ArrayBuffer>
  #end = 0
  readonly #ends: number[] = []

  /** `room`: octets that will be enough for most. */
  constructor(room = 0) {
    this.#bytes = new Uint8Array(room)
  }

  /** Takes the rows from one place up to another. */
  add({ bytes, ends }: PackedRows, from: number, to: number): void {
    const [start, end] = [from === 0 ? 0 : (ends[from - 1] ?? 0), ends[to - 1] ?? 0]
    this.#reserve(this.#end + end - start)
    this.#bytes.set(bytes.subarray(start, end), this.#end)
    for (let index = from; index < to; index++) this.#ends.push(this.#end + (ends[index] ?? 0) - start)
    this.#end += end - start
  }

  take(): PackedRows {
    return { length: this.#ends.length, bytes: this.#bytes.subarray(0, this.#end), ends: Uint32Array.from(this.#ends) }
  }

  /** Gives the memory back at once. What was taken is gone. */
  release(): void {
    this.#bytes.buffer.transfer(0)
  }

  #reserve(room: number): void {
    if (room <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(room, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = larger
  }
}
