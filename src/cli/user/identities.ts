// The logins with providers of a user, as `graphward user show` prints them.
import type { listIdentities } from "../../auth/providers/identities.ts";

type ShownIdentity = Awaited<ReturnType<typeof listIdentities>>[number];

/** As pairs of a name and a value. Each has a line, with the id that `unlink-identity` takes. */
export const describeIdentities = (
  identities: readonly ShownIdentity[],
): readonly (readonly [string, string])[] =>
  identities.map(({ id, provider, email, linkedAt, lastUsedAt }) => [
    "login with",
    [
      `${provider}${email === null ? "" : ` as ${email}`}`,
      `since ${linkedAt.toISOString()}`,
      lastUsedAt === null ? "never used" : `last used ${lastUsedAt.toISOString()}`,
      `id ${id}`,
    ].join(", "),
  ]);
