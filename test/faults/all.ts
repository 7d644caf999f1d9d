// Every fault that is made, in the order of the table.
import type { Fault } from "./fault.ts";
import { databaseFaults } from "./made/database.ts";
import { mailFaults } from "./made/mail.ts";
import { networkFaults } from "./made/network.ts";
import { processFaults } from "./made/process.ts";

export const allFaults = (): readonly Fault[] => [
  ...processFaults(),
  ...databaseFaults(),
  ...networkFaults(),
  ...mailFaults(),
];
