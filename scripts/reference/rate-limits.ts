// docs/reference/rate-limits.md: the rate limits, from the table that defines them.
import { type Budget, defaultRateLimits, rateLimitTexts } from "../../src/config/rate-limits.ts";
import { days, hours, minutes, seconds } from "../../src/time.ts";
import { page, table } from "./page.ts";

export function rateLimitsPage(): string {
  const rows = Object.entries<Budget>(defaultRateLimits).map(([name, budget]) => [
    `\`${name}\``,
    describe(budget),
    rateLimitTexts[name as keyof typeof rateLimitTexts],
  ]);
  return page("Rate limits", "`src/config/rate-limits.ts`", [
    "Beyond a limit the response is `RATE_LIMITED`, with the seconds to wait in `extensions.retryAfter` and in the `Retry-After` header. An IP is one IPv4 address or one IPv6 /64. Counts are shared by all servers of a database.",
    table(["name", "default", "what is counted"], rows),
    "[`RATE_LIMITS`](settings.md#rate_limits) overrides a limit. [Operating](../operating.md#rate-limits) explains when to do so, and who is never locked out.",
  ]);
}

function describe({ points, per }: Budget): string {
  const units = Object.entries({ day: days(1), hour: hours(1), minute: minutes(1), second: seconds(1) });
  const [unit = "", size = 1] = units.find(([, it]) => per % it === 0) ?? [];
  const count = per / size;
  return `${points} in ${count === 1 ? `1 ${unit}` : `${count} ${unit}s`}`;
}
