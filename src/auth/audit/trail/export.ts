// Exports the audit trail as JSON lines, for a log system.
import { sql } from "kysely";
import type { Database } from "../../../database/tables.ts";

const eventsAtOnce = 1_000;

export interface ExportRange {
  readonly from: Date | null;
  /** Exclusive. */
  readonly to: Date | null;
  /** Only what this user did, or what happened to the account. Null: everything. */
  readonly userId: string | null;
}

/** Oldest first, a page at a time: the trail may be larger than memory. */
export const exportEvents = async function* (
  database: Database,
  { from, to, userId: only }: ExportRange,
): AsyncGenerator<string> {
  for (let after = "0"; ; ) {
    // Filters the range here: in SQL, the search for a page could exceed the statement timeout.
    const page = await readPage(database, after);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
    const lines = page
      .filter(({ at }) => (from === null || at >= from) && (to === null || at < to))
      .filter(({ userId, actorId }) => only === null || userId === only || actorId === only)
      .map((event) => `${escapeControls(JSON.stringify(event))}\n`);
    if (lines.length > 0) yield lines.join("");
  }
};

const readPage = (database: Database, after: string) =>
  database
    .selectFrom("audit_events")
    .select(["id", "at", "type", "user_id as userId", "actor_id as actorId", "session_id as sessionId"])
    .select(["ip_address as ipAddress", "user_agent as userAgent", "details", "personal"])
    .select(["request_id as requestId"])
    .select([sql<number | null>`sequence::float8`.as("sequence")])
    .select([sql<string | null>`encode(mac, 'hex')`.as("mac")])
    .where("id", ">", after)
    .orderBy("id")
    .limit(eventsAtOnce)
    .execute();

/** JSON allows these unescaped: C1 controls drive terminals, and some readers take U+2028 and U+2029 for line ends. */
const escapeControls = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
