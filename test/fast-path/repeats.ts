// What Graphward did each time it got one request: a later time may take a shorter way, and nobody may notice.
import type { Case } from "./cases.ts";
import type { Answer, Exchange } from "./exchange.ts";

export interface Repeated {
  readonly it: Case;
  readonly answers: readonly Answer[];
  readonly requestIds: readonly string[];
}

export const repeated = (it: Case, exchanges: readonly Exchange[]): Repeated => ({
  it,
  answers: exchanges.map(({ answer }) => answer),
  requestIds: exchanges.map(({ requestId }) => requestId ?? ""),
});

/** By request id: all that the log says but for ids, times, and where in the code an error was made. */
export const tellings = (log: readonly string[]): ReadonlyMap<string, readonly unknown[]> => {
  const told = new Map<string, unknown[]>();
  for (const line of log) {
    // At most once a second, whatever request it is.
    if (line.includes('"msg":"requests answered with 503"')) continue;
    const {
      requestId,
      time: _time,
      milliseconds: _milliseconds,
      trace_id: _trace,
      error,
      ...rest
    } = JSON.parse(line);
    const { frames: _frames, ...cause } = error ?? {};
    told.set(requestId, [...(told.get(requestId) ?? []), { ...rest, cause }]);
  }
  return told;
};
