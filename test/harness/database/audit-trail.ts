// The verification of an audit trail as `graphward audit verify --json` prints it, without the start of a process for each.
import { findHeadIn, writeHead } from "../../../src/auth/audit/trail/chain.ts";
import type { Finding } from "../../../src/auth/audit/trail/chain-check.ts";
import { verifyTrail } from "../../../src/auth/audit/trail/verification.ts";
import type { Database } from "../../../src/database/tables.ts";

export interface Verified {
  readonly intact: boolean;
  readonly finding: Finding | null;
  readonly sealed: number;
  readonly unsealed: number;
  readonly head: string | null;
}

/** `keys`: as in AUDIT_KEY. `head`: as in the log. */
export const verifyAuditTrail = async (
  { database }: { readonly database: Database },
  keys: string,
  head: string | null = null,
): Promise<Verified> => {
  const result = await verifyTrail(database, keys.split(","), head === null ? null : findHeadIn(head));
  return {
    ...result,
    intact: result.finding === null,
    head: result.head.sequence === 0 ? null : writeHead(result.head),
  };
};
