// A client with an IP of its own choosing, for servers that trust one proxy.
import { Client } from "./client.ts";
import type { App } from "./server.ts";

let addresses = 0;
const newAddress = () => {
  addresses += 1;
  return `10.0.${addresses >> 8}.${addresses & 255}`;
};

/** A new IP for each client, unless one is given. */
export const clientAt = (server: Pick<App, "url">, address = newAddress()): Client => {
  const client = new Client(server);
  const send = client.send.bind(client);
  client.send = (request) =>
    send({
      ...request,
      headers: { "x-forwarded-for": address, ...(request.headers as Record<string, string>) },
    });
  return client;
};
