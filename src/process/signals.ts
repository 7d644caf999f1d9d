// The signals that end the process.
import { seconds } from "../time.ts";

/** `end`: what the process does at a second signal, at least a second after the first. */
export const untilSignal = (signals: readonly NodeJS.Signals[], end: () => void): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let first: number | undefined;
    const handle = (signal: NodeJS.Signals) => {
      // Under npm, Ctrl-C arrives twice, from the terminal and from npm; only a second one after a second means "now".
      if (first !== undefined && performance.now() - first > seconds(1)) end();
      first ??= performance.now();
      resolve(signal);
    };
    for (const signal of signals) process.on(signal, handle);
  });

/** A terminal that is closed sends SIGHUP, and Ctrl-\ SIGQUIT, which would write our memory to a file. */
export const allEnds = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
