// The payload of an event as the text that a notice carries, with the id that chooses its subscriptions.

export interface Payload {
  /** Null: for subscriptions without a `topicId`. */
  readonly id: string | null;
  readonly value: unknown;
}

/** Throws an error for developers. */
export function writePayload(topic: string, { id, value }: Payload): string {
  if (["undefined", "function", "symbol"].includes(typeof value)) throw notJson(topic, `is ${typeof value}`);
  try {
    return JSON.stringify(id === null ? [value] : [value, id]);
  } catch (error) {
    // A BigInt, and an object that contains itself.
    throw notJson(topic, `cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}

const notJson = (topic: string, problem: string): Error =>
  new Error(
    `An event of ${topic} is not JSON: its payload ${problem}. Publish plain objects of strings, numbers and booleans; write a BigInt or a Date as a string.`,
  );

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
