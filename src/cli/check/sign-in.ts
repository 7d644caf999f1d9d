// What `graphward check` finds in the database about second factors and ways to log in.
import type { Application } from "../../application/application.ts";
import { rolesInRules } from "../../auth/access/permissions.ts";
import {
  countUnprotectedAdministrators,
  countUnreadableSecrets,
  findUnknownRoles,
} from "../../auth/factors/weaknesses.ts";
import { countAbandonedUsers, countUsersWithoutWayIn } from "../../auth/flows/ways-in.ts";
import { createSealer, factorSealing } from "../../auth/secrets/sealed.ts";
import { administratorRole } from "../../auth/viewer/permissions.ts";
import type { Config } from "../../config/config.ts";
import type { Finding } from "../../config/review.ts";
import { findSessionSecrets } from "../../config/secrets/session-secret.ts";
import type { Database } from "../../database/tables.ts";
import { buildGuardedSchema } from "../../schema/build.ts";
import { waysInOf } from "../command/ways-in.ts";

export async function reviewSignIn(
  database: Database,
  config: Config,
  application: Application,
): Promise<Finding[]> {
  const administrators = await countUnprotectedAdministrators(database);
  const unreadable = await countUnreadableSecrets(database, await findKeyIds(config));
  const ways = waysInOf(config);
  const lockedOut = config.passwordLogin ? 0 : await countUsersWithoutWayIn(database, ways);
  const abandoned = await countAbandonedUsers(database, ways);
  return [
    ...warn(
      administrators > 0,
      "SECOND_FACTOR",
      `administrators without a second factor: ${administrators}; a stolen password is enough to act as one`,
    ),
    ...warn(
      unreadable > 0,
      "SESSION_SECRET",
      `authenticator apps sealed under a secret that is not listed: ${unreadable}; their codes are refused until it is listed again`,
    ),
    ...warn(lockedOut > 0, "PASSWORD_LOGIN", `is off, and users without another way to log in: ${lockedOut}`),
    ...warn(
      abandoned > 0,
      "IDENTITY_PROVIDERS",
      `does not list the provider that is the only way to log in of users: ${abandoned}; list it again, or let them reset the password`,
    ),
    ...(await findUnknownPolicyRoles(database, config, application)).map(
      (role): Finding => ({
        // A misspelt role asks nobody, and looks as if it did.
        severity: config.production ? "error" : "warning",
        name: "SECOND_FACTOR",
        text: `names the role ${role}, which does not exist: nobody is asked because of it`,
      }),
    ),
  ];
}

const findKeyIds = async (config: Config): Promise<readonly Buffer[]> => {
  const secrets = await findSessionSecrets(config);
  return secrets.length === 0 ? [] : createSealer(secrets, factorSealing).keyIds;
};

const findUnknownPolicyRoles = async (
  database: Database,
  { secondFactor }: Config,
  application: Application,
): Promise<readonly string[]> => {
  if (typeof secondFactor === "string") return [];
  const unknown = await findUnknownRoles(database, secondFactor);
  if (unknown.length === 0) return [];
  const known = [administratorRole, ...rolesInRules(buildGuardedSchema(application).schema)];
  return unknown.filter((role) => !known.includes(role));
};

const warn = (applies: boolean, name: string, text: string): Finding[] =>
  applies ? [{ severity: "warning", name, text }] : [];
