// What a run leaves behind is taken away, also after Ctrl-C and after a failure.

export interface Cleanup {
  /** Makes something that must end with the run. The last made ends first. Throws once the run is ending. */
  own<Thing>(make: () => Thing, end: (thing: Thing) => Promise<void> | void): Thing;
}

export const withCleanup = async (work: (cleanup: Cleanup) => Promise<void>): Promise<void> => {
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
  try {
    // What the work still does after an interruption fails by itself, on what has ended under it.
    await Promise.race([work(cleanup), interruption()]);
  } finally {
    isEnding = true;
    for (const end of ends.reverse()) await attempt(end);
  }
};

/** Never resolves. Later signals do nothing: they must not break off the cleaning, whose waits are all limited. */
const interruption = (): Promise<never> =>
  new Promise((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => reject(new Error(`interrupted by ${signal}`)));
  });

/** One end that fails must not keep the others from being tried. */
const attempt = async (end: () => Promise<void> | void): Promise<void> => {
  try {
    await end();
  } catch (error) {
    process.stderr.write(`bench: while cleaning up: ${error}\n`);
    process.exitCode = 1;
  }
};
