// Computes the chain of security events: MACs over each event and the one before it. Knows no database.
import { createHmac, randomBytes } from "node:crypto";

/** The last link so far. */
export interface Head {
  readonly sequence: number;
  readonly mac: Buffer;
}

/** The part that is never erased. JSON as PostgreSQL writes it, which is unique for each value. */
export interface ChainedEvent {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly userId: string | null;
  readonly actorId: string | null;
  readonly sessionId: string | null;
  readonly requestId: string | null;
  readonly details: string;
}

/** The part that is deleted when a user's data is erased. */
export interface PersonalValues {
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly personal: string | null;
}

/**
 * Stand in for the personal values. Salted, because IP addresses and names are few enough to try them all. Two, because the
 * client of an event may belong to another person than the user, and each can be erased alone.
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
    // Absent, not null: the MACs of events from before this field stay valid.
    ...(event.requestId === null ? [] : [event.requestId]),
  ]);

export interface Anchor extends Head {
  readonly sealedAt: Date;
}

/** Without this MAC, an attacker who cuts off the beginning could turn any event into an anchor. */
export const sealOfAnchor = (key: string, { sequence, mac, sealedAt }: Anchor): Buffer =>
  hmac(key, ["anchor", sequence, mac.toString("hex"), sealedAt.toISOString()]);

/** The format of the log and of `audit verify --head`. */
export const writeHead = ({ sequence, mac }: Head): string => `${sequence}:${mac.toString("hex")}`;

export const findHeadIn = (text: string): Head | null => {
  const [, sequence = "", mac = ""] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return sequence === "" ? null : { sequence: Number(sequence), mac: Buffer.from(mac, "hex") };
};

/** A JSON list is unambiguous: moving a letter from one field to the next changes the text. */
const hmac = (key: string | Buffer, fields: readonly (string | number | null)[]): Buffer =>
  createHmac("sha256", key).update(JSON.stringify(fields)).digest();
