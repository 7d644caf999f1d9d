// The settings of a server under test.
import { randomBytes } from "node:crypto";
import { defaultRateLimits } from "../config/rate-limits.ts";

/** All tests come from one IP. Tests about limits name the limits that they test. */
export const withoutLimits = Object.keys(defaultRateLimits)
  .map((name) => `${name}=1000000/1s`)
  .join();

export const settingsOfTests = (): NodeJS.ProcessEnv => ({
  SESSION_SECRET: randomBytes(32).toString("hex"),
  AUDIT_KEY: randomBytes(32).toString("hex"),
  RATE_LIMITS: withoutLimits,
  // The same on every port, so that tests need not ask for it.
  COOKIE_NAME: "graphward",
  // No balancer has to notice that the server ends.
  SHUTDOWN_DELAY: "0s",
  // The most verbose log is searched for secrets.
  LOG_LEVEL: "debug",
});
