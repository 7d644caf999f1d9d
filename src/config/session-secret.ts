// The secret that signs session cookies: the configured one, or the one that is kept.
import type { Config } from "./config.ts";
import { requireKeptSecret } from "./kept-secret.ts";

/** The first signs, all verify. */
export const requireSessionSecrets = async ({
  sessionSecrets,
  dataDir,
}: Config): Promise<readonly string[]> =>
  sessionSecrets.length > 0 ? sessionSecrets : [await requireKeptSecret(dataDir, "session-secret")];
