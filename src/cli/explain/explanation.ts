// The explanation of one request, from its lines in the log and its events in the audit trail.
import type { AuditDetails } from "../../entities/audit-event.ts";
import { isErrorCode, type RefusalReason, refusalReasons } from "../../errors.ts";
import { seconds } from "../../time.ts";
import type { LoggedRefusal, LogLine } from "./log-lines.ts";
import { type Words, wordsOfCodes, wordsOfReasons } from "./words.ts";

export interface RecordedEvent {
  readonly at: Date;
  readonly type: string;
  readonly userId: string | null;
  readonly actorId: string | null;
  readonly ipAddress: string | null;
  readonly details: AuditDetails;
}

export interface Explanation {
  /** For a request that is in the log: the other lines that have its id come after it. */
  readonly requests: readonly ExplainedRequest[];
  readonly lines: readonly LogLine[];
  readonly events: readonly RecordedEvent[];
}

export interface ExplainedRequest {
  readonly line: LogLine;
  readonly refusals: readonly ExplainedRefusal[];
}

export interface ExplainedRefusal extends Words {
  readonly code: string;
  readonly field: string | null;
  readonly reason: string | null;
}

/** `describeCredential`: what became of it. */
export async function explain(
  lines: readonly LogLine[],
  events: readonly RecordedEvent[],
  describeCredential: (name: string) => Promise<string>,
): Promise<Explanation> {
  const requests = [];
  for (const line of lines.filter(({ msg }) => msg === "request")) {
    const refusals = [];
    for (const refusal of refusalsOf(line)) refusals.push(await inWords(refusal, line, describeCredential));
    requests.push({ line, refusals });
  }
  return { requests, lines: lines.filter(({ msg }) => msg !== "request"), events };
}

/** Each code has one, also in the log of a version that knew no reasons. */
const refusalsOf = ({ outcomes = [], refusals = [] }: LogLine): readonly LoggedRefusal[] => [
  ...refusals,
  ...outcomes.filter((code) => !refusals.some((it) => it.code === code)).map((code) => ({ code })),
];

const inWords = async (
  { code, reason, field, limit, retryAfter, credential, detail }: LoggedRefusal,
  line: LogLine,
  describeCredential: (name: string) => Promise<string>,
): Promise<ExplainedRefusal> => {
  const words = isReason(reason) ? wordsOfReasons[reason] : isErrorCode(code) ? wordsOfCodes[code] : others;
  const free = retryAfter === undefined ? null : new Date(Date.parse(line.time) + seconds(retryAfter));
  const particulars = [
    limit,
    detail,
    credential && (await describeCredential(credential)),
    code === "INVALID_CREDENTIALS" && whoseProof(line),
    free && `free again at ${free.toISOString()}`,
  ].filter((it): it is string => typeof it === "string" && it !== "");
  return {
    code,
    field: field ?? null,
    reason: reason ?? null,
    ...words,
    why: [words.why, ...particulars].join(": "),
  };
};

const isReason = (reason: string | undefined): reason is RefusalReason =>
  (refusalReasons as readonly (string | undefined)[]).includes(reason);

const whoseProof = ({ userId, loginUserId }: LogLine): string =>
  (loginUserId ?? userId) === undefined
    ? "no user of this name was found"
    : `the proof of user ${loginUserId ?? userId} was wrong`;

/** An application throws it, or a later version. */
const others: Words = {
  why: "a code of the application",
  read: "docs/extending.md",
  todo: "look for the code in the application",
};
