// What the server remembers of a request for its log line.
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { hideTokens } from "../../auth/secrets/secret.ts";
import type { Why } from "../../errors.ts";
import type { OperationRoot } from "../../meter.ts";
import { findTraceparent, traceIdIn } from "../../tracing/traceparent.ts";

export interface RequestRecord {
  /** Generated here, or a trusted proxy's: with an id of its own choosing, a client could forge log lines. */
  id: string;
  /** A trusted proxy's: a client could put its requests into the trace of others, or have each of them recorded. */
  traceparent: string | undefined;
  /** The trace of our span, or else the one in that text. */
  traceId: string | undefined;
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
  /** Null for a document that was refused. */
  root: OperationRoot | null;
  /** For the metrics: milliseconds. */
  executed: number | null;
  /** Codes of the error table in the response. */
  readonly outcomes: Set<string>;
  /** The same with reasons, as far as they are known. */
  refusals: Refusal[] | undefined;
}

/** What a request within another has of its own. */
export interface OwnParts {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

export interface Refusal extends Why {
  readonly code: string;
  /** The root field, or the one below it: a name of the schema. */
  readonly field?: string;
}

const recordKey = Symbol("request record");

export const recordOf = (request: IncomingMessage & { [recordKey]?: RequestRecord }): RequestRecord => {
  request[recordKey] ??= {
    id: randomUUID(),
    traceparent: undefined,
    traceId: undefined,
    address: "",
    userId: undefined,
    loginUserId: undefined,
    actorId: undefined,
    operationName: undefined,
    work: undefined,
    root: null,
    executed: null,
    outcomes: new Set(),
    refusals: undefined,
  };
  return request[recordKey];
};

/** Each subscription of a WebSocket is one: it comes from the client that opened the socket, and has a record of its own. */
export const requestWithin = (
  request: IncomingMessage,
  { method, headers, rawHeaders }: OwnParts,
): IncomingMessage =>
  Object.create(request, {
    method: { value: method },
    headers: { value: headers },
    rawHeaders: { value: rawHeaders },
    [recordKey]: { value: undefined, writable: true },
  });

/** A document may be refused a hundred times. */
const maxRefusals = 5;

export const noteRefusal = (
  record: RequestRecord,
  code: string,
  why: Why | null,
  field: string | null = null,
): void => {
  record.outcomes.add(code);
  if (why === null || (record.refusals?.length ?? 0) >= maxRefusals) return;
  record.refusals ??= [];
  record.refusals.push({ code, ...(field !== null && { field }), ...why });
};

/** As proxies write it: a UUID, 32 digits, or with the separators of HAProxy and base64. A token in it would be in every log. */
const wellFormedId = /^[\w.:+/=-]{8,128}$/;

/** Takes the id and the trace of a proxy in front, so that one id finds the request in what both have recorded. */
export const takeIds = (record: RequestRecord, { headers }: IncomingMessage): void => {
  const id = headers["x-request-id"];
  if (typeof id === "string" && wellFormedId.test(id) && hideTokens(id) === id) record.id = id;
  record.traceparent = findTraceparent(headers.traceparent);
  record.traceId ??= traceIdIn(record.traceparent);
};

/**
 * User, operation and outcome are known only when the work has ended, even if the client has disconnected. `response` must have
 * closed.
 */
export const whenOver = ({ work }: RequestRecord, response: ServerResponse, act: () => void): void => {
  if (response.writableEnded || work === undefined) act();
  else void work.finally(act);
};

/** A client may send an operation name as long as a document. */
const maxOperationNameLength = 100;

export const nameOperation = (record: RequestRecord, name: string | null | undefined): void => {
  if (name) record.operationName = hideTokens(name).slice(0, maxOperationNameLength);
};
