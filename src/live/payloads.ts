// The payload of an event as the text that a notice carries, with the id that chooses its subscriptions.

export interface Payload {
  /** Null: for subscriptions without a `topicId`. */
  readonly id: string | null;
  readonly value: unknown;
}

/** Throws an error for developers. */
export function writePayload({ id, value }: Payload): string {
  if (JSON.stringify(value) === undefined) throw new Error("publish() was given a payload that is not JSON.");
  return JSON.stringify(id === null ? [value] : [value, id]);
}

/** Null for a text that is not ours: whoever may connect to the database may send any. */
export function readPayload(text: string): Payload | null {
  try {
    const read: unknown = JSON.parse(text);
    if (!Array.isArray(read) || read.length === 0) return null;
    const [value, id = null] = read;
    return id === null || typeof id === "string" ? { id, value } : null;
  } catch {
    return null;
  }
}
