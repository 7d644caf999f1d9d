// From where a request came, and the exchange that answers it.
import type { IncomingMessage, ServerResponse } from "node:http";

/** What the network told about the device; shown to the owner, believed by nothing. */
export interface Client {
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

/** In characters. */
export const maxUserAgentLength = 512;

/** Of what no request has caused. */
export const noClient: Client = { ipAddress: null, userAgent: null };

/** A request of HTTP and its response: for what sets or clears cookies. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}
