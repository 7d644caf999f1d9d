// Wires the lookup of viewers: the cache, the revocations it listens to, and the uses it writes.
import type { OpenDatabase } from "../../database/open.ts";
import { listenForRevocations } from "../../database/revocation-listener.ts";
import type { Meter } from "../../meter.ts";
import type { FindSecret } from "../secrets/presented-credential.ts";
import type { SessionLifetimes } from "../sessions/lifetimes.ts";
import type { Authority } from "../viewer/authority.ts";
import { createViewerCache } from "./cache.ts";
import { createViewerLookup, type ViewerLookup } from "./lookup.ts";
import { createViewerUses } from "./uses.ts";

export interface OpenViewers extends ViewerLookup {
  close(): Promise<void>;
}

export const openViewers = (
  { database, schema, createClient }: OpenDatabase,
  {
    viewerCache,
    ...options
  }: {
    readonly viewerCache: boolean;
    readonly findSecret: FindSecret;
    readonly authority: Authority;
    readonly lifetimes: SessionLifetimes;
    readonly meter: Meter | null;
  },
): OpenViewers => {
  const uses = createViewerUses(database, options.lifetimes);
  if (!viewerCache)
    return { ...createViewerLookup({ database, cache: null, uses, ...options }), close: uses.close };

  const cache = createViewerCache({ isFresh: () => listener.isFresh(), onUse: uses.recordSoon });
  const listener = listenForRevocations({
    schema,
    connect: createClient,
    database,
    onRevoked: cache.forget,
    onBeat: options.meter?.timeNotice ?? null,
  });
  return {
    ...createViewerLookup({ database, cache, uses, ...options }),
    close: async () => {
      await uses.close();
      await listener.close();
    },
  };
};
