// The client of a request, and the HTTP exchange.
import type { IncomingMessage, ServerResponse } from "node:http";

/** What the client claims to be; shown to the user, never trusted. */
export interface Client {
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  /** Ties a security event to the line of the log. Absent for events that no request has caused. */
  readonly requestId?: string;
}

/** In characters. */
export const maxUserAgentLength = 512;

/** For events that no request has caused. */
export const noClient: Client = { ipAddress: null, userAgent: null };

/** An HTTP request and its response, to read and set cookies. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}
