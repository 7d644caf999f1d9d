// Whose address a request has, as far as TRUST_PROXY lets us believe it.
import type { IncomingMessage } from "node:http";
import { isIP, isIPv6, SocketAddress } from "node:net";
import proxyaddr from "proxy-addr";

/** Behind no trusted hop, X-Forwarded-For is what the client made up, and changes nothing. */
export const createAddressReader = (trustProxy: number | readonly string[]) => {
  const trust =
    typeof trustProxy === "number"
      ? (_address: string, hop: number) => hop < trustProxy
      : proxyaddr.compile([...trustProxy]);
  return (request: IncomingMessage): string => {
    const told = (trustProxy === 0 ? request.socket.remoteAddress : proxyaddr(request, trust)) ?? "";
    // A trusted proxy may pass on what is no address at all: it goes into rows and log lines.
    return isIP(told) ? canonical(told) : "";
  };
};

/** One spelling. An IPv4 address that is mapped into IPv6 is one of IPv4: all that are share a /64, and would share its limits. */
const canonical = (address: string): string =>
  isIPv6(address)
    ? new SocketAddress({ address, family: "ipv6" }).address.replace(/^::ffff:(?=\d+\.)/, "")
    : address;
