// What holds the chain of security events together: MACs over each event and the one before it. Knows no database.
import { createHmac, randomBytes } from "node:crypto";

/** The last link so far. */
export interface Head {
  readonly sequence: number;
  readonly mac: Buffer;
}

/** What stays for good. JSON as PostgreSQL writes it, which is one text for one value. */
export interface ChainedEvent {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly userId: string | null;
  readonly actorId: string | null;
  readonly sessionId: string | null;
  readonly details: string;
}

/** What is deleted when a person is forgotten. */
export interface PersonalValues {
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly personal: string | null;
}

/**
 * Stand in for personal values. Salted, because addresses and names are few enough to try them all; two, because the
 * client of an event may be somebody else than the account's owner, and each may be forgotten alone.
 */
export interface Commitments {
  readonly clientCommitment: Buffer;
  readonly personalCommitment: Buffer;
}

export const beginning: Head = { sequence: 0, mac: Buffer.alloc(32) };

export const makeSalt = (): Buffer => randomBytes(32);

export const commitToClient = (salt: Buffer, { ipAddress, userAgent }: PersonalValues): Buffer =>
  hmac(salt, ["client", ipAddress, userAgent]);

export const commitToPersonal = (salt: Buffer, { personal }: PersonalValues): Buffer =>
  hmac(salt, ["personal", personal]);

export const macOf = (
  key: string,
  previous: Head,
  event: ChainedEvent & Commitments & { readonly sealedAt: Date },
): Buffer =>
  hmac(key, [
    "event",
    previous.sequence + 1,
    previous.mac.toString("hex"),
    event.id,
    event.at.toISOString(),
    event.type,
    event.userId,
    event.actorId,
    event.sessionId,
    event.details,
    event.clientCommitment.toString("hex"),
    event.personalCommitment.toString("hex"),
    event.sealedAt.toISOString(),
  ]);

export interface Anchor extends Head {
  readonly sealedAt: Date;
}

/** Without it whoever cuts off the beginning could make an anchor of any event. */
export const sealOfAnchor = (key: string, { sequence, mac, sealedAt }: Anchor): Buffer =>
  hmac(key, ["anchor", sequence, mac.toString("hex"), sealedAt.toISOString()]);

/** As it is logged, and given to `audit verify --head`. */
export const writeHead = ({ sequence, mac }: Head): string => `${sequence}:${mac.toString("hex")}`;

export const findHeadIn = (text: string): Head | null => {
  const [, sequence = "", mac = ""] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return sequence === "" ? null : { sequence: Number(sequence), mac: Buffer.from(mac, "hex") };
};

/** A JSON list has one reading: no two events can be written alike by moving a letter from one field to the next. */
const hmac = (key: string | Buffer, fields: readonly (string | number | null)[]): Buffer =>
  createHmac("sha256", key).update(JSON.stringify(fields)).digest();
