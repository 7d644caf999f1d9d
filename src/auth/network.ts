// Which network an address belongs to: whoever has one address of IPv6 has 2^64 of them.
import { isIPv6 } from "node:net";

const groups = 8;
const groupsOfNetwork = 4;

/** An IPv4 address is its own; an IPv6 address is cut to its /64. Anything else is no address, and all of it is one. */
export const networkOf = (address: string | null): string => {
  if (address === null) return "";
  if (!isIPv6(address)) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::").map((half) => half.split(":"));
  const known = [head, tail ?? []].map((half) => [...half].filter((group) => group !== ""));
  const [before = [], after = []] = known;
  const zeros = Array.from({ length: groups - before.length - after.length }, () => "0");
  const network = [...before, ...zeros, ...after].slice(0, groupsOfNetwork);
  return network.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
};
