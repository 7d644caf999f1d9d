// `graphward start` serves.
import { Command } from "commander";
import { main } from "../main.ts";

export const startCommand = new Command("start").description("serve until Ctrl-C or SIGTERM").action(main);
