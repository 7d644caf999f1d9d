// `graphward user` creates, shows and changes users.
import { Command } from "commander";
import { deactivateCommand, reactivateCommand } from "./user/activation.ts";
import { createCommand } from "./user/create.ts";
import { listCommand } from "./user/list.ts";
import { passwordCommand } from "./user/password.ts";
import { setRolesCommand } from "./user/set-roles.ts";
import { showCommand } from "./user/show.ts";
import { unlockCommand } from "./user/unlock.ts";

export const userCommand = new Command("user").description("create, show and change users");

for (const command of [
  createCommand,
  passwordCommand,
  listCommand,
  showCommand,
  deactivateCommand,
  reactivateCommand,
  setRolesCommand,
  unlockCommand,
])
  userCommand.addCommand(command);
