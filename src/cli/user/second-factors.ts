// The second factors of a user, as `graphward user show` prints them.
import { createSecondFactorRule } from "../../auth/factors/policy.ts";
import { countRecoveryCodes } from "../../auth/factors/recovery-codes.ts";
import { findTotp } from "../../auth/factors/totp-rows.ts";
import { listTrustedBrowsers } from "../../auth/factors/trusted-browsers.ts";
import { listPasskeys } from "../../auth/passkeys/rows.ts";
import type { ShownUser } from "../../auth/users/shown-user.ts";
import type { SecondFactorPolicy } from "../../config/sign-in.ts";
import type { Database } from "../../database/tables.ts";

export type ShownFactors = Awaited<ReturnType<typeof findFactors>>;

export async function findFactors(
  database: Database,
  { id, roles }: Pick<ShownUser, "id" | "roles">,
  policy: SecondFactorPolicy,
) {
  const passkeys = await listPasskeys(database, id);
  return {
    required: createSecondFactorRule(policy)({ roles }),
    totp: await findTotp(database, id),
    passkeys: passkeys.map(({ name, createdAt, lastUsedAt, backedUp }) => ({
      name,
      createdAt,
      lastUsedAt,
      backedUp,
    })),
    recoveryCodesLeft: await countRecoveryCodes(database, id),
    trustedBrowsers: (await listTrustedBrowsers(database, id)).length,
  };
}

/** As pairs of a name and a value. Several passkeys have a line each. */
export function describeFactors(factors: ShownFactors): readonly (readonly [string, string])[] {
  const { required, totp, passkeys, recoveryCodesLeft, trustedBrowsers } = factors;
  const hasNone = totp === null && passkeys.length === 0;
  if (hasNone) return [["factors", required ? "(none, but SECOND_FACTOR asks for one)" : "(none)"]];
  return [
    ...(totp === null ? [] : [["totp", `${since(totp.since)}, ${lastUse(totp.lastUsedAt)}`] as const]),
    ...passkeys.map(
      ({ name, createdAt, lastUsedAt, backedUp }) =>
        [
          "passkey",
          `${name}, ${since(createdAt)}, ${lastUse(lastUsedAt)}, ${backedUp ? "backed up" : "not backed up"}`,
        ] as const,
    ),
    ["recovery", `${recoveryCodesLeft} codes left`],
    ["trusted", `${trustedBrowsers} browsers`],
    ["required", required ? "yes, by SECOND_FACTOR" : "no"],
  ];
}

const since = (at: Date): string => `since ${at.toISOString()}`;
const lastUse = (at: Date | null): string => (at === null ? "never used" : `last used ${at.toISOString()}`);
