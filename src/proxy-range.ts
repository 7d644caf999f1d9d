// Whether a range of TRUST_PROXY holds proxies, or everybody.
import proxyaddr from "proxy-addr";

/**
 * Wider than 10.0.0.0/8 or fc00::/7, the widest that are private: a client of that range could choose the address that limits and
 * logs see. Tried out, for a range has many spellings: masks, and IPv4 within IPv6. Throws for what is no range.
 */
export const isTooWideForProxies = (range: string): boolean => {
  const trusts = proxyaddr.compile([range]);
  const count = (addressOf: (firstByte: number) => string) =>
    Array.from({ length: 256 }, (_, byte) => addressOf(byte)).filter((address) => trusts(address, 0)).length;
  return (
    count((byte) => `${byte}.0.0.1`) > 1 || count((byte) => `${byte.toString(16).padStart(2, "0")}00::1`) > 2
  );
};
