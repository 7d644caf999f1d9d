// What a proxy says of a request, as far as TRUST_PROXY lets us believe it: the client's IP address, and whether to believe the rest.
import type { IncomingMessage } from "node:http";
import { isIP, isIPv6, SocketAddress } from "node:net";
import proxyaddr from "proxy-addr";

/** True if the request came from a trusted proxy, and not from a client directly. */
export const createProxyCheck = (trustProxy: number | readonly string[]) => {
  const trust = createTrust(trustProxy);
  return ({ socket }: IncomingMessage): boolean => trust(socket.remoteAddress ?? "", 0);
};

/**
 * Without a trusted hop, X-Forwarded-For is the client's own text and is ignored. `onUnreadable` is called
 * once when a trusted proxy sends something that is not an IP: then all its clients share one address, and
 * one rate limit.
 */
export const createAddressReader = (trustProxy: number | readonly string[], onUnreadable: () => void) => {
  const trust = createTrust(trustProxy);
  let isTold = false;
  return (request: IncomingMessage): string => {
    const told = (trustProxy === 0 ? request.socket.remoteAddress : proxyaddr(request, trust)) ?? "";
    const address = withoutPort(told);
    if (isIP(address)) return canonical(address);
    // A client that has disconnected has no address either; that is no misconfiguration.
    if (told !== "" && !isTold) {
      isTold = true;
      onUnreadable();
    }
    // The address goes into rows and log lines.
    return "";
  };
};

const createTrust = (trustProxy: number | readonly string[]) =>
  typeof trustProxy === "number"
    ? (_address: string, hop: number) => hop < trustProxy
    : trustRanges(trustProxy);

const trustRanges = (ranges: readonly string[]) => {
  const trusts = proxyaddr.compile([...ranges]);
  return (address: string, hop: number) => trusts(withoutPort(address), hop);
};

/**
 * Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. Most do not, so the common case runs no
 * regular expression.
 */
const withoutPort = (text: string): string =>
  text.startsWith("[") || (text.includes(".") && text.includes(":"))
    ? text.replace(/^\[([^\]]*)\](?::\d+)?$/, "$1").replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1")
    : text;

/** Canonical form. An IPv4-mapped IPv6 address becomes IPv4: all of them share one /64, and would share its limits. */
const canonical = (address: string): string =>
  isIPv6(address)
    ? new SocketAddress({ address, family: "ipv6" }).address.replace(/^::ffff:(?=\d+\.)/, "")
    : address;
