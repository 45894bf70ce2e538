/** The parts that a test run makes once and hands to each of its files, by environment variables. A file that is run by itself has none of them. */

/** The database that servers of a test are started on. `serializable`: PostgreSQL, with every transaction serializable. */
export type Engine = 'embedded' | 'postgres' | 'serializable'

export interface Run {
  readonly engine: Engine
  /** A PostgreSQL in which databases can be made; on any engine, for the files that compare both databases. */
  readonly postgres?: string | undefined
  /** Folder of a seeded server that has ended. */
  readonly templateFolder?: string | undefined
  /** Name of a seeded database on `postgres`. */
  readonly templateDatabase?: string | undefined
}

const variables = {
  engine: 'SELFGRAPH_TEST_ENGINE',
  postgres: 'SELFGRAPH_TEST_POSTGRES',
  templateFolder: 'SELFGRAPH_TEST_TEMPLATE_FOLDER',
  templateDatabase: 'SELFGRAPH_TEST_TEMPLATE_DATABASE',
} as const satisfies Record<keyof Run, string>

export function environmentOf({ engine, postgres, templateFolder, templateDatabase }: Run): NodeJS.ProcessEnv {
  return {
    [variables.engine]: engine,
    [variables.postgres]: postgres,
    [variables.templateFolder]: templateFolder,
    [variables.templateDatabase]: templateDatabase,
  }
}

/** The run that this process is a part of. */
export const testRun: Run = {
  engine: engineOf(process.env[variables.engine] ?? 'embedded'),
  postgres: process.env[variables.postgres],
  templateFolder: process.env[variables.templateFolder],
  templateDatabase: process.env[variables.templateDatabase],
}

function engineOf(word: string): Engine {
  if (word === 'embedded' || word === 'postgres' || word === 'serializable') return word
  throw new Error(`${variables.engine} is ${word}: expected embedded, postgres or serializable`)
}
