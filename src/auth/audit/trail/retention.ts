// Drops the oldest days of the audit trail. The anchor keeps the last dropped link, so that the rest can still be verified.
import { sql } from "kysely";
import type { Database } from "../../../database/tables.ts";
import { transact } from "../../../database/transaction.ts";
import { toSeconds } from "../../../time.ts";
import { type Anchor, sealOfAnchor } from "./chain.ts";
import { type ChainCheck, createChainCheck, type Finding, findAnchorProblem } from "./chain-check.ts";
import { eachSealed, findAnchor, lockChain } from "./rows.ts";

const eventsAtOnce = 10_000;

export interface Retention {
  /** Milliseconds. */
  readonly keep: number;
  /** Called only when there is something to drop. */
  readonly requireKeys: () => Promise<readonly string[]>;
}

export interface Pruning {
  readonly dropped: number;
  /** When set, nothing is dropped: a broken trail is evidence, and a date may have been changed to get an event dropped. */
  readonly finding: Finding | null;
}

/** UTC days, by the time of sealing, which grows along the chain. */
export const pruneEvents = (database: Database, { keep, requireKeys }: Retention): Promise<Pruning> =>
  transact(database, async (transaction) => {
    await lockChain(transaction);
    const keptFrom = await readFirstKeptDay(transaction, keep);
    const before = await findAnchor(transaction);
    let keys: readonly string[] = [];
    let check: ChainCheck | null = null;
    let last: Anchor | null = null;
    for await (const row of eachSealed(transaction, before?.sequence ?? 0)) {
      if (row.sealedAt === null || row.sealedAt >= keptFrom) break;
      if (check === null) {
        keys = await requireKeys();
        const finding = findAnchorProblem(keys, before);
        if (finding !== null) return { dropped: 0, finding };
        check = createChainCheck(keys, before);
      }
      const finding = check.next(row);
      if (finding !== null) return { dropped: 0, finding };
      last = { ...check.head(), sealedAt: row.sealedAt };
    }
    const [key] = keys;
    if (last === null || key === undefined) return { dropped: 0, finding: null };
    await dropUpTo(transaction, before?.sequence ?? 0, last.sequence);
    await moveAnchor(transaction, last, key);
    return { dropped: last.sequence - (before?.sequence ?? 0), finding: null };
  });

const readFirstKeptDay = async (database: Database, keep: number): Promise<Date> => {
  const { rows } = await sql<{ day: Date }>`
    select date_trunc('day', now() - ${toSeconds(keep)} * interval '1 second', 'UTC') as day`.execute(
    database,
  );
  if (rows[0] === undefined) throw new Error("PostgreSQL did not return the time.");
  return rows[0].day;
};

/** In batches: one statement for a year of events would exceed the statement timeout. */
const dropUpTo = async (transaction: Database, after: number, last: number): Promise<void> => {
  for (let from = after; from < last; from += eventsAtOnce)
    await transaction
      .deleteFrom("audit_events")
      .where("sequence", ">", String(from))
      .where("sequence", "<=", String(Math.min(from + eventsAtOnce, last)))
      .execute();
};

const moveAnchor = async (transaction: Database, anchor: Anchor, key: string): Promise<void> => {
  const { sequence, mac, sealedAt } = anchor;
  await transaction.deleteFrom("audit_anchors").execute();
  await transaction
    .insertInto("audit_anchors")
    .values({ sequence: String(sequence), mac, sealed_at: sealedAt, seal: sealOfAnchor(key, anchor) })
    .execute();
};
