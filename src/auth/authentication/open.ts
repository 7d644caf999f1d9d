// Wires the lookup of viewers: the cache, the revocations it hears of, and the uses it writes.
import type { Notices } from "../../database/notices/notices.ts";
import type { Database } from "../../database/tables.ts";
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
  database: Database,
  {
    notices,
    ...options
  }: {
    /** Null: nothing is cached. */
    readonly notices: Notices | null;
    readonly findSecret: FindSecret;
    readonly authority: Authority;
    readonly lifetimes: SessionLifetimes;
    readonly meter: Meter | null;
  },
): OpenViewers => {
  const uses = createViewerUses(database, options.lifetimes);
  if (notices === null)
    return { ...createViewerLookup({ database, cache: null, uses, ...options }), close: uses.close };

  const cache = createViewerCache({ isFresh: notices.isFresh, onUse: uses.recordSoon });
  const stopListening = notices.listen({ onRevoked: cache.forget });
  return {
    ...createViewerLookup({ database, cache, uses, ...options }),
    close: async () => {
      await uses.close();
      stopListening();
    },
  };
};
