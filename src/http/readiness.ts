// Whether the server is ready for requests, and why not: health checks show it, and the log says when it changes.
import type { Logger } from "pino";

export interface Readiness {
  /** Null when the server is ready. */
  findObstacle(): Promise<string | null>;
  /** The start goes on: from now on this is the obstacle. */
  waitFor(obstacle: string): void;
  /** The start is done: `find` looks for an obstacle at each health check. */
  open(find: () => Promise<string | null>): void;
  close(): void;
}

export const createReadiness = (logger: Logger): Readiness => {
  let obstacle = "starting";
  let find = async (): Promise<string | null> => obstacle;
  let told: string | null = null;
  return {
    findObstacle: () => find(),
    waitFor(next) {
      obstacle = next;
    },
    open(look) {
      find = async () => {
        const found = await look();
        if (found !== told && found !== null) logger.error({ reason: found }, "not ready for requests");
        if (found !== told && found === null) logger.info("ready for requests again");
        told = found;
        return found;
      };
    },
    close() {
      obstacle = "stopping";
      find = async () => obstacle;
    },
  };
};
