// Puts the look-up of viewers together: the cache, what it hears, and the uses it writes down.
import type { OpenDatabase } from "../database/open.ts";
import { listenForRevocations } from "../database/revocation-listener.ts";
import type { FindSecret } from "./presented-credential.ts";
import { createSessionTouches } from "./session-touches.ts";
import { createViewerCache } from "./viewer-cache.ts";
import { createViewerLookup, type ViewerLookup } from "./viewer-lookup.ts";

export interface OpenViewers extends ViewerLookup {
  close(): Promise<void>;
}

export const openViewers = (
  { database, createClient }: OpenDatabase,
  { viewerCache, findSecret }: { readonly viewerCache: boolean; readonly findSecret: FindSecret },
): OpenViewers => {
  const touches = createSessionTouches(database);
  if (!viewerCache)
    return { ...createViewerLookup({ database, cache: null, touches, findSecret }), close: touches.close };

  const cache = createViewerCache({ isFresh: () => listener.isFresh(), onTouch: touches.touchSoon });
  const listener = listenForRevocations({ connect: createClient, database, onRevoked: cache.forget });
  return {
    ...createViewerLookup({ database, cache, touches, findSecret }),
    close: async () => {
      await touches.close();
      await listener.close();
    },
  };
};
