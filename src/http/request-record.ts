// What is remembered of a request for its log line.
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { hideTokens } from "../auth/secrets/secret.ts";

export interface RequestRecord {
  /** Made here: an id that the client chose could forge log lines. */
  readonly id: string;
  /** As far as TRUST_PROXY lets us believe it. Read early: a client that has gone has no address any more. */
  address: string;
  userId: string | undefined;
  /** Who acts as that user. */
  actorId: string | undefined;
  operationName: string | undefined;
  /** What answers it: a client that hangs up ends none of it, and is told of in the log when it has ended. */
  work: Promise<void> | undefined;
  /** Codes of the error table that were answered. */
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

/** A client may name an operation as long as a document; a log line need not. */
const maxOperationNameLength = 100;

export const nameOperation = (record: RequestRecord, name: string | null | undefined): void => {
  if (name) record.operationName = hideTokens(name).slice(0, maxOperationNameLength);
};
