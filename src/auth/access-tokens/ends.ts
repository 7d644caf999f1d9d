// How access tokens are revoked: each end is an event, recorded by the statement that deletes the row.
import { type DeleteQueryBuilder, type DeleteResult, sql } from "kysely";
import { validate as isUuid } from "uuid";
import type { Database, Tables } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { eventColumns, type Origin, selectEvent } from "../audit/record.ts";
import { digest } from "../secrets/secret.ts";

/** By whom. `owner`: whoever's token it was. */
export type Revocation = Omit<Origin, "actorId"> & { readonly actorId: string | null | "owner" };

/** Null when there is none, else whose it was. An id is any text: PostgreSQL would fail on one that is no UUID. */
export const revokeAccessToken = async (
  database: Database,
  { id, userId }: { readonly id: string; readonly userId: string | "anybody" },
  revocation: Revocation,
): Promise<string | null> => {
  if (!isUuid(id)) return null;
  const [owner] = await revoke(
    database,
    (tokens) => {
      const one = tokens.where("id", "=", id);
      return userId === "anybody" ? one : one.where("user_id", "=", userId);
    },
    revocation,
  );
  return owner ?? null;
};

/** By the token itself. Whose it was. */
export const revokePresentedAccessToken = (
  database: Database,
  token: string,
  revocation: Revocation,
): Promise<string[]> => revoke(database, (tokens) => tokens.where("digest", "=", digest(token)), revocation);

/** Every one: for what must put out whoever got in before, such as a new password by somebody else's hand. How many. */
export const revokeAccessTokensOfUser = async (
  database: Database,
  userId: string,
  revocation: Revocation,
): Promise<number> =>
  (await revoke(database, (tokens) => tokens.where("user_id", "=", userId), revocation)).length;

type Deletion = DeleteQueryBuilder<Tables, "access_tokens", DeleteResult>;

const revoke = async (
  database: Database,
  which: (tokens: Deletion) => Deletion,
  revocation: Revocation,
): Promise<string[]> => {
  const event = { ...revocation, type: AuditEventType.ACCESS_TOKEN_REVOKED };
  const recorded = await database
    .with("revoked", (query) => which(query.deleteFrom("access_tokens")).returning(["id", "user_id", "name"]))
    .insertInto("audit_events")
    .columns([...eventColumns, "personal"])
    .expression((query) =>
      query.selectFrom("revoked").select(({ ref }) => [
        ...selectEvent(event, {
          userId: ref("revoked.user_id"),
          details: sql`jsonb_build_object('accessTokenId', revoked.id)`,
        }),
        sql<string>`jsonb_build_object('name', revoked.name)`.as("personal"),
      ]),
    )
    .returning("user_id")
    .execute();
  return recorded.map(({ user_id }) => user_id).filter((id) => id !== null);
};
