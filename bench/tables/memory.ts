// A long run and a start: memory growth with the requests, and the time to the first response.
import { setTimeout as delay } from "node:timers/promises";
import { kibibytes } from "../../src/sizes.ts";
import { milliseconds, seconds } from "../../src/time.ts";
import { withCleanup } from "../cleanup.ts";
import { comparisonColumns, judgedRow, plainRow, ratioRow } from "../comparison.ts";
import { startLoad } from "../loads/load.ts";
import { makeOrder } from "../rounds.ts";
import { logInFirst, startGraphward } from "../servers/graphward.ts";
import { readResidentSize } from "../servers/resident-size.ts";
import { makeDirectory } from "../servers/server.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { countCell } from "../table.ts";

const fewRequests = 10_000;
const starts = 5;

export const memoryTable: NamedTable = {
  name: "memory",
  description: "resident size after many requests, and the time to the first answer",
  async measure(setting) {
    const manyRequests = setting.options.full ? 1_000_000 : 100_000;
    const [early, late] = await measureSizes(setting, [fewRequests, manyRequests]);
    const start = median(await measureStarts(setting));
    const shortened = setting.options.full ? "" : "; 1,000,000 with --full";
    return {
      heading:
        "resident size of the server without its database; milliseconds from its start to the first answer",
      columns: comparisonColumns,
      rows: [
        plainRow(`after ${countCell(fewRequests)} requests`, mebibytesCell(early ?? null)),
        ratioRow(
          `after ${countCell(manyRequests)} requests${shortened}`,
          mebibytesCell(late ?? null),
          ratioOf([late ?? null], [early ?? null]),
          { kind: "at most", value: 1.2 },
        ),
        judgedRow(
          `start on a migrated database, median of ${starts}`,
          `${countCell((start ?? 0) / milliseconds(1))} ms`,
          { kind: "below", value: 1000, unit: "ms" },
          start,
        ),
      ],
    };
  },
};

const measureSizes = async ({ cleanup, cores }: Setting, counts: readonly number[]) => {
  const server = await startGraphward(cleanup, cores.server);
  const headers = [{ authorization: (await logInFirst(server)).token }];
  const order = await makeOrder({ name: "private", servers: [server], headers, field: "private" });
  const load = startLoad(cleanup, cores.load);
  const sizes: (number | null)[] = [];
  let sent = 0;
  for (const count of counts) {
    tell(`${countCell(count)} requests`);
    await load.run({ ...order, until: { count: count - sent } });
    sent = count;
    // Until the log is written and the connections are closed.
    await delay(seconds(2));
    sizes.push(await readResidentSize(server.processId));
  }
  return sizes;
};

/** Not pinned to a core: this is no ratio, and a real server starts with all cores. */
const measureStarts = async ({ cleanup }: Setting): Promise<readonly number[]> => {
  const directory = makeDirectory(cleanup);
  const start = () =>
    withCleanup(async (ended) => (await startGraphward(ended, null, { directory })).startedIn);
  tell("the first start, which migrates");
  await start();
  const times: number[] = [];
  for (let index = 1; index <= starts; index++) {
    tell(`start ${index} of ${starts}`);
    times.push(await start());
  }
  return times;
};

const mebibytesCell = (size: number | null): string =>
  size === null ? "?" : `${(size / kibibytes(1024)).toFixed(0)} MiB`;
