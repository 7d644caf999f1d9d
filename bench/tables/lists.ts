// The cost of decorators and the guard for a field that is resolved ten thousand times in one response.
import { seconds } from "../../src/time.ts";
import { type ListsOrder, startLists } from "../alone/lists.ts";
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { type NamedTable, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { millisecondsCell } from "../table.ts";

const cases: readonly Omit<ListsOrder, "duration">[] = [
  { schema: "plain", field: "items" },
  { schema: "guarded", field: "items" },
  { schema: "guarded", field: "openItems" },
];

export const listsTable: NamedTable = {
  name: "lists",
  description: "1,000 objects of 10 fields through the guarded schema, beside plain graphql-js",
  async measure({ cleanup, cores, options: { duration, rounds } }) {
    const lists = startLists(cleanup, cores.server);
    tell("warming up");
    for (const order of cases) await lists.run({ ...order, duration: seconds(2) });
    const results: (readonly number[])[] = [];
    for (let round = 1; round <= rounds; round++) {
      tell(`round ${round} of ${rounds}`);
      const times: number[] = [];
      for (const order of cases) times.push((await lists.run({ ...order, duration })).cpu);
      results.push(times);
    }
    const of = (index: number) => results.map((times) => times[index] ?? null);
    const measured = (index: number) => `${millisecondsCell(median(of(index)))} ms CPU`;
    const target = { kind: "at most", value: 1.15 } as const;
    return {
      heading:
        "1,000 objects with 10 scalar fields, executed by graphql-js in one process, and written as JSON",
      columns: comparisonColumns,
      rows: [
        plainRow("graphql-js, default resolvers", measured(0)),
        ratioRow("Graphward's schema, private", measured(1), ratioOf(of(1), of(0)), target),
        ratioRow("Graphward's schema, public", measured(2), ratioOf(of(2), of(0)), target),
      ],
    };
  },
};
