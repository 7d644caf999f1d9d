// What the server remembers of a request for its log line.
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { hideTokens } from "../auth/secrets/secret.ts";

export interface RequestRecord {
  /** Generated here: with an id of its own choosing, a client could forge log lines. */
  readonly id: string;
  /** As far as TRUST_PROXY lets us believe it. Read early: after a disconnect the socket has no address. */
  address: string;
  userId: string | undefined;
  /** The actor who impersonates that user. */
  actorId: string | undefined;
  operationName: string | undefined;
  /** The work that makes the response. A disconnect does not cancel it; the log line waits for its end. */
  work: Promise<void> | undefined;
  /** Codes of the error table in the response. */
  readonly outcomes: Set<string>;
}

const recordKey = Symbol("request record");

export const recordOf = (request: IncomingMessage & { [recordKey]?: RequestRecord }): RequestRecord => {
  request[recordKey] ??= {
    id: randomUUID(),
    address: "",
    userId: undefined,
    actorId: undefined,
    operationName: undefined,
    work: undefined,
    outcomes: new Set(),
  };
  return request[recordKey];
};

/** A client may send an operation name as long as a document. */
const maxOperationNameLength = 100;

export const nameOperation = (record: RequestRecord, name: string | null | undefined): void => {
  if (name) record.operationName = hideTokens(name).slice(0, maxOperationNameLength);
};
