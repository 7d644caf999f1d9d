// The shared setting of every table's measurement.
import type { Cleanup } from "./cleanup.ts";
import type { Cores } from "./cores.ts";
import type { Options } from "./options.ts";
import type { Table } from "./table.ts";

export interface Setting {
  /** Runs at the end of the table. */
  readonly cleanup: Cleanup;
  readonly cores: Cores;
  readonly options: Options;
}

export interface NamedTable {
  readonly name: string;
  readonly description: string;
  /** Takes many minutes: measured only with `--full` or by name. */
  readonly isLong?: true;
  /** Throws when a server responds wrongly or exits; a missed target is only reported. */
  measure(setting: Setting): Promise<Table>;
}

export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
