// Verifies the audit trail: sealed events, gaps at the start, in between and at the end, and unsealed events.
import { sql } from "kysely";
import type { Database } from "../../../database/tables.ts";
import type { Head } from "./chain.ts";
import { createChainCheck, type Finding, findAnchorProblem, findLateness } from "./chain-check.ts";
import { createForgottenCheck } from "./forgotten-check.ts";
import { eachSealed, findAnchor, type StoredAnchor } from "./rows.ts";

export interface Verification {
  /** The first problem, or null when the trail is intact. */
  readonly finding: Finding | null;
  readonly sealed: number;
  /** Recorded a moment ago, or since the last server stopped. */
  readonly unsealed: number;
  readonly head: Head;
}

/** Reads one snapshot, so that events sealed or dropped meanwhile change nothing. `expected`: a head from a log. */
export const verifyTrail = (
  database: Database,
  keys: readonly string[],
  expected: Head | null,
): Promise<Verification> =>
  database
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (transaction) => {
      const anchor = await findAnchor(transaction);
      const check = createChainCheck(keys, anchor);
      const forgotten = createForgottenCheck();
      const passed = createHeadCheck(expected, anchor);
      let finding = findAnchorProblem(keys, anchor) ?? (await findBeforeAnchor(transaction, anchor));
      let sealed = 0;
      for await (const row of eachSealed(transaction, check.head().sequence)) {
        if (finding !== null) break;
        finding = check.next(row) ?? forgotten.see(row) ?? passed.see(check.head());
        sealed += 1;
      }
      finding ??=
        passed.end(check.head()) ??
        (await forgotten.end(transaction)) ??
        (await findLateUnsealed(transaction, check.lastSealing())) ??
        (await findUncounted(transaction, sealed));
      return { finding, sealed, unsealed: await countUnsealed(transaction), head: check.head() };
    });

/** The event at the sequence of the expected head must be exactly that event. */
const createHeadCheck = (expected: Head | null, anchor: StoredAnchor | null) => {
  const see = (head: Head): Finding | null =>
    expected?.sequence === head.sequence && !expected.mac.equals(head.mac)
      ? { sequence: head.sequence, id: null, problem: "the logged head belongs to a different event" }
      : null;
  return {
    see,
    end: (head: Head): Finding | null => {
      if (expected !== null && expected.sequence > head.sequence)
        return {
          sequence: head.sequence + 1,
          id: null,
          problem: "the end was cut off: the logged head has a higher sequence",
        };
      return anchor === null ? null : see(anchor);
    },
  };
};

const findBeforeAnchor = async (database: Database, anchor: StoredAnchor | null): Promise<Finding | null> => {
  const row = await database
    .selectFrom("audit_events")
    .select(["id", sql<string>`sequence`.as("sequence")])
    .where("sequence", "<=", String(anchor?.sequence ?? 0))
    .orderBy("sequence")
    .limit(1)
    .executeTakeFirst();
  return row === undefined
    ? null
    : {
        sequence: Number(row.sequence),
        id: row.id,
        problem: "it was inserted before the beginning of the trail",
      };
};

const findLateUnsealed = async (database: Database, lastSealing: Date | null): Promise<Finding | null> => {
  const row = await database
    .selectFrom("audit_events")
    .select(["id", "at"])
    .where("sequence", "is", null)
    .orderBy("at")
    .limit(1)
    .executeTakeFirst();
  const problem = row === undefined ? null : findLateness(row.at, lastSealing);
  return problem === null ? null : { sequence: null, id: row?.id ?? null, problem };
};

/** If an attacker dropped the constraint, a sequence can appear twice across two pages. */
const findUncounted = async (database: Database, sealed: number): Promise<Finding | null> => {
  const { count } = await database
    .selectFrom("audit_events")
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .where("sequence", "is not", null)
    .executeTakeFirstOrThrow();
  return Number(count) === sealed
    ? null
    : { sequence: null, id: null, problem: "there are more sealed events than sequences in the trail" };
};

const countUnsealed = async (database: Database): Promise<number> => {
  const { count } = await database
    .selectFrom("audit_events")
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .where("sequence", "is", null)
    .executeTakeFirstOrThrow();
  return Number(count);
};
