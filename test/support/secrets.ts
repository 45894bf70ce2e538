/** Settings with what all servers on one PostgreSQL must have in common. */

type Settings = Readonly<Record<string, string>>

/** Of servers in different folders, as they may be on different machines. */
export function withSecrets(settings: Settings): Settings {
  return settings.SELFGRAPH_DATABASE_URL === undefined
    ? settings
    : { SELFGRAPH_SECRETS: 'a secret that all servers of a test share', ...settings }
}
