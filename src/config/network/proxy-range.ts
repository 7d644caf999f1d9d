// Whether a range of TRUST_PROXY contains only proxies, or clients too.
import ipaddr from "ipaddr.js";
import proxyaddr from "proxy-addr";

/** Ranges without clients from the internet. */
const privateRanges = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
].map((range) => ({ holds: proxyaddr.compile([range]), length: Number(range.split("/")[1]) }));

/** As wide as the ranges that CDNs and load balancers publish: Cloudflare has a /13 of IPv4, AWS a /28 of IPv6. */
const maxPublicPrefix = { ipv4: 12, ipv6: 24 } as const;

/** proxy-addr's names for private ranges: https://github.com/jshttp/proxy-addr. */
const names = ["loopback", "linklocal", "uniquelocal"];

/**
 * A client inside a trusted range could choose the IP that limits and logs see. Tests the width bit by bit,
 * because a range has many spellings: netmasks, and IPv4 inside IPv6. Throws for an invalid range.
 */
export const isTooWideForProxies = (range: string): boolean => {
  const trusts = proxyaddr.compile([range]);
  if (names.includes(range)) return false;
  const base = ipaddr.process(range.replace(/\/.*/, ""));
  const bytes = base.toByteArray();
  const isTrustedWithout = (bit: number) => {
    const flipped = bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte));
    return trusts(ipaddr.fromByteArray(flipped).toString(), 0);
  };
  const bits = Array.from({ length: bytes.length * 8 }, (_, bit) => bit);
  const prefix = bits.find(isTrustedWithout) ?? bits.length;
  const isPrivate = privateRanges.some(({ holds, length }) => prefix >= length && holds(base.toString(), 0));
  return !isPrivate && prefix < maxPublicPrefix[base.kind()];
};
