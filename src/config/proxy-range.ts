// Whether a range of TRUST_PROXY holds proxies, or clients as well.
import ipaddr from "ipaddr.js";
import proxyaddr from "proxy-addr";

/** Where no client from outside is. */
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

/** As wide as what the networks in front of servers publish of their own: Cloudflare has a /13 of IPv4, AWS a /28 of IPv6. */
const maxPublicPrefix = { ipv4: 12, ipv6: 24 } as const;

/** They stand for private ranges alone: https://github.com/jshttp/proxy-addr. */
const names = ["loopback", "linklocal", "uniquelocal"];

/**
 * A client of such a range could choose the address that limits and logs see. The width is tried out, bit by bit, for a range has
 * many spellings: masks, and IPv4 within IPv6. Throws for what is no range.
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
