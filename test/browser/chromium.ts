// Starts the system's Chromium for the browser tests; it makes no request of its own.
import { type Browser, chromium } from "playwright-core";

export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--headless",
      // Tests run as root in CI, where Chromium refuses its sandbox; it opens only our own pages.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
