// What no response may contain, whatever the request was: SQL, paths, stacks, host names and hashes.
import { hostname } from "node:os";

const sql = /\bselect\b.+\bfrom\b|insert into|delete from|violates|syntax error at|relation "|column "/;
const paths = /node_modules|[/\\](?:src|dist|tmp|home|root|usr|var|opt)[/\\]|\.[jt]s:\d/;
const stacks = /\bat .*\(.*:\d+:\d+\)/;
const hosts = /postgres|ECONN|ENOTFOUND|127\.0\.0\.1|\[?::1\b/;
const hashes = /argon2|\b[0-9a-f]{64}\b/;

const own = new RegExp(`(?<![\\w-])${hostname().replaceAll(/[^\w-]/g, "\\$&")}(?![\\w-])`);

export const leaks = new RegExp(
  [sql, paths, stacks, hosts, hashes, own].map(({ source }) => source).join("|"),
  "i",
);
