/** The client that work is done for: work is shared out between askers, and ends when its asker has gone. */

export interface Asker {
  readonly tenantId: string
  /** Names the user or the application, tenant included. */
  readonly name: string
  /** Aborted once nobody waits for the answer. Made when it is first asked for. */
  readonly gone: () => AbortSignal
}
