// Whose address a request has, as far as TRUST_PROXY lets us believe it.
import type { IncomingMessage } from "node:http";
import { isIP, isIPv6, SocketAddress } from "node:net";
import proxyaddr from "proxy-addr";

/**
 * Behind no trusted hop, X-Forwarded-For is what the client made up, and changes nothing. `onUnreadable` is told once that a
 * trusted proxy passes on what is no address: all its clients are one then, and share what one may do.
 */
export const createAddressReader = (trustProxy: number | readonly string[], onUnreadable: () => void) => {
  const trust =
    typeof trustProxy === "number"
      ? (_address: string, hop: number) => hop < trustProxy
      : trustRanges(trustProxy);
  let isTold = false;
  return (request: IncomingMessage): string => {
    const told = (trustProxy === 0 ? request.socket.remoteAddress : proxyaddr(request, trust)) ?? "";
    const address = withoutPort(told);
    if (isIP(address)) return canonical(address);
    // A client that has gone has no address either; that is nobody's mistake.
    if (told !== "" && !isTold) {
      isTold = true;
      onUnreadable();
    }
    // It goes into rows and log lines.
    return "";
  };
};

const trustRanges = (ranges: readonly string[]) => {
  const trusts = proxyaddr.compile([...ranges]);
  return (address: string, hop: number) => trusts(withoutPort(address), hop);
};

/** Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. Most do not: what every request has costs no pattern. */
const withoutPort = (text: string): string =>
  text.startsWith("[") || (text.includes(".") && text.includes(":"))
    ? text.replace(/^\[([^\]]*)\](?::\d+)?$/, "$1").replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1")
    : text;

/** One spelling. An IPv4 address that is mapped into IPv6 is one of IPv4: all that are share a /64, and would share its limits. */
const canonical = (address: string): string =>
  isIPv6(address)
    ? new SocketAddress({ address, family: "ipv6" }).address.replace(/^::ffff:(?=\d+\.)/, "")
    : address;
