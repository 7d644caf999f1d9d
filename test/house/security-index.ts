// Generates the page that lists every security rule with its tests, from the rules beside the tests.
import { type Room, readTestName, type TestName } from "./guard.ts";

export function describeSecurityIndex(rooms: readonly Room[]): string {
  const withRules = rooms.filter(({ rules }) => rules.length > 0);
  return [introduction(withRules), ...withRules.map(describeRoom)].join("\n");
}

const introduction = (rooms: readonly Room[]): string => `# Index of the security rules

Made by \`npm run security:index\` from the \`guards.ts\` of each room of tests: do not edit it. [security.md](security.md) is the page to
read first, and [attacks.md](attacks.md) goes from each attack to what stops it.

Each rule holds on every request, and links to the tests that prove it. Each of these tests was seen to fail: \`npm run test:guards\` breaks
the guards, one after the other, and requires the test to fail. The second column names requirements of OWASP ASVS 5.0.0, those of level 3
included; [asvs.md](asvs.md) goes the other way, requirement by requirement.

${rooms.map(({ heading }) => `- [${heading}](#${anchorOf(heading)})`).join("\n")}
`;

/** As GitHub derives it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");

const describeRoom = (room: Room): string => `## ${room.heading}

| rule | ASVS | tests |
| --- | --- | --- |
${room.rules.map(([sentence, asvs, ...tests]) => `| ${sentence} | ${asvs || "-"} | ${describeTests(room, tests)} |\n`).join("")}`;

const describeTests = (room: Room, tests: readonly TestName[]): string =>
  tests
    .map((test) => readTestName(room, test))
    .map(({ file, title }) => `[${title}](../test/${file}.test.ts)`)
    .join(" ");
