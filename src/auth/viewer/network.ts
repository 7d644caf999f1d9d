// Which network an address belongs to: whoever has one address of IPv6 has 2^64 of them.
import { isIPv4, isIPv6 } from "node:net";

const groups = 8;

/** An IPv4 address is its own; an IPv6 address is cut to its /64. Anything else is no address, and all of it is one. */
export const networkOf = (address: string | null): string => findGroups(address, 4) ?? address ?? "";

/** What a home or an office keeps when its address changes: an IPv4 address is cut to its /24, an IPv6 address to its /48. */
export const wideNetworkOf = (address: string | null): string => {
  if (address !== null && isIPv4(address)) return address.split(".").slice(0, 3).join(".");
  return findGroups(address, 3) ?? "";
};

/** The first groups of an IPv6 address, each in its shortest form. Null when it is none. */
const findGroups = (address: string | null, count: number): string | null => {
  if (address === null || !isIPv6(address)) return null;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::").map((half) => half.split(":"));
  const known = [head, tail ?? []].map((half) => [...half].filter((group) => group !== ""));
  const [before = [], after = []] = known;
  const zeros = Array.from({ length: groups - before.length - after.length }, () => "0");
  const network = [...before, ...zeros, ...after].slice(0, count);
  return network.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
};
