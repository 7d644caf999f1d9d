// Many concurrent logins: their cost beside hashing, and the waiting time of other requests.
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { clients, type LoginRound, measureLogins, requestsPerSecond } from "../login-rounds.ts";
import type { NamedTable } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { countCell, millisecondsCell } from "../table.ts";

export const loginsTable: NamedTable = {
  name: "logins",
  description: "64 clients logging in without pause, beside argon2 alone, and what others wait meanwhile",
  async measure(setting) {
    const rounds = await measureLogins(setting);
    const of = (key: keyof LoginRound) => rounds.map((round) => round[key]);
    const perSecond = (key: keyof LoginRound) => `${countCell(median(of(key)) ?? 0)} a second`;
    const inMilliseconds = (key: keyof LoginRound, what: string) =>
      `${millisecondsCell(median(of(key)))} ms ${what}`;
    const refused = rounds.reduce((sum, round) => sum + round.refused, 0);
    const speed = { kind: "at least", value: 0.9 } as const;
    return {
      heading: `${clients} users logging in without pause, beside argon2.verify alone on the same core; what { private } waits, ${requestsPerSecond} a second`,
      columns: comparisonColumns,
      rows: [
        plainRow(`argon2.verify, ${clients} at once`, perSecond("hashes")),
        ratioRow(
          "argon2.verify, one by one",
          perSecond("hashesOneByOne"),
          ratioOf(of("hashesOneByOne"), of("hashes")),
          null,
        ),
        ratioRow(
          `login (${refused} refused: too many at once)`,
          perSecond("logins"),
          ratioOf(of("logins"), of("hashes")),
          speed,
        ),
        plainRow("argon2.verify, CPU", inMilliseconds("hashCpu", "each")),
        // Inverted, so that the ratio reads like the speed on a core of its own.
        ratioRow(
          "login with its database, CPU",
          inMilliseconds("loginCpu", `each (${millisecondsCell(median(of("databaseCpu")))} the database)`),
          ratioOf(of("hashCpu"), of("loginCpu")),
          speed,
        ),
        plainRow("private, at rest", inMilliseconds("waitAtRest", "p99")),
        ratioRow(
          "private, among the logins",
          inMilliseconds("waitInFlood", "p99"),
          ratioOf(of("waitInFlood"), of("waitAtRest")),
          { kind: "at most", value: 3 },
        ),
      ],
    };
  },
};
