// Drives the explorer, and any GraphiQL, as a person does: picks a tab, types into an editor, presses the button, reads the answer.
import type { Browser, Page } from "playwright-core";

/** A new browser profile on the explorer; `complaints` collects whatever must never happen there. */
export const openExplorer = async (browser: Browser, origin: string) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints = complaintsOf(page, origin);
  await page.goto(`${origin}/graphql`);
  await ready(page);

  return {
    page,
    complaints,
    cookies: () => context.cookies(),
    close: () => context.close(),
    reload: async () => {
      await page.reload();
      await ready(page);
    },
    tabs: () => page.locator("[id^=graphiql-session-tab-]").allTextContents(),
    chooseTab: (name: string) => page.getByRole("tab", { name }).click(),
    ...driveGraphiql(page),
    follow: () => follow(page),
    variables: async () => JSON.parse(await textOf(page, "variables.json")),
    stored: () => page.evaluate(EVERYTHING_STORED),
  };
};

export const driveGraphiql = (page: Page) => ({
  write: (editor: "Variables" | "Headers", text: string) => write(page, editor, text),
  execute: async () => {
    // A click before the editor has its text is lost.
    await textOf(page, "operation.graphql");
    await executeButton(page).click();
  },
  run: () => run(page),
  answer: async () => JSON.parse(await textOf(page, "response.json")),
});

const ready = (page: Page) => page.getByRole("tab", { name: "LogOut" }).waitFor();

const complaintsOf = (page: Page, origin: string): string[] => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    // Chromium reports a violation of the content security policy here too, in the page and in its workers.
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.context().on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "data:") complaints.push(`request: ${url}`);
  });
  return complaints;
};

const write = async (page: Page, editor: "Variables" | "Headers", text: string): Promise<void> => {
  await page.getByRole("button", { name: editor, exact: true }).click();
  await page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.press("Delete");
  await page.keyboard.type(text);
};

const run = async (page: Page) => {
  await executeButton(page).click();
  // GraphiQL empties the answer when it sends the request, so what is there afterwards is the new one.
  return JSON.parse(await textOf(page, "response.json"));
};

/** Resolves when the stream is open. */
const follow = async (page: Page): Promise<void> => {
  const opened = page.waitForResponse((response) =>
    Boolean(response.headers()["content-type"]?.startsWith("text/event-stream")),
  );
  await executeButton(page).click();
  await opened;
};

/** Waits until there is some. */
const textOf = async (page: Page, file: string): Promise<string> => {
  const text = await page.waitForFunction((name) => {
    // Monaco draws only the lines in view: the whole text is in its model.
    const { __MONACO: monaco } = globalThis as unknown as { __MONACO?: Monaco };
    return monaco?.editor
      .getModels()
      .find(({ uri }) => uri.path.endsWith(name))
      ?.getValue();
  }, file);
  return String(await text.jsonValue());
};

const executeButton = (page: Page) => page.getByRole("button", { name: /^Execute query/ });

const EVERYTHING_STORED = `(async () => ({
  localStorage: { ...localStorage },
  sessionStorage: { ...sessionStorage },
  databases: await indexedDB.databases(),
  caches: await caches.keys(),
}))()`;

type Monaco = { editor: { getModels(): { uri: { path: string }; getValue(): string }[] } };
