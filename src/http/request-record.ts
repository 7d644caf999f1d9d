// What the server remembers of a request for its log line.
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { hideTokens } from "../auth/secrets/secret.ts";
import type { RootField } from "../meter.ts";

export interface RequestRecord {
  /** Generated here, or a trusted proxy's: with an id of its own choosing, a client could forge log lines. */
  id: string;
  /** Which trace the request belongs to (W3C Trace Context). The client's text, but hexadecimal. */
  readonly traceparent: string | undefined;
  /** As far as TRUST_PROXY lets us believe it. Read early: after a disconnect the socket has no address. */
  address: string;
  userId: string | undefined;
  /** The user of a login, right or wrong: the operator's only way to see whom a stranger tries. Never told to the client. */
  loginUserId: string | undefined;
  /** The actor who impersonates that user. */
  actorId: string | undefined;
  operationName: string | undefined;
  /** The work that makes the response. A disconnect does not cancel it; the log line waits for its end. */
  work: Promise<void> | undefined;
  /** For the metrics: null while they are off, and for a document that was refused. */
  rootField: RootField | null;
  /** For the metrics: milliseconds. */
  executed: number | null;
  /** Codes of the error table in the response. */
  readonly outcomes: Set<string>;
}

const recordKey = Symbol("request record");

export const recordOf = (request: IncomingMessage & { [recordKey]?: RequestRecord }): RequestRecord => {
  request[recordKey] ??= {
    id: randomUUID(),
    traceparent: traceparentOf(request),
    address: "",
    userId: undefined,
    loginUserId: undefined,
    actorId: undefined,
    operationName: undefined,
    work: undefined,
    rootField: null,
    executed: null,
    outcomes: new Set(),
  };
  return request[recordKey];
};

/** As proxies write it: a UUID, 32 digits, or with the separators of HAProxy and base64. A token in it would be in every log. */
const wellFormedId = /^[\w.:+/=-]{8,128}$/;

/** Takes the id of a proxy in front, so that one id finds the request in the logs of both. */
export const takeRequestId = (record: RequestRecord, { headers }: IncomingMessage): void => {
  const id = headers["x-request-id"];
  if (typeof id === "string" && wellFormedId.test(id) && hideTokens(id) === id) record.id = id;
};

/** https://www.w3.org/TR/trace-context/#traceparent-header: neither version ff nor ids of zeros are valid. */
const wellFormedTraceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const traceparentOf = ({ headers: { traceparent } }: IncomingMessage): string | undefined =>
  typeof traceparent === "string" && wellFormedTraceparent.test(traceparent) ? traceparent : undefined;

/** A client may send an operation name as long as a document. */
const maxOperationNameLength = 100;

export const nameOperation = (record: RequestRecord, name: string | null | undefined): void => {
  if (name) record.operationName = hideTokens(name).slice(0, maxOperationNameLength);
};
