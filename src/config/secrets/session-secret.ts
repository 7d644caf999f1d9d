// The secret that signs session cookies: the configured one, or one that is generated and kept.

import { secretSetting } from "../secrets.ts";
import { findKeptSecret, requireKeptSecret } from "./kept-secret.ts";

export const sessionSettings = (production: boolean) => ({
  sessionSecrets: secretSetting(
    "SESSION_SECRET",
    production,
    "Signs session cookies, and derives the links in mail. Several may be given, separated by commas: the first one signs, all of them verify, so that you can replace a secret without ending sessions. If it is not set, a secret is generated once in `DATA_DIR`. Make one with `openssl rand -base64 48`.",
  ),
});

interface Settings {
  readonly sessionSecrets: readonly string[];
  readonly dataDir: string;
}

const keptName = "session-secret";

/** The first one signs, all of them verify. */
export const requireSessionSecrets = async ({
  sessionSecrets,
  dataDir,
}: Settings): Promise<readonly string[]> =>
  sessionSecrets.length > 0 ? sessionSecrets : [await requireKeptSecret(dataDir, keptName)];

/** The same without generating one: empty when there is none. */
export const findSessionSecrets = async ({
  sessionSecrets,
  dataDir,
}: Settings): Promise<readonly string[]> =>
  sessionSecrets.length > 0
    ? sessionSecrets
    : [await findKeptSecret(dataDir, keptName)].filter((secret) => secret !== null);
