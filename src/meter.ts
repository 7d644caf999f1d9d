// What the server tells its metrics. While they are off, every holder of a meter has null, and nothing is spent.
import type { DocumentNode, OperationDefinitionNode } from "graphql";

export const loginWays = ["password", "second_step", "mailed_code", "passkey", "provider"] as const;
export type LoginWay = (typeof loginWays)[number];

/** `second_step_asked`: the proof was right, and one more is needed. `limited`: beyond a rate limit. `unavailable`: a 503. */
export const loginOutcomes = [
  "ok",
  "second_step_asked",
  "refused",
  "limited",
  "unavailable",
  "failed",
] as const;
export type LoginOutcome = (typeof loginOutcomes)[number];

/** The root field of an operation, from the closed set of the schema. */
export interface RootField {
  readonly type: "query" | "mutation" | "subscription";
  readonly name: string;
}

/** What an operation asks for. */
export interface OperationRoot {
  readonly label: RootField;
  /** The names of its root fields, each once. */
  readonly fields: readonly string[];
}

/** What is known of a request when it has ended. */
export interface EndedRequest {
  /** Null for a document that was refused. */
  readonly root: OperationRoot | null;
  /** Milliseconds from the complete request to the complete response. Null: nothing was executed. */
  readonly executed: number | null;
  readonly outcomes: ReadonlySet<string>;
}

/** Takes nothing that a client has chosen, except to find it in a closed set. */
export interface Meter {
  rootOf(document: DocumentNode, operation: OperationDefinitionNode): OperationRoot;
  /** `status`: 0 for a client that has left without a response. */
  countRequest(url: string, status: number, milliseconds: number, ended: EndedRequest): void;
  countLogin(way: LoginWay, outcome: LoginOutcome): void;
  /** `name`: one of `RATE_LIMITS`. */
  countLimit(name: string, isRefused: boolean): void;
  countViewer(isCached: boolean): void;
  /** A notice of revocations has arrived so many milliseconds after it was sent. */
  timeNotice(milliseconds: number): void;
  /** Whether Redis counts rate limits now. */
  noteRedis(isAvailable: boolean): void;
}
