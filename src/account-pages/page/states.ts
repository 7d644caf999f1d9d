// The states of a page, of which one is shown.

export const requireElement = <Type extends Element>(
  selector: string,
  within: ParentNode = document,
): Type => {
  const element = within.querySelector<Type>(selector);
  if (element === null) throw new Error(`The page has no ${selector}.`);
  return element;
};

/**
 * Shows one state and hides the others, whose fields are disabled. Focus moves to its heading, so that screen readers continue
 * there.
 */
export const show = (state: string): void => {
  for (const section of document.querySelectorAll<HTMLElement>("[data-state]")) {
    section.hidden = section.dataset.state !== state;
    for (const controls of section.querySelectorAll("fieldset")) controls.disabled = section.hidden;
  }
  const heading = requireElement<HTMLElement>(`[data-state=${state}] h1`);
  document.title = heading.textContent ?? "";
  heading.focus();
};
