// Deals the permits to hash a password among the workers, so that all together hash no more than one server alone would.
import { seconds } from "../time.ts";

export interface HashPermits {
  /** Calls `grant` once, now or when it is the holder's turn. */
  request(holder: object, grant: () => void): void;
  giveBack(holder: object): void;
  /** It is dead, and gives nothing back. */
  forget(holder: object): void;
}

/** A worker that hangs must not keep all others from hashing. Many times as long as a hash takes. */
const longestHash = seconds(2);

interface Request {
  readonly holder: object;
  readonly grant: () => void;
}

export function createHashPermits(count: number): HashPermits {
  const waiting = new Set<Request>();
  /** One timer for each permit that is held. */
  const held = new Map<object, Set<NodeJS.Timeout>>();
  let free = count;

  const takeBack = (holder: object, timer: NodeJS.Timeout | undefined): void => {
    // Given back late: another one has it.
    if (timer === undefined || !held.get(holder)?.delete(timer)) return;
    clearTimeout(timer);
    free += 1;
    deal();
  };
  const deal = (): void => {
    for (const request of waiting) {
      if (free === 0) return;
      waiting.delete(request);
      free -= 1;
      const timer = setTimeout(() => takeBack(request.holder, timer), longestHash).unref();
      held.set(request.holder, (held.get(request.holder) ?? new Set()).add(timer));
      request.grant();
    }
  };
  return {
    request(holder, grant) {
      waiting.add({ holder, grant });
      deal();
    },
    giveBack(holder) {
      takeBack(holder, held.get(holder)?.values().next().value);
    },
    forget(holder) {
      for (const request of waiting) if (request.holder === holder) waiting.delete(request);
      for (const timer of [...(held.get(holder) ?? [])]) takeBack(holder, timer);
      held.delete(holder);
    },
  };
}
