// The page's only field, a password, which can be shown while it is typed.
import { say } from "./texts.ts";

export interface PasswordField {
  readonly name: string;
  readonly isRequired: boolean;
  read(): string;
  complain(message: string | null): void;
  focus(): void;
  hide(): void;
  empty(): void;
}

/** Null on a page without a field. */
export const findPasswordField = (form: HTMLFormElement): PasswordField | null => {
  const input = form.querySelector("input");
  const toggle = form.querySelector<HTMLButtonElement>("[data-toggle]");
  const error = form.querySelector<HTMLElement>("[data-field-error]");
  if (input === null || toggle === null || error === null) return null;

  const show = (isShown: boolean) => {
    input.type = isShown ? "text" : "password";
    toggle.textContent = say(isShown ? "hide" : "show");
    toggle.setAttribute("aria-label", say(isShown ? "hidePassword" : "showPassword"));
  };
  toggle.addEventListener("click", () => show(input.type === "password"));

  return {
    name: input.name,
    isRequired: input.required,
    read: () => input.value,
    complain(message) {
      error.textContent = message;
      if (message === null) input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
    },
    focus: () => input.focus(),
    // Browsers remember what was typed into a text field and offer it to the next user.
    hide: () => show(false),
    empty() {
      input.value = "";
    },
  };
};
