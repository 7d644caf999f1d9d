// Remembers the devices that logged in to an account, as digests, so that the user is notified of a login from a new one.
import { createHmac, type KeyObject } from "node:crypto";
import { sql } from "kysely";
import { ago } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { days } from "../../time.ts";
import { mailJob } from "../outgoing-mail.ts";
import { deriveKey } from "../secrets/derived-key.ts";
import type { Client } from "../viewer/client.ts";
import { wideNetworkOf } from "../viewer/network.ts";
import { findDeviceName } from "./device-name.ts";

/** A device that was not seen for this long is new again. */
export const deviceMemory = days(180);

/** The last login from a known device is updated once per interval. */
const seenInterval = days(1);

/** The device unseen for longest is removed first: a script that logs in with ever new names must not fill the table. */
export const maxDevicesPerUser = 100;

/** The first creates digests, all recognise them. */
export type DeviceKeys = readonly KeyObject[];

/** Derived keys, so that a digest reveals nothing about the key that signs cookies. */
export const deriveDeviceKeys = (sessionSecrets: readonly string[]): DeviceKeys =>
  sessionSecrets.map((secret) => deriveKey(secret, "known devices"));

export interface DeviceInUse {
  readonly keys: DeviceKeys;
  readonly userId: string;
  readonly client: Client;
}

/**
 * Parts of a login statement, in which `account` is the row that logs in; without a row they do nothing. They run under that
 * row's lock, so that logins to one account take turns. PostgreSQL skips `told`, which is a query, unless the statement uses it.
 */
export const rememberDevice = ({ keys, userId, client }: DeviceInUse) => {
  const device = findDeviceName(client.userAgent);
  const [digest, ...olderDigests] = keys.map((key) => digestOf(key, userId, device, client.ipAddress));
  if (digest === undefined) throw new Error("rememberDevice() was given no key.");
  // Every part of a statement sees the rows from before the statement.
  const known = sql`select from ${ownTable("known_devices")} where user_id = ${userId}::uuid`;
  const mail = { template: "new-device", userId, device, ipAddress: client.ipAddress } as const;
  return {
    // When two logins come at the same moment, one inserts the row, and one mail is sent.
    device: sql<{ user_id: string }>`
      (insert into ${ownTable("known_devices")} (user_id, digest) select id, ${digest}::bytea from account
      on conflict do nothing returning user_id)`,
    seen: sql<object>`
      (update ${ownTable("known_devices")} set last_seen_at = now() from account
      where known_devices.user_id = account.id and digest = ${digest}::bytea
        and last_seen_at < ${ago(seenInterval)})`,
    room: sql<object>`
      (delete from ${ownTable("known_devices")} where user_id = ${userId}::uuid and exists (select from device)
        and digest in (select digest from ${ownTable("known_devices")} where user_id = ${userId}::uuid
          order by last_seen_at desc offset ${maxDevicesPerUser - 1}))`,
    // Nothing to compare with: the first login to an account, or the first after a password reset.
    told: sql<{ job: unknown }>`
      (select ${mailJob(mail)} as job from device join ${ownTable("users")} on users.id = device.user_id
      where users.new_device_mail and users.email_verified_at is not null and exists (${known})
        and not exists (${known} and digest = any(${olderDigests}::bytea[])))`,
  };
};

/** The same as `rememberDevice`, in a statement of its own, for a transaction that has locked the user's row. */
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
 * An attacker who had the old password may have made a device known and kept its cookie. Increments the generation, which is part
 * of the signature of familiar browser cookies.
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
 * Returns how many. Keeps the device last seen for each account: otherwise a login to an account unused for long would look like
 * its first, and the user would not be notified.
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

/** Includes the user id, so that rows of two accounts cannot be recognised as the same device. */
const digestOf = (key: KeyObject, userId: string, device: string | null, ipAddress: string | null): Buffer =>
  createHmac("sha256", key)
    .update(JSON.stringify([userId, device, wideNetworkOf(ipAddress)]))
    .digest();
