// A generated page: a title, a notice that it is generated, and its parts.

export function page(title: string, source: string, parts: readonly string[]): string {
  return `${[`# ${title}`, `Generated from ${source} by \`npm run reference\`. Do not edit.`, ...parts].join("\n\n")}\n`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
