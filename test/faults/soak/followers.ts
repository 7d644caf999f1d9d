// People with an open page: a session by cookie on one server, and a stream on the other, which must end with it.
import { setTimeout as pass } from "node:timers/promises";
import { Client } from "../../../src/testing/client.ts";
import { seconds } from "../../../src/time.ts";
import { openStream, type ReadStream } from "../../harness/connections/stream.ts";
import { documents } from "../documents.ts";
import type { Ledger, Person } from "../ledger.ts";

export interface Followers {
  readonly streamsOpened: number;
  /** Streams that ended on one server by a logout on the other. */
  readonly streamsRevoked: number;
  stop(): Promise<void>;
}

const averageVisit = seconds(30);
const averagePause = seconds(2);
/** A server that hears no notices ends its streams after three seconds, and one that is stopped for five does when it goes on. */
const longestRevocation = seconds(15);

export const startFollowers = (
  [one, other]: readonly [number, number],
  people: readonly Person[],
  ledger: Ledger,
): Followers => {
  let isStopping = false;
  let streamsOpened = 0;
  let streamsRevoked = 0;

  const over = new WeakSet<ReadStream>();
  const isOpen = (stream: ReadStream | null): stream is ReadStream => stream !== null && !over.has(stream);

  const visit = async (person: Person) => {
    const [here, there] = Math.random() < 0.5 ? [one, other] : [other, one];
    const page = new Client(serverAt(here));
    await page.logIn({ username: person.username, password: person.passwords[0] }, "SESSION");
    ledger.acknowledgedLogins += 1;
    const cookies = new Map(page.cookies);
    let stream: ReadStream | null = null;
    try {
      const leavesAt = performance.now() + about(averageVisit);
      while (!isStopping && performance.now() < leavesAt) {
        if (!isOpen(stream)) stream = await follow(there, page);
        const { codes } = await page.run(documents.readPrivately);
        if (codes.includes("UNAUTHENTICATED")) ledger.lost.push("a session by cookie");
        await pass(about(averagePause));
      }
      const open = isOpen(stream) ? stream : null;
      const { status, codes } = await page.run(documents.logOut);
      if (status !== 200 || codes.length > 0) return;
      ledger.acknowledgedEnds += 1;
      if (open !== null) await mustEnd(open);
    } finally {
      stream?.close();
    }
    await pass(ledger.holdsAfter);
    for (const port of [here, there]) await mustStayShut(port, cookies);
  };

  const follow = async (port: number, page: Client): Promise<ReadStream | null> => {
    const stream = await openStream(serverAt(port), page, documents.followSessions).catch(() => null);
    if (stream === null) return null;
    void stream.ended.then(() => over.add(stream));
    if (stream.status !== 200) return null;
    streamsOpened += 1;
    return stream;
  };

  const mustEnd = async ({ ended }: ReadStream) => {
    const isOver = await Promise.race([ended.then(() => true), pass(longestRevocation, false)]);
    if (isOver) streamsRevoked += 1;
    else ledger.doors.push("a stream outlives its session");
  };

  const mustStayShut = async (port: number, cookies: Client["cookies"]) => {
    const answer = await new Client(serverAt(port), { cookies }).run<{ private: unknown }>(
      documents.readPrivately,
    );
    if (answer.data?.private) ledger.doors.push("the cookie of an ended session reads what is private");
  };

  const running = people.map(async (person) => {
    // What the server refuses for now, and what it does not answer at all, is counted by the other traffic.
    while (!isStopping) await visit(person).catch(() => pass(about(averagePause)));
  });
  return {
    get streamsOpened() {
      return streamsOpened;
    },
    get streamsRevoked() {
      return streamsRevoked;
    },
    async stop() {
      isStopping = true;
      await Promise.all(running);
    },
  };
};

const serverAt = (port: number) => ({ url: `http://127.0.0.1:${port}/graphql` });

const about = (milliseconds: number): number => milliseconds * (0.5 + Math.random());
