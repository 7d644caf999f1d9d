// The cost of a page in a list, measured in alternation with the same page among fewer rows.
import { type Answer, openConnection } from "./loads/connection.ts";
import { readCpuTimes } from "./servers/cpu-time.ts";
import type { Server } from "./servers/server.ts";
import { median } from "./statistics.ts";

export interface PageCase {
  readonly name: string;
  readonly query: string;
  /** How many rows the page must show, however many exist; null for a response without rows. */
  readonly rows: number | null;
}

export interface Asked extends Server {
  readonly token: string;
}

/** Durations for one page. CPU includes the database; null where the system does not report it. */
export interface PageCost {
  readonly time: number;
  readonly cpu: number | null;
}

const warmUps = 20;

/** Throws when the response is not the expected page. */
export const measurePage = async (server: Asked, it: PageCase, duration: number): Promise<PageCost> => {
  const ask = openConnection(server.url);
  for (let asked = 0; asked < warmUps; asked++) requireRows(it, await ask(it.query, server.token));
  const before = await readCpuTimes([server.processId]);
  const times: number[] = [];
  for (const end = performance.now() + duration; performance.now() < end; ) {
    const start = performance.now();
    const answer = await ask(it.query, server.token);
    times.push(performance.now() - start);
    requireRows(it, answer);
  }
  const after = await readCpuTimes([server.processId]);
  const spent = (key: "own" | "children") => {
    const [start, end] = [before[key], after[key]];
    return start === null || end === null ? null : (end - start) / times.length;
  };
  const [own, ofDatabase] = [spent("own"), spent("children")];
  return { time: median(times) ?? 0, cpu: own === null || ofDatabase === null ? null : own + ofDatabase };
};

const requireRows = ({ name, rows }: PageCase, { status, text }: Answer): void => {
  const shown = text.split('"id":').length - 1;
  if (status !== 200 || text.includes('"errors"') || (rows !== null && shown !== rows))
    throw new Error(`${name} is answered with ${status} and ${shown} rows: ${text.slice(0, 500)}`);
};
