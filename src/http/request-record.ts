// What is remembered of a request for its log line.
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface RequestRecord {
  /** Made here: an id that the client chose could forge log lines. */
  readonly id: string;
  userId?: string;
  operationName?: string;
  /** Codes of the error table that were answered. */
  readonly outcomes: Set<string>;
}

const records = new WeakMap<IncomingMessage, RequestRecord>();

export const recordOf = (request: IncomingMessage): RequestRecord => {
  let record = records.get(request);
  if (record === undefined) {
    record = { id: randomUUID(), outcomes: new Set() };
    records.set(request, record);
  }
  return record;
};
