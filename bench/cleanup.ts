// What a table leaves behind is taken away, also after Ctrl-C and after a failure.

export interface Cleanup {
  /** Makes something that must end with the work. The last made ends first. Throws once the work is ending. */
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
    // What the work still does after an interruption fails by itself, on what has ended under it.
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

/** While one listens, a signal does nothing else: it must not break off the cleaning, whose waits are all limited. */
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
    /** One that came during the cleaning: no next table may begin. */
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

/** One end that fails must not keep the others from being tried. */
const attempt = async (end: () => Promise<void> | void): Promise<void> => {
  try {
    await end();
  } catch (error) {
    process.stderr.write(`bench: while cleaning up: ${error}\n`);
    process.exitCode = 1;
  }
};
