// A subscription that a test follows: the events of its stream, as they come.
import type { AnsweredError } from "./answered-error.ts";
import { until } from "./until.ts";

export interface FollowedEvent<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly AnsweredError[];
}

export interface Followed<Data> {
  /** 200 when the stream has opened. */
  readonly status: number;
  /** The error codes until now, in order: of a refusal, or of the events. */
  readonly codes: readonly string[];
  /** Until now. The last one of a stream that the server ends has errors and no data. */
  readonly events: readonly FollowedEvent<Data>[];
  /** Waits for an event that nobody took yet, and takes it. */
  next(): Promise<FollowedEvent<Data>>;
  /** Resolves when the server has ended the stream, or refused it. */
  readonly ended: Promise<void>;
  /** Leaves, as a page that is closed. */
  close(): void;
}

/** `onEnd` gets all that was received. Resolves when it is known whether the stream is refused, and why. */
export async function readFollowed<Data>(
  response: Response,
  { close, onEnd }: { readonly close: () => void; readonly onEnd: (text: string) => void },
): Promise<Followed<Data>> {
  let text = "";
  let taken = 0;
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
  };
  // Also when a test leaves, and when its server is gone.
  const ended = read()
    .catch(() => undefined)
    .finally(() => onEnd(text));
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (!isStream) await ended;
  const seen = (): readonly FollowedEvent<Data>[] =>
    isStream
      ? [...text.matchAll(/^event: next\ndata: (.+)\n\n/gm)].map(([, json = ""]) => JSON.parse(json))
      : [];
  const refused = isStream ? [] : [JSON.parse(text)];
  return {
    status: response.status,
    get codes() {
      return [...refused, ...seen()].flatMap(({ errors = [] }: FollowedEvent<Data>) =>
        errors.map(({ extensions }) => extensions.code),
      );
    },
    get events() {
      return seen();
    },
    async next() {
      const event = await until(() => seen()[taken], "An event");
      taken += 1;
      return event;
    },
    ended,
    close,
  };
}
