// Fills every table of a database with values that are hard to carry, and compares two databases by all that is in them.
import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** What a backup carries: all schemas but PostgreSQL's own. */
const isOurs = "nspname !~ '^pg_' and nspname <> 'information_schema'";

export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client(url);
  await client.connect();
  return client;
};

export const withClient = async <Value>(
  url: string,
  work: (client: pg.Client) => Promise<Value>,
): Promise<Value> => {
  const client = await connect(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** By table: how many rows, and a digest of all of their values; by sequence, its value. And every rule of the tables. */
export const contentsOf = (url: string): Promise<Readonly<Record<string, string>>> =>
  withClient(url, async (client) => {
    const contents: Record<string, string> = {};
    const { rows: relations } = await client.query<{ name: string; kind: string }>(
      `select format('%I.%I', nspname, relname) as name, relkind as kind from pg_class
       join pg_namespace on pg_namespace.oid = relnamespace
       where relkind in ('r', 'p', 'S', 'm') and ${isOurs} and not relname ~ 'migrations(_id_seq)?$'`,
    );
    for (const { name, kind } of relations) {
      const read =
        kind === "S"
          ? `select concat(last_value, is_called) as text from ${name}`
          : `select concat(count(*), ' ', md5(string_agg(it::text, chr(10) order by it::text))) as text from ${name} it`;
      const { rows } = await client.query<{ text: string }>(read);
      contents[name] = rows[0]?.text ?? "";
    }
    const { rows: rules } = await client.query<{ name: string; text: string }>(
      `select concat(conrelid::regclass, ' ', conname) as name, concat(pg_get_constraintdef(pg_constraint.oid), convalidated) as text
       from pg_constraint join pg_namespace on pg_namespace.oid = connamespace where ${isOurs}
       union all
       select concat(tgrelid::regclass, ' ', tgname), concat(pg_get_triggerdef(pg_trigger.oid), tgenabled) from pg_trigger
       where not tgisinternal`,
    );
    for (const { name, text } of rules) contents[name] = text;
    return contents;
  });

const texts = [
  "",
  "\\N",
  "\\.",
  "a\tb\nc\rd\\e\bf\vg",
  "'\"`$${}%",
  "NULL",
  "Zoë 漢字 🧑‍🚀 \u202e\u0301\u{10ffff}\uffff",
  "x".repeat(70_000),
];

const pick = <Value>(values: readonly Value[]): Value =>
  values[Math.floor(Math.random() * values.length)] as Value;

const valuesOf: Readonly<Record<string, () => string>> = {
  uuid: randomUUID,
  text: () => pick(texts) + randomBytes(9).toString("base64"),
  "text[]": () =>
    JSON.stringify([pick(texts), randomBytes(9).toString("base64")]).replace(/^\[|\]$/g, (it) =>
      it === "[" ? "{" : "}",
    ),
  bytea: () => `\\x${randomBytes(pick([32, 0, 500]) + 16).toString("hex")}`,
  jsonb: () => JSON.stringify({ text: pick(texts), list: [null, 1e300, 0.1, -0], "": {} }),
  json: () => JSON.stringify({ text: pick(texts) }, null, 3),
  boolean: () => pick(["true", "false"]),
  integer: () => pick(["0", "2147483647", "-2147483648"]),
  smallint: () => pick(["1", "32767"]),
  bigint: () => String(BigInt.asIntN(62, randomBytes(8).readBigInt64BE())),
  "timestamp with time zone": () =>
    pick(["infinity", "-infinity", "0044-03-15 12:00:00.000001+00 BC", "2026-03-29 02:30:00.123456+02"]),
  "timestamp(3) with time zone": () => pick(["2026-11-28 12:00:00.123+00", "1999-12-31 23:59:59.999+14"]),
};

/** `rows` in each of our tables. Beside the front door: no server stores such values. */
export const fillOwnTables = async (database: { readonly name: string }, rows = 12): Promise<void> => {
  const admin = new pg.Client({ ...inject("graphwardCluster"), user: "postgres", database: database.name });
  await admin.connect();
  try {
    // No trigger writes rows of its own, and rows may come before those that they refer to.
    await admin.query("set session_replication_role = replica");
    const users = Array.from({ length: rows }, () => randomUUID());
    const sessions = Array.from({ length: rows }, () => randomUUID());
    const { rows: tables } = await admin.query<{
      name: string;
      columns: readonly [string, string, boolean][];
    }>(
      `select format('%I.%I', nspname, relname) as name,
         json_agg(json_build_array(attname, format_type(atttypid, atttypmod), attnotnull) order by attnum) as columns
       from pg_attribute join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace
       where nspname in ('graphward', 'graphward_jobs') and relkind = 'r' and attnum > 0 and not attisdropped
         and attgenerated = '' and relname !~ 'migrations$' group by 1`,
    );
    for (const { name, columns } of tables)
      for (let row = 0; row < rows; row += 1) {
        const fixed: Readonly<Record<string, string | null>> = {
          user_id: users[row] ?? null,
          session_id: sessions[row] ?? null,
          actor_session_id: null,
          // Rules of the tables.
          confirmed_at: "2026-11-28 12:00:00+00",
          sealed_secret: "\\x00ff",
          ...(/users$|role_members$/.test(name) && { id: users[row] ?? null }),
          ...(/\.sessions$/.test(name) && { id: sessions[row] ?? null }),
          ...(/\.audit_events$/.test(name) && { sequence: String(row) }),
        };
        const isNull = (isRequired: boolean) => !isRequired && row % 3 === 0;
        const values = columns.map(([column, type, isRequired]) => {
          if (column in fixed) return fixed[column];
          if (name.startsWith("graphward_jobs.")) return jobValue(column, type, row);
          return isNull(isRequired) ? null : (valuesOf[type]?.() ?? unknown(type));
        });
        const places = columns.map(([, type], index) => `$${index + 1}::${type}`);
        const names = columns.map(([column]) => `"${column}"`);
        await admin.query(
          `insert into ${name} (${names}) overriding system value values (${places})`,
          values,
        );
      }
    await admin.query("select setval('graphward.audit_events_id_seq', 9007199254740993)");
  } finally {
    await admin.end();
  }
};

/** Within the rules of graphile-worker. A lock is of a worker that is gone after a restore, so there is none. */
const jobValue = (column: string, type: string, row: number): string | null => {
  if (column.startsWith("locked_")) return null;
  if (column === "id") return String(row + 1);
  if (["task_id", "job_queue_id", "attempts", "max_attempts"].includes(column)) return String(row + 1);
  if (["key", "identifier", "queue_name"].includes(column)) return `漢 \\N ${row}`;
  return valuesOf[type]?.() ?? unknown(type);
};

const unknown = (type: string): never => {
  throw new Error(`No value is known for ${type}: add one.`);
};
