// Runs the cleanup of a table, also after Ctrl-C and after a failure.

export interface Cleanup {
  /** Creates something that must be closed after the work, in reverse order. Throws once the cleanup has begun. */
  own<Thing>(make: () => Thing, end: (thing: Thing) => Promise<void> | void): Thing;
}

export const withCleanup = async <Result>(work: (cleanup: Cleanup) => Promise<Result>): Promise<Result> => {
  const ends: (() => Promise<void> | void)[] = [];
  let isEnding = false;
  const cleanup: Cleanup = {
    own(make, end) {
      if (isEnding) throw new Error("The run is ending.");
      const thing = make();
      ends.push(() => end(thing));
      return thing;
    },
  };
  const interruption = listenForInterruption();
  try {
    // After an interruption the work goes on, and fails by itself because its resources are closed.
    const result = await Promise.race([work(cleanup), interruption.thrown]);
    isEnding = true;
    await endAll(ends);
    interruption.rethrow();
    return result;
  } finally {
    isEnding = true;
    await endAll(ends);
    interruption.stop();
  }
};

/** Signals do nothing else meanwhile: they must not interrupt the cleanup, whose waits all have timeouts. */
const listenForInterruption = () => {
  let interrupted: Error | null = null;
  let reject: (error: Error) => void = () => undefined;
  const thrown = new Promise<never>((_, rejectIt) => {
    reject = rejectIt;
  });
  thrown.catch(() => undefined);
  const listener = (signal: NodeJS.Signals) => {
    interrupted ??= new Error(`interrupted by ${signal}`);
    reject(interrupted);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, listener);
  return {
    thrown,
    /** For an interruption during the cleanup: the next table must not start. */
    rethrow() {
      if (interrupted) throw interrupted;
    },
    stop() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
};

const endAll = async (ends: (() => Promise<void> | void)[]): Promise<void> => {
  for (let end = ends.pop(); end; end = ends.pop()) await attempt(end);
};

/** A failure of one cleanup step must not prevent the others. */
const attempt = async (end: () => Promise<void> | void): Promise<void> => {
  try {
    await end();
  } catch (error) {
    process.stderr.write(`bench: while cleaning up: ${error}\n`);
    process.exitCode = 1;
  }
};
