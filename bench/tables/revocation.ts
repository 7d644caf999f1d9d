// How long a token that was revoked on one server still works on another that had cached it.
import { comparisonColumns, judgedRow, plainRow } from "../comparison.ts";
import { createAccount, startGraphward } from "../graphward.ts";
import { startRevocations } from "../revocations.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { percentile } from "../statistics.ts";
import { countCell, millisecondsCell } from "../table.ts";

export const revocationTable: NamedTable = {
  name: "revocation",
  description: "from a logout on one server to the refusal on another",
  async measure(setting) {
    const count = setting.options.full ? 1000 : 200;
    const lags = await measureLags(setting, count);
    const of = (share: number) => `${millisecondsCell(percentile(lags, share))} ms`;
    const target = { kind: "at most", value: 50, unit: "ms" } as const;
    const early = lags.filter((lag) => lag === 0).length;
    return {
      heading: `from the answer to a logout on one server to the first refusal by another, ${countCell(count)} times (${early} times the refusal came first)`,
      columns: comparisonColumns,
      rows: [
        plainRow("median", of(0.5)),
        judgedRow("99th percentile", of(0.99), target, percentile(lags, 0.99)),
        plainRow("longest", of(1)),
      ],
    };
  },
};

const measureLags = async ({ cleanup, cores }: Setting, count: number): Promise<readonly number[]> => {
  const server = await startGraphward(cleanup, cores.server);
  const other = await startGraphward(cleanup, cores.server, { directory: server.directory });
  const account = createAccount(server);
  const revocations = startRevocations(cleanup, cores.load);
  const order = { url: server.url, otherUrl: other.url, account };
  tell("warming up");
  await revocations.run({ ...order, count: 50 });
  tell(`${count} logouts`);
  return (await revocations.run({ ...order, count })).lags;
};
