// `graphward user` creates, shows and changes users.
import { Command } from "commander";
import { deactivateCommand, reactivateCommand } from "./activation.ts";
import { createCommand } from "./create.ts";
import { listCommand } from "./list.ts";
import { passwordCommand } from "./password.ts";
import { resetSecondFactorsCommand } from "./reset-second-factors.ts";
import { setRolesCommand } from "./set-roles.ts";
import { showCommand } from "./show.ts";
import { unlinkIdentityCommand } from "./unlink-identity.ts";
import { unlockCommand } from "./unlock.ts";

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
  resetSecondFactorsCommand,
  unlinkIdentityCommand,
])
  userCommand.addCommand(command);
