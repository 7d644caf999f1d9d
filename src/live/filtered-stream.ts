// A stream of payloads, each of which its filter may leave out.
import type { PromiseOrValue } from "../promise-or-value.ts";

export interface FilteredStream<Context> extends AsyncIterable<unknown> {
  /** Absent: every payload is an event. */
  accepts?(payload: unknown, context: Context): PromiseOrValue<boolean>;
}
