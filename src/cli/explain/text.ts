// Prints an explanation for people.
import type { ExplainedRefusal, Explanation, RecordedEvent } from "./explanation.ts";
import type { LogLine } from "./log-lines.ts";

export const describeExplanation = (id: string, { requests, lines, events }: Explanation): string =>
  [
    `Request ${id}`,
    ...requests.flatMap(({ line, refusals }) => [
      ...describeRequest(line),
      ...(refusals.length === 0
        ? [row("refused", "no: it has no error code")]
        : refusals.flatMap(describeRefusal)),
    ]),
    ...(requests.length === 0 ? [row("log", "no line of the request was given: see --log")] : []),
    ...lines.map(describeLine),
    ...events.map(describeEvent),
  ].join("\n");

const row = (name: string, text: string): string => `  ${name.padEnd(9)}${text}`;

const describeRequest = (line: LogLine): readonly string[] => {
  const { time, milliseconds, address, userId, loginUserId, actorId, method, path, status } = line;
  const who = [
    address ? `address ${address}` : "address unknown",
    userId
      ? `user ${userId}`
      : loginUserId
        ? `nobody, trying to log in as user ${loginUserId}`
        : "nobody logged in",
    ...(actorId ? [`by impersonator ${actorId}`] : []),
  ];
  const operation = line.operationName === undefined ? "" : `, operation ${line.operationName}`;
  const answer = status === undefined ? "no answer" : `status ${status}`;
  const left = line.finished === false ? ", but the client had left" : "";
  return [
    row("when", `${time}, for ${milliseconds ?? "?"} ms`),
    row("who", who.join(", ")),
    row("asked", `${method} ${path}${operation}: ${answer}${left}`),
    ...(line.trace_id === undefined ? [] : [row("trace", line.trace_id)]),
  ];
};

const describeRefusal = ({ code, field, why, read, todo }: ExplainedRefusal): readonly string[] => [
  row("refused", `${code}${field === null ? "" : ` at ${field}`}: ${why}`),
  row("do", todo),
  row("read", read),
];

/** The rest of a line is for people too: error names and frames, statements. */
const describeLine = ({ time, msg, level, requestId: _, trace_id: __, ...rest }: LogLine): string =>
  row("log", `${time} ${msg} ${JSON.stringify(rest)}`);

const describeEvent = ({ at, type, userId, actorId, ipAddress, details }: RecordedEvent): string => {
  const known = [
    userId && `user ${userId}`,
    actorId && actorId !== userId && `by ${actorId}`,
    ipAddress && `from ${ipAddress}`,
    Object.keys(details).length > 0 && JSON.stringify(details),
  ].filter(Boolean);
  return row("event", `${at.toISOString()} ${type}${known.length > 0 ? ` ${known.join(", ")}` : ""}`);
};
