// The events of a subscription, from a response of server-sent events.

/** The results, as they arrive. `return` leaves the stream at once, also while nothing arrives. */
export const eventsOf = <Result>(body: NonNullable<Response["body"]>): AsyncIterableIterator<Result> => {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const events = readEvents<Result>(reader);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => events.next(),
    async return() {
      await reader.cancel();
      return { value: undefined, done: true };
    },
  };
};

async function* readEvents<Result>(reader: ReadableStreamDefaultReader<string>): AsyncGenerator<Result> {
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const json = /^event: next\ndata: (.*)$/m.exec(event)?.[1];
      if (json !== undefined) yield JSON.parse(json) as Result;
    }
  }
}
