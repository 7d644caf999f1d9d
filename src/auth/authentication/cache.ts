// Caches viewers in memory while revocations are known to arrive. Knows no database.
import { LRUCache } from "lru-cache";
import { touchInterval } from "../sessions/lifetimes.ts";
import type { FoundViewer, Viewer } from "../viewer/viewer.ts";

const maxViewers = 50_000;

/** Expires by the monotonic clock, which cannot jump: the database returned the time left. */
interface Entry {
  readonly viewer: Viewer;
  readonly idleLifetime: number;
  readonly absoluteEnd: number;
  idleEnd: number;
  touchDue: number;
}

export interface ViewerCache {
  /** Returns null when it is not cached: then query the database. */
  find(key: string): Viewer | null;
  /** Like `find`, but no use: the viewer, and the milliseconds until it expires. */
  peek(key: string): { readonly viewer: Viewer; readonly left: number } | null;
  /** Pass this to `store`: a viewer that was read before a revocation is then not stored after it. */
  generation(): number;
  /** `isUse`: false if nobody has recorded a use that is due. Then the next one is recorded. */
  store(key: string, found: FoundViewer, generation: number, isUse?: boolean): void;
  /** Forgets one user, or everybody. */
  forget(userId: string): void;
}

export const everybody = "*";

export const createViewerCache = (options: {
  /** Whether every revocation so far has arrived. */
  readonly isFresh: () => boolean;
  /** Called for a use that should be written to the database. */
  readonly onUse: (viewer: Viewer) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}): ViewerCache => {
  const { isFresh, onUse, now: readClock = () => performance.now() } = options;
  const keysOfUser = new Map<string, Set<string>>();
  let generation = 0;
  const entries = new LRUCache<string, Entry>({
    // As `max`, for which it would make room for all of them at once.
    maxSize: maxViewers,
    sizeCalculation: () => 1,
    dispose: ({ viewer }, key) => {
      const keys = keysOfUser.get(viewer.userId);
      keys?.delete(key);
      if (keys?.size === 0) keysOfUser.delete(viewer.userId);
    },
  });

  const forget = (userId: string): void => {
    generation += 1;
    if (userId === everybody) entries.clear();
    else for (const key of [...(keysOfUser.get(userId) ?? [])]) entries.delete(key);
  };

  const use = (entry: Entry, now: number): void => {
    if (now < entry.touchDue) return;
    entry.touchDue = now + touchInterval;
    entry.idleEnd = Math.min(now + entry.idleLifetime, entry.absoluteEnd);
    onUse(entry.viewer);
  };

  const findAlive = (key: string, now: number): Entry | null => {
    // The connection was lost for too long: any entry may have been revoked meanwhile.
    if (!isFresh() && entries.size > 0) forget(everybody);
    const entry = entries.get(key);
    if (entry === undefined) return null;
    if (now < entry.idleEnd && now < entry.absoluteEnd) return entry;
    entries.delete(key);
    return null;
  };

  return {
    find(key) {
      const now = readClock();
      const entry = findAlive(key, now);
      if (entry === null) return null;
      use(entry, now);
      return entry.viewer;
    },
    peek(key) {
      const now = readClock();
      const entry = findAlive(key, now);
      return entry && { viewer: entry.viewer, left: Math.min(entry.idleEnd, entry.absoluteEnd) - now };
    },
    generation: () => generation,
    store(key, { viewer, idleLifetime, idleLeft, absoluteLeft, touchIsDue }, before, isUse = true) {
      if (before !== generation || !isFresh()) return;
      const now = readClock();
      const entry = {
        viewer,
        idleLifetime,
        idleEnd: now + idleLeft,
        absoluteEnd: now + absoluteLeft,
        touchDue: touchIsDue && !isUse ? now : now + touchInterval,
      };
      entries.set(key, entry);
      keysOfUser.set(viewer.userId, (keysOfUser.get(viewer.userId) ?? new Set()).add(key));
    },
    forget,
  };
};
