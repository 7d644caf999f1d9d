// Asks for a password: from a pipe, or on a terminal without echo. Never as an argument, which every user of the machine can read.
import { text } from "node:stream/consumers";
import password from "@inquirer/password";

export const readPassword = async ({ fromStdin }: { readonly fromStdin: boolean }): Promise<string> => {
  // One line end belongs to `echo`, not to the password.
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, "");
  if (!process.stdin.isTTY)
    throw new Error("There is no terminal to ask on: pipe the password in with --password-stdin.");
  const first = await password({ message: "Password:" });
  const second = await password({ message: "Once more:" });
  if (first !== second) throw new Error("The two passwords are not the same.");
  return first;
};
