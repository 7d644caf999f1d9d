// A user, as the commands print it.
import type { ShownUser } from "../../auth/users/shown-user.ts";
import { isAdministrator } from "../../auth/viewer/permissions.ts";

/** With every existing permission for an administrator, as in the API. */
export const inFull = async ({
  id,
  username,
  displayName,
  locale,
  email,
  emailVerified,
  isActive,
  roles,
  permissions,
  createdAt,
  lastLoginAt,
}: ShownUser) => ({
  id,
  username,
  displayName,
  locale,
  email,
  emailVerified,
  isActive,
  roles,
  permissions: isAdministrator({ roles }) ? await findKnownPermissions() : permissions,
  createdAt,
  lastLoginAt,
});

const findKnownPermissions = async () =>
  (await import("../application/known-permissions.ts")).knownPermissions;

export const inOneLine = ({ id, username, email, emailVerified, isActive, roles }: ShownUser): string =>
  [
    id,
    isActive ? "active  " : "inactive",
    username,
    ...(email === null ? [] : [emailVerified ? email : `${email} (not verified)`]),
    roles.join(" "),
  ]
    .join("  ")
    .trimEnd();

/** `more`: pairs of a name and a value that follow the user's own. */
export const inLines = async (
  user: ShownUser,
  more: readonly (readonly [string, string])[] = [],
): Promise<string> => {
  const { email, emailVerified, isActive, roles, permissions, createdAt, lastLoginAt } = await inFull(user);
  const address = email === null ? "(none)" : emailVerified ? email : `${email} (not verified)`;
  return [
    ["id", user.id],
    ["username", user.username],
    ["name", user.displayName ?? "(none)"],
    ["locale", user.locale ?? "(default)"],
    ["email", address],
    ["state", isActive ? "active" : "inactive"],
    ["roles", roles.join(" ") || "(none)"],
    ["permissions", permissions.join(" ") || "(none)"],
    ["created", createdAt.toISOString()],
    ["last login", lastLoginAt?.toISOString() ?? "(never)"],
    ...more,
  ]
    .map(([name = "", value]) => `${name.padEnd(12)}${value}`)
    .join("\n");
};
