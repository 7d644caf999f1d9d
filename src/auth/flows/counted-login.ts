// Counts how a step of a login ended, by its way.
import { isDatabaseUnavailable } from "../../database/failures.ts";
import { TableError } from "../../errors.ts";
import type { LoginOutcome, LoginWay } from "../../meter.ts";
import type { Context } from "../context.ts";

type Started = { readonly login: object | null } | null;

/** Returns and throws what `logIn` does. */
export async function countLogin<Result extends Started>(
  { services: { meter } }: Context,
  way: LoginWay,
  logIn: () => Promise<Result>,
): Promise<Result> {
  if (meter === null) return logIn();
  try {
    const started = await logIn();
    meter.countLogin(way, outcomeOf(started));
    return started;
  } catch (error) {
    meter.countLogin(way, failureOf(error));
    throw error;
  }
}

export const outcomeOf = (started: Started): LoginOutcome => {
  if (started === null) return "refused";
  return started.login === null ? "second_step_asked" : "ok";
};

const failureOf = (error: unknown): LoginOutcome => {
  if (isDatabaseUnavailable(error)) return "unavailable";
  if (!(error instanceof TableError)) return "failed";
  if (error.code === "RATE_LIMITED") return "limited";
  return error.code === "SERVICE_UNAVAILABLE" ? "unavailable" : "refused";
};
