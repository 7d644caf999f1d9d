// From where an account has logged in before: kept as digests, so that its owner is told of a login from elsewhere.
import { createHmac } from "node:crypto";
import { sql } from "kysely";
import { ago } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { days } from "../../time.ts";
import { mailJob } from "../outgoing-mail.ts";
import { deriveKey } from "../secrets/derived-key.ts";
import type { Client } from "../viewer/client.ts";
import { wideNetworkOf } from "../viewer/network.ts";
import { findDeviceName } from "./device-name.ts";

/** A device that was not seen for this long is new again. */
export const deviceMemory = days(180);

/** A login from a known device is written down at most this often. */
const seenInterval = days(1);

/** The longest unseen goes first: a script that logs in under ever new names must not fill the table. */
export const maxDevicesPerUser = 100;

/** The first makes new digests, all recognise those that are there. */
export type DeviceKeys = readonly Buffer[];

/** Of their own, so that a digest tells nothing about the key that signs cookies. */
export const deriveDeviceKeys = (sessionSecrets: readonly string[]): DeviceKeys =>
  sessionSecrets.map((secret) => deriveKey(secret, "known devices"));

export interface DeviceInUse {
  readonly keys: DeviceKeys;
  readonly userId: string;
  readonly client: Client;
}

/**
 * For the statement of a login, whose `account` is the row that logs in, or none: then nothing happens here. All of it holds
 * the lock on that row, so that logins of one account take turns. `told` is a query, which PostgreSQL leaves out unless the
 * statement asks for it.
 */
export const rememberDevice = ({ keys, userId, client }: DeviceInUse) => {
  const device = findDeviceName(client.userAgent);
  const [digest, ...olderDigests] = keys.map((key) => digestOf(key, userId, device, client.ipAddress));
  if (digest === undefined) throw new Error("rememberDevice() was given no key.");
  // Every part of a statement sees the rows that were there before it.
  const known = sql`select from known_devices where user_id = ${userId}::uuid`;
  const mail = { template: "new-device", userId, device, ipAddress: client.ipAddress } as const;
  return {
    // Of two logins at the same moment one inserts it, and one mail is sent.
    device: sql<{ user_id: string }>`
      (insert into known_devices (user_id, digest) select id, ${digest}::bytea from account
      on conflict do nothing returning user_id)`,
    seen: sql<object>`
      (update known_devices set last_seen_at = now() from account
      where known_devices.user_id = account.id and digest = ${digest}::bytea
        and last_seen_at < ${ago(seenInterval)})`,
    room: sql<object>`
      (delete from known_devices where user_id = ${userId}::uuid and exists (select from device)
        and digest in (select digest from known_devices where user_id = ${userId}::uuid
          order by last_seen_at desc offset ${maxDevicesPerUser - 1}))`,
    // Nothing to compare with: the first login of an account, or after its password was replaced.
    told: sql<{ job: unknown }>`
      (select ${mailJob(mail)} as job from device join users on users.id = device.user_id
      where users.new_device_mail and users.email_verified_at is not null and exists (${known})
        and not exists (${known} and digest = any(${olderDigests}::bytea[])))`,
  };
};

/** As `rememberDevice`, in a statement of its own, for a transaction that has locked the account. */
export async function rememberDeviceOf(transaction: Database, device: DeviceInUse): Promise<void> {
  const remembering = rememberDevice(device);
  await transaction
    .with("account", (query) => query.selectFrom("users").select("id").where("id", "=", device.userId))
    .with("device", () => remembering.device)
    .with("seen", () => remembering.seen)
    .with("room", () => remembering.room)
    .with("told", () => remembering.told)
    .selectNoFrom(sql<number>`(select count(*)::int from told)`.as("told"))
    .execute();
}

/**
 * Somebody who had the old password may have made a device known, and keep its cookie. Raises by one the generation that the
 * cookies of trusted browsers are signed with.
 */
export const forgetDevicesOf = async (transaction: Database, userId: string): Promise<void> => {
  await transaction.deleteFrom("known_devices").where("user_id", "=", userId).execute();
  await transaction
    .updateTable("users")
    .set(({ eb }) => ({ device_generation: eb("device_generation", "+", 1) }))
    .where("id", "=", userId)
    .execute();
};

/**
 * How many. An account keeps the one that was seen last: otherwise a login to an account that nobody has used for long would
 * look like its first, and its owner would not be told.
 */
export const pruneKnownDevices = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("known_devices")
    .where("last_seen_at", "<", ago(deviceMemory))
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("known_devices as later")
          .whereRef("later.user_id", "=", "known_devices.user_id")
          .where(
            sql<boolean>`(later.last_seen_at, later.digest) > (known_devices.last_seen_at, known_devices.digest)`,
          ),
      ),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** With the account in it: of two accounts' rows nobody can tell that they are the same device's. */
const digestOf = (key: Buffer, userId: string, device: string | null, ipAddress: string | null): Buffer =>
  createHmac("sha256", key)
    .update(JSON.stringify([userId, device, wideNetworkOf(ipAddress)]))
    .digest();
