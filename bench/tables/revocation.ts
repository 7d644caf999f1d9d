// How long a token that was revoked on one server still works on another that had cached it, and a stream that it had opened there.
import { comparisonColumns, judgedRow, plainRow } from "../comparison.ts";
import { type RevocationsOrder, startRevocations } from "../loads/revocations.ts";
import { createAccount, startGraphward } from "../servers/graphward.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { percentile } from "../statistics.ts";
import { countCell, millisecondsCell } from "../table.ts";

export const revocationTable: NamedTable = {
  name: "revocation",
  description: "from a logout on one server to the refusal, and to the end of a stream, on another",
  async measure(setting) {
    const count = setting.options.full ? 1000 : 200;
    const { refusals, ends } = await measureLags(setting, count);
    return {
      heading: `from the answer to a logout on one server to the first refusal by another, and to the end of a stream there, ${countCell(count)} times each (${earlyOf(refusals)} and ${earlyOf(ends)} times it came before the answer)`,
      columns: comparisonColumns,
      rows: [...rowsOf("refusal", refusals), ...rowsOf("end of a stream", ends)],
    };
  },
};

type Lags = readonly number[];

const earlyOf = (lags: Lags): string => countCell(lags.filter((lag) => lag === 0).length);

const rowsOf = (name: string, lags: Lags) => {
  const of = (share: number) => `${millisecondsCell(percentile(lags, share))} ms`;
  const target = { kind: "at most", value: 50, unit: "ms" } as const;
  return [
    plainRow(`${name}, median`, of(0.5)),
    judgedRow(`${name}, 99th percentile`, of(0.99), target, percentile(lags, 0.99)),
    plainRow(`${name}, longest`, of(1)),
  ];
};

const measureLags = async ({ cleanup, cores }: Setting, count: number) => {
  const server = await startGraphward(cleanup, cores.server);
  const other = await startGraphward(cleanup, cores.server, { directory: server.directory });
  const account = createAccount(server);
  const revocations = startRevocations(cleanup, cores.load);
  const measure = async (sign: RevocationsOrder["sign"]): Promise<Lags> => {
    const order = { url: server.url, otherUrl: other.url, account, sign };
    tell("warming up");
    await revocations.run({ ...order, count: 50 });
    tell(`${count} logouts, until the ${sign}`);
    return (await revocations.run({ ...order, count })).lags;
  };
  return { refusals: await measure("refusal"), ends: await measure("end of a stream") };
};
