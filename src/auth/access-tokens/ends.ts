// Revokes access tokens: the statement that deletes a row also records the event.
import { type DeleteQueryBuilder, type DeleteResult, sql } from "kysely";
import { validate as isUuid } from "uuid";
import type { Database, Tables } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { eventColumns, type Origin, selectEvent } from "../audit/record.ts";
import { digest } from "../secrets/secret.ts";

/** Who revoked it. `owner`: the user the token belongs to. */
export type Revocation = Omit<Origin, "actorId"> & { readonly actorId: string | null | "owner" };

/** Returns the token's owner, or null when there is no such token. Checks the id first: PostgreSQL fails on text that is not a UUID. */
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

/** Revokes the token that made the request. Returns its owner. */
export const revokePresentedAccessToken = (
  database: Database,
  token: string,
  revocation: Revocation,
): Promise<string[]> => revoke(database, (tokens) => tokens.where("digest", "=", digest(token)), revocation);

/** Revokes all of the user's tokens, to shut out an intruder, such as after a password reset. Returns how many. */
export const revokeAccessTokensOfUser = async (
  database: Database,
  userId: string,
  revocation: Revocation,
): Promise<number> =>
  (await revoke(database, (tokens) => tokens.where("user_id", "=", userId), revocation)).length;

/** Deletes those of all users. Returns how many. */
export const revokeAllAccessTokens = async (database: Database, revocation: Revocation): Promise<number> =>
  (await revoke(database, (tokens) => tokens, revocation)).length;

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
