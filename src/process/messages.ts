// What the primary process and its workers tell each other. A worker ends as any server does: by SIGTERM.

/** From a worker: it serves. */
export const served = "served";

/** From a worker: a password waits to be hashed. Answered by `mayHash`, when its turn has come, and that by `hasHashed`. */
export const wantsToHash = "wants to hash";
export const mayHash = "may hash";
export const hasHashed = "has hashed";

/** To a worker: what have you counted? The answer has the same number. */
export interface ScrapeMessage {
  readonly scrape: number;
}
export interface ScrapedMessage {
  readonly scraped: number;
  readonly reading: unknown;
}

/** To a worker: another process serves in its place, so it ends unseen by health checks. */
export const replaced = "replaced";
