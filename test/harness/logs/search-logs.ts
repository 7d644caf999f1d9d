// After the tests of each file: no secret they exchanged with a server is in any log, including PostgreSQL's, nor in a span.

import { afterAll } from "vitest";
import { beginCanaries, notedCanaries } from "./canaries.ts";
import { findLeaks, indexCanaries } from "./canary-search.ts";
import { beginLogs, watchedLogs, withoutNamedIds } from "./logs.ts";
import { readPostgresLog, sizeOfPostgresLog } from "./postgres-log.ts";
import { takeSpans } from "./spans.ts";

beginCanaries();
beginLogs();
takeSpans();
const begun = sizeOfPostgresLog();

// Registered before the hooks of the file, so it runs after all of them.
afterAll(async () => {
  const index = indexCanaries(notedCanaries());
  const ours = watchedLogs().map(({ read, ...log }) => ({
    ...log,
    text: withoutNamedIds(read()),
  }));
  const theirs = { name: "PostgreSQL's log", text: await readPostgresLog(begun), mayHold: undefined };
  const spans = { name: "the spans", text: takeSpans(), mayHold: undefined };
  const leaks = [...ours, theirs, spans].flatMap(({ name, text: log, mayHold }) =>
    findLeaks(Buffer.from(log), index)
      .filter(({ canary }) => !mayHold?.has(canary.kind))
      .map(
        ({ canary: { kind, text }, line }) =>
          `${kind} ${JSON.stringify(text.slice(0, 60))} in ${name}: ${line}`,
      ),
  );
  if (leaks.length > 0)
    throw new Error(`${leaks.length} leaks into logs or spans, of which:\n${leaks.slice(0, 10).join("\n")}`);
});
