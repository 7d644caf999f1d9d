// The stored TOTP secret of a user: pending, confirmed, and the last code that was accepted.
import { sql } from "kysely";
import { fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { minutes } from "../../time.ts";
import type { Sealer } from "../secrets/sealed.ts";
import { findTotpCode, findTotpStep } from "./totp.ts";

/** How long a new secret waits for its first code. */
const pendingLifetime = minutes(10);

/** Replaces an earlier pending secret. A confirmed one works until the new one is confirmed. */
export async function startTotp(
  transaction: Database,
  { userId, secret }: { readonly userId: string; readonly secret: Buffer },
  sealer: Sealer,
): Promise<void> {
  const pending = {
    pending_sealed_secret: sealer.seal(secret, userId),
    pending_until: fromNow(pendingLifetime),
  };
  await transaction
    .insertInto("totp_factors")
    .values({ user_id: userId, ...pending })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(pending))
    .execute();
}

interface PresentedCode {
  readonly userId: string;
  readonly code: string;
}

/**
 * Returns false, and changes nothing, for a wrong code. The accepted code is spent: it cannot be the code of the next login.
 */
export async function confirmTotp(
  transaction: Database,
  { userId, code }: PresentedCode,
  sealer: Sealer,
): Promise<boolean> {
  const row = await transaction
    .selectFrom("totp_factors")
    .select(["pending_sealed_secret as sealed", databaseTime])
    .where("user_id", "=", userId)
    .where("pending_until", ">", sql<Date>`now()`)
    .executeTakeFirst();
  const step = findStep(row, { userId, code }, sealer);
  if (row === undefined || step === null) return false;
  const { numUpdatedRows } = await transaction
    .updateTable("totp_factors")
    .set(({ ref }) => ({
      sealed_secret: ref("pending_sealed_secret"),
      confirmed_at: sql<Date>`now()`,
      last_step: step,
      last_used_at: null,
      pending_sealed_secret: null,
      pending_until: null,
    }))
    .where("user_id", "=", userId)
    .where("pending_sealed_secret", "=", row.sealed)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Returns whether the code is right and was not used before. Reads and computes the same without a factor, so that the time does
 * not reveal whether there is one.
 */
export async function acceptTotp(
  database: Database,
  { userId, code }: PresentedCode,
  sealer: Sealer,
): Promise<boolean> {
  const row = await database
    .selectFrom("totp_factors")
    .select(["sealed_secret as sealed", databaseTime])
    .where("user_id", "=", userId)
    .executeTakeFirst();
  const step = findStep(row, { userId, code }, sealer);
  if (!row?.sealed || step === null) return false;
  const secret = sealer.isCurrent(row.sealed) ? null : sealer.open(row.sealed, userId);
  const { numUpdatedRows } = await database
    .updateTable("totp_factors")
    .set({ last_step: step, last_used_at: sql<Date>`now()` })
    // The secret that sealed it may be removed from the settings soon.
    .$if(secret !== null, (query) =>
      query.set({ sealed_secret: secret === null ? null : sealer.seal(secret, userId) }),
    )
    .where("user_id", "=", userId)
    .where("sealed_secret", "=", row.sealed)
    // Replay: of two requests with one code, the second finds its step taken.
    .where("last_step", "<", step)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Null without a confirmed one. */
export async function findTotp(
  database: Database,
  userId: string,
): Promise<{ readonly since: Date; readonly lastUsedAt: Date | null } | null> {
  const totp = await database
    .selectFrom("totp_factors")
    .select(["confirmed_at as since", "last_used_at as lastUsedAt"])
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return totp === undefined || totp.since === null
    ? null
    : { since: totp.since, lastUsedAt: totp.lastUsedAt };
}

/** Returns false when there was none. A pending one goes too. */
export async function removeTotp(transaction: Database, userId: string): Promise<boolean> {
  const removed = await transaction
    .deleteFrom("totp_factors")
    .where("user_id", "=", userId)
    .returning("confirmed_at")
    .executeTakeFirst();
  return removed !== undefined && removed.confirmed_at !== null;
}

/** Milliseconds by the database's clock: servers' clocks may differ, and a step must not be accepted by one after another. */
const databaseTime = sql<number>`(extract(epoch from now()) * 1000)::float8`.as("now");

const findStep = (
  row: { readonly sealed: Buffer | null; readonly now: number } | undefined,
  { userId, code }: PresentedCode,
  sealer: Sealer,
): number | null => {
  const digits = findTotpCode(code);
  const secret = row?.sealed ? sealer.open(row.sealed, userId) : null;
  const step = findTotpStep(secret ?? noSecret, digits ?? "000000", row?.now ?? Date.now());
  return secret === null || digits === null ? null : step;
};

const noSecret = Buffer.alloc(20);
