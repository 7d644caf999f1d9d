// Which hosts are this machine, so that a connection to them never uses a network.
import { isIP } from "node:net";

export const leavesTheMachine = ({ hostname }: Pick<URL, "hostname">): boolean =>
  hostname !== "" &&
  hostname !== "localhost" &&
  !(isIP(hostname) && hostname.startsWith("127.")) &&
  hostname !== "[::1]" &&
  hostname !== "::1";
