// Faults of clients: they go away, dribble, do not read, or only keep a connection.
import { connect, type Socket } from "node:net";
import { setTimeout as pass } from "node:timers/promises";
import { milliseconds, seconds } from "../../../src/time.ts";
import { documents } from "../documents.ts";
import type { Fault } from "../fault.ts";

export const networkFaults = (): readonly Fault[] => [
  {
    name: "clients that go away, 3 s",
    async begin({ port }) {
      const until = performance.now() + seconds(3);
      while (performance.now() < until) {
        for (let count = 0; count < 3; count += 1) {
          const socket = open(
            port,
            request(documents.logIn, { username: "nobody", password: "a wrong password" }),
          );
          setTimeout(() => socket.resetAndDestroy(), Math.random() * 100);
        }
        await pass(milliseconds(100));
      }
    },
    lasts: 0,
    end: () => undefined,
  },
  {
    ...crowd(
      "clients that dribble, 5 s",
      (port) => {
        const text = request(documents.readPublicly);
        const socket = open(port, text.slice(0, 1));
        let sent = 1;
        const timer = setInterval(() => socket.write(text.charAt(sent++)), milliseconds(500));
        socket.on("close", () => clearInterval(timer));
        return socket;
      },
      300,
    ),
    lasts: seconds(5),
  },
  {
    ...crowd(
      "clients that do not read, 5 s",
      (port) => {
        const socket = open(port, request(documents.readPublicly).repeat(2000));
        socket.pause();
        return socket;
      },
      20,
    ),
    lasts: seconds(5),
  },
  {
    ...crowd("10,000 idle connections, 5 s", (port) => open(port, ""), 10_000),
    lasts: seconds(5),
    rounds: 4,
  },
];

function crowd(
  name: string,
  join: (port: number) => Socket,
  size: number,
): Pick<Fault, "name" | "begin" | "end"> {
  const sockets: Socket[] = [];
  return {
    name,
    async begin({ port }) {
      for (let count = 0; count < size; count += 1) {
        sockets.push(join(port));
        // The queue of a listening socket is short.
        if (count % 100 === 99) await pass(milliseconds(20));
      }
    },
    end: () => {
      for (const socket of sockets.splice(0)) socket.destroy();
    },
  };
}

const open = (port: number, text: string): Socket => {
  const socket = connect({ port, host: "127.0.0.1" }, () => {
    if (text !== "") socket.write(text);
  });
  socket.on("error", () => undefined);
  return socket;
};

const request = (query: string, variables = {}): string => {
  const body = JSON.stringify({ query, variables });
  return [
    "POST /graphql HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
};
