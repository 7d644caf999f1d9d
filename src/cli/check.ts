// `graphward check` reviews the settings of a deployment.
import { Command } from "commander";
import { readConfig } from "../config.ts";
import { type Finding, reviewDeployment } from "../deployment-review.ts";
import { print } from "./database.ts";

export const checkCommand = new Command("check")
  .description("is this deployment safe? errors and warnings; exit status 1 on an error")
  .action(() => {
    const findings = reviewDeployment(readConfig());
    for (const finding of findings) print(describe(finding));
    if (findings.some(({ severity }) => severity === "error")) process.exitCode = 1;
    if (findings.length === 0) print("Nothing to object to.");
  });

const describe = ({ severity, name, text }: Finding): string => `${severity.padEnd(8)}${name}: ${text}`;
