import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { createPool, impatientOptions } from "../../src/database/connecting/connection.ts";
import { routeTo } from "../harness/database/database.ts";

/** A message of PostgreSQL's protocol. */
const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const authenticationOk = message("R", Buffer.alloc(4));
const readyForQuery = message("Z", Buffer.from("I"));
const terminated = message("E", Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"));

test("a connection that PostgreSQL ends at the moment it is open fails its statement, and not the process", async () => {
  const server = createServer((socket) => {
    socket.once("data", () => socket.end(Buffer.concat([authenticationOk, readyForQuery, terminated])));
    socket.on("error", () => undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const route = { ...routeTo(`postgres://nobody:secret@127.0.0.1:${port}/nothing`), host: "127.0.0.1", port };
  const uncaught: unknown[] = [];
  const keep = (error: unknown) => void uncaught.push(error);
  process.on("uncaughtException", keep);
  const pool = createPool(impatientOptions(route), 1);
  await expect(pool.query("select 1")).rejects.toThrow();
  await pool.end();
  process.off("uncaughtException", keep);
  server.close();
  expect(uncaught).toEqual([]);
});
