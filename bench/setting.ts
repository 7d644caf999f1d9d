// What every table is measured in.
import type { Cleanup } from "./cleanup.ts";
import type { Cores } from "./cores.ts";
import type { Options } from "./options.ts";
import type { Table } from "./table.ts";

export interface Setting {
  /** Ends with the table. */
  readonly cleanup: Cleanup;
  readonly cores: Cores;
  readonly options: Options;
}

export interface NamedTable {
  readonly name: string;
  readonly description: string;
  /** Takes many minutes: measured with `--full` or when it is named. */
  readonly isLong?: true;
  /** Throws when a server answers wrongly or ends; a target that is missed is only told. */
  measure(setting: Setting): Promise<Table>;
}

export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
