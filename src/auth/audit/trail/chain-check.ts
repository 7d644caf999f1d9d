// Walks the chain of security events, and checks that each event is unchanged and in its place.
import { hours } from "../../../time.ts";
import {
  type Anchor,
  beginning,
  commitToClient,
  commitToPersonal,
  type Head,
  macOf,
  sealOfAnchor,
} from "./chain.ts";
import type { SealedRow, StoredAnchor } from "./rows.ts";

/** Far longer than any of our transactions can take to commit: our timeouts are ten seconds. */
export const maxTransaction = hours(1);

export interface Finding {
  readonly sequence: number | null;
  readonly id: string | null;
  readonly problem: string;
}

export interface ChainCheck {
  /** Returns null when the row is the next link and is valid. */
  next(row: SealedRow): Finding | null;
  head(): Head;
  /** When the last link was sealed, or null when there is none. */
  lastSealing(): Date | null;
}

/** Starts after the anchor, or at the beginning. */
export const createChainCheck = (keys: readonly string[], anchor: Anchor | null): ChainCheck => {
  let head: Head = anchor ?? beginning;
  let sealing = anchor?.sealedAt ?? null;
  let sealingBefore: Date | null = null;

  const findProblem = (row: SealedRow): string | null => {
    const { mac, sealedAt, clientCommitment, personalCommitment } = row;
    if (mac === null || sealedAt === null || clientCommitment === null || personalCommitment === null)
      return "its seal is incomplete";
    const event = { ...row, sealedAt, clientCommitment, personalCommitment };
    if (!keys.some((key) => macOf(key, head, event).equals(mac)))
      return "it was changed, moved or inserted, or it was sealed with another AUDIT_KEY";
    if (sealedAt.getTime() !== sealing?.getTime()) [sealingBefore, sealing] = [sealing, sealedAt];
    return (
      findPersonalProblem(row, clientCommitment, personalCommitment) ?? findLateness(row.at, sealingBefore)
    );
  };

  return {
    next(row) {
      const expected = head.sequence + 1;
      if (row.sequence > expected)
        return { sequence: expected, id: null, problem: "the event of this sequence is missing" };
      const found = row.sequence < expected ? "this sequence appears twice" : findProblem(row);
      if (found !== null) return { sequence: row.sequence, id: row.id, problem: found };
      head = { sequence: row.sequence, mac: row.mac ?? beginning.mac };
      return null;
    },
    head: () => head,
    lastSealing: () => sealing,
  };
};

/** Without a salt, the personal values were erased, and must be absent. */
const findPersonalProblem = (row: SealedRow, client: Buffer, personal: Buffer): string | null => {
  const clientIsRight =
    row.clientSalt === null
      ? row.ipAddress === null && row.userAgent === null
      : commitToClient(row.clientSalt, row).equals(client);
  if (!clientIsRight) return "its IP or user agent was changed";
  const personalIsRight =
    row.personalSalt === null
      ? row.personal === null
      : commitToPersonal(row.personalSalt, row).equals(personal);
  return personalIsRight ? null : "its personal details were changed";
};

/**
 * A sealing takes all unsealed events. An event that a later sealing takes, but that is dated long before, was inserted by hand:
 * the server sealed it without knowing.
 */
export const findLateness = (at: Date, sealingBefore: Date | null): string | null =>
  sealingBefore !== null && at.getTime() < sealingBefore.getTime() - maxTransaction
    ? "it was inserted later than its time says (or the database clock was set back)"
    : null;

export const findAnchorProblem = (keys: readonly string[], anchor: StoredAnchor | null): Finding | null =>
  anchor === null || keys.some((key) => sealOfAnchor(key, anchor).equals(anchor.seal))
    ? null
    : {
        sequence: anchor.sequence,
        id: null,
        problem: "the anchor, where the trail begins, was changed or made with another AUDIT_KEY",
      };
