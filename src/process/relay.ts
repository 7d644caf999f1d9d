// The log lines of the workers, each whole: several processes that write to one pipe would mix theirs.
import type { Readable } from "node:stream";

export function relayLines(stream: Readable, write: (lines: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const end = text.lastIndexOf("\n") + 1;
    if (end === 0) {
      rest += text;
      return;
    }
    write(rest + text.slice(0, end));
    rest = text.slice(end);
  });
  stream.once("close", () => {
    if (rest !== "") write(`${rest}\n`);
  });
}
