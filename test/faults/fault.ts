// What is made to happen to a server, and what must hold all the time.
import type { Ledger } from "./ledger.ts";
import type { Stage } from "./stage.ts";

export interface Fault {
  readonly name: string;
  /** Why it cannot be made here. Null: it can. */
  findObstacle?(): string | null;
  /** Once, before the server starts: its settings, disks and neighbours. Returns what undoes it. */
  prepare?(stage: Stage): Promise<(() => Promise<void>) | undefined>;
  begin(stage: Stage): Promise<void> | void;
  /** Milliseconds between the begin and the end. */
  readonly lasts: number;
  end(stage: Stage): Promise<void> | void;
  /** Milliseconds that requests wait for no fault of the server, such as the 5 s in which it is stopped. */
  readonly waits?: number;
  /** What is lost beside the ledger, such as mail. */
  findLost?(stage: Stage, ledger: Ledger): Promise<readonly string[]>;
  /** It ends the process of the server, or may end it. */
  readonly endsProcess?: true;
  /** Rounds of a run that says nothing else: fewer of what takes long. */
  readonly rounds?: number;
}

export const onLinuxAsRoot = (): string | null =>
  process.platform === "linux" && process.getuid?.() === 0 ? null : "it needs Linux and root";
