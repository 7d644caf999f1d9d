// Deals the permits to hash a password among the workers, so that all together hash no more at once than HASHES_AT_ONCE.
import { seconds } from "../time.ts";

export interface HashPermits {
  /** Calls `grant` once, now or when it is the holder's turn. */
  request(holder: object, grant: () => void): void;
  giveBack(holder: object): void;
  /** It is dead, and gives nothing back. */
  forget(holder: object): void;
}

/**
 * A worker that hangs must not keep all others from hashing: their logins wait for two seconds. Many times as long as a worker keeps a
 * permit, and a stored hash may cost more than ours.
 */
const longestUse = seconds(1);

interface Request {
  readonly holder: object;
  readonly grant: () => void;
}

interface Held {
  /** One for each permit. */
  readonly timers: Set<NodeJS.Timeout>;
  /** How many were taken back, and are not given back yet. Meanwhile, it gets no other: it would hang with that one too. */
  late: number;
}

export function createHashPermits(count: number): HashPermits {
  const waiting = new Set<Request>();
  const holders = new Map<object, Held>();
  let free = count;

  const heldBy = (holder: object): Held => {
    const held = holders.get(holder) ?? { timers: new Set(), late: 0 };
    holders.set(holder, held);
    return held;
  };
  const deal = (): void => {
    for (const request of waiting) {
      if (free === 0) return;
      const held = heldBy(request.holder);
      if (held.late > 0) continue;
      waiting.delete(request);
      free -= 1;
      const timer = setTimeout(() => takeBack(held, timer), longestUse).unref();
      held.timers.add(timer);
      request.grant();
    }
  };
  const takeBack = (held: Held, timer: NodeJS.Timeout): void => {
    held.timers.delete(timer);
    held.late += 1;
    free += 1;
    deal();
  };
  return {
    request(holder, grant) {
      waiting.add({ holder, grant });
      deal();
    },
    giveBack(holder) {
      const held = heldBy(holder);
      const [timer] = held.timers;
      if (held.late > 0) held.late -= 1;
      else if (timer !== undefined) {
        clearTimeout(timer);
        held.timers.delete(timer);
        free += 1;
      }
      deal();
    },
    forget(holder) {
      for (const request of waiting) if (request.holder === holder) waiting.delete(request);
      const { timers } = heldBy(holder);
      for (const timer of timers) clearTimeout(timer);
      free += timers.size;
      holders.delete(holder);
      deal();
    },
  };
}
