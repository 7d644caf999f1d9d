// The tables, in the order of measurement.
import type { NamedTable } from "../setting.ts";
import { coresTable } from "./cores.ts";
import { costsTable } from "./costs.ts";
import { listsTable } from "./lists.ts";
import { liveTable } from "./live.ts";
import { loginsTable } from "./logins.ts";
import { memoryTable } from "./memory.ts";
import { metricsTable } from "./metrics.ts";
import { pagesTable } from "./pages.ts";
import { partitionsTable } from "./partitions.ts";
import { requestsTable } from "./requests.ts";
import { revocationTable } from "./revocation.ts";
import { rowsTable } from "./rows.ts";
import { serversTable } from "./servers.ts";
import { timingTable } from "./timing.ts";
import { tracingTable } from "./tracing.ts";

export const tables: readonly NamedTable[] = [
  requestsTable,
  loginsTable,
  timingTable,
  listsTable,
  memoryTable,
  metricsTable,
  costsTable,
  tracingTable,
  serversTable,
  coresTable,
  revocationTable,
  liveTable,
  rowsTable,
  pagesTable,
  partitionsTable,
];
