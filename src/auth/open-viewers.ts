// Puts the look-up of viewers together: the cache, what it hears, and the uses it writes down.
import type { OpenDatabase } from "../database/open.ts";
import { listenForRevocations } from "../database/revocation-listener.ts";
import type { FindSecret } from "./presented-credential.ts";
import { createViewerCache } from "./viewer-cache.ts";
import { createViewerLookup, type ViewerLookup } from "./viewer-lookup.ts";
import { createViewerUses } from "./viewer-uses.ts";

export interface OpenViewers extends ViewerLookup {
  close(): Promise<void>;
}

export const openViewers = (
  { database, createClient }: OpenDatabase,
  { viewerCache, findSecret }: { readonly viewerCache: boolean; readonly findSecret: FindSecret },
): OpenViewers => {
  const uses = createViewerUses(database);
  if (!viewerCache)
    return { ...createViewerLookup({ database, cache: null, uses, findSecret }), close: uses.close };

  const cache = createViewerCache({ isFresh: () => listener.isFresh(), onUse: uses.recordSoon });
  const listener = listenForRevocations({ connect: createClient, database, onRevoked: cache.forget });
  return {
    ...createViewerLookup({ database, cache, uses, findSecret }),
    close: async () => {
      await uses.close();
      await listener.close();
    },
  };
};
