// Walks along the chain of security events, and says of each whether it is what was sealed, where it was sealed.
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

/** Longer than any transaction of ours can take to commit, by far: our timeouts are ten seconds. */
export const maxTransaction = hours(1);

export interface Finding {
  readonly sequence: number | null;
  readonly id: string | null;
  readonly problem: string;
}

export interface ChainCheck {
  /** Null when the row is the next link and nothing is wrong with it. */
  next(row: SealedRow): Finding | null;
  head(): Head;
  /** When the last link was sealed; null when nothing is. */
  lastSealing(): Date | null;
}

/** Starts behind the anchor, or at the beginning. */
export const createChainCheck = (keys: readonly string[], anchor: Anchor | null): ChainCheck => {
  let head: Head = anchor ?? beginning;
  let sealing = anchor?.sealedAt ?? null;
  let sealingBefore: Date | null = null;

  const findProblem = (row: SealedRow): string | null => {
    const { mac, sealedAt, clientCommitment, personalCommitment } = row;
    if (mac === null || sealedAt === null || clientCommitment === null || personalCommitment === null)
      return "its seal is not complete";
    const event = { ...row, sealedAt, clientCommitment, personalCommitment };
    if (!keys.some((key) => macOf(key, head, event).equals(mac)))
      return "it was changed, moved or put in, or was sealed with another AUDIT_KEY";
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
      const found = row.sequence < expected ? "this sequence is there twice" : findProblem(row);
      if (found !== null) return { sequence: row.sequence, id: row.id, problem: found };
      head = { sequence: row.sequence, mac: row.mac ?? beginning.mac };
      return null;
    },
    head: () => head,
    lastSealing: () => sealing,
  };
};

/** Without a salt the values were deleted, and must not be there. */
const findPersonalProblem = (row: SealedRow, client: Buffer, personal: Buffer): string | null => {
  const clientIsRight =
    row.clientSalt === null
      ? row.ipAddress === null && row.userAgent === null
      : commitToClient(row.clientSalt, row).equals(client);
  if (!clientIsRight) return "its address or device was changed";
  const personalIsRight =
    row.personalSalt === null
      ? row.personal === null
      : commitToPersonal(row.personalSalt, row).equals(personal);
  return personalIsRight ? null : "its personal details were changed";
};

/**
 * A sealing takes all that is there. So what a later one takes was not there, and an event of long before was put in by
 * hand: the server has sealed it like any other, not knowing better.
 */
export const findLateness = (at: Date, sealingBefore: Date | null): string | null =>
  sealingBefore !== null && at.getTime() < sealingBefore.getTime() - maxTransaction
    ? "it was put in later than it says (or the database's clock was set back)"
    : null;

export const findAnchorProblem = (keys: readonly string[], anchor: StoredAnchor | null): Finding | null =>
  anchor === null || keys.some((key) => sealOfAnchor(key, anchor).equals(anchor.seal))
    ? null
    : {
        sequence: anchor.sequence,
        id: null,
        problem: "the anchor, where the trail begins, was changed or made with another AUDIT_KEY",
      };
