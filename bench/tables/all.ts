// The tables, in the order in which they are measured.
import type { NamedTable } from "../setting.ts";
import { requestsTable } from "./requests.ts";

export const tables: readonly NamedTable[] = [requestsTable];
