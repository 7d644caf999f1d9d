// The network of an IP address: a client with one IPv6 address usually has 2^64 of them.
import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";

/** An IPv4 address is its own network; an IPv6 address is cut to its /64. All texts that are not an IP address share one network. */
export function networkOf(address: string | null): string {
  return findGroups(address, 4) ?? address ?? "";
}

/** What a home or office keeps when its IP address changes: an IPv4 address is cut to its /24, an IPv6 address to its /48. */
export function wideNetworkOf(address: string | null): string {
  if (address !== null && isIPv4(address)) return address.split(".").slice(0, 3).join(".");
  return findGroups(address, 3) ?? "";
}

/** The first groups of an IPv6 address, each in its shortest form. Null for any other text. */
const findGroups = (address: string | null, count: number): string | null => {
  if (address === null || !ipaddr.IPv6.isValid(address)) return null;
  const { parts } = ipaddr.IPv6.parse(address);
  return parts
    .slice(0, count)
    .map((part) => part.toString(16))
    .join(":");
};
