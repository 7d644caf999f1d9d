// A form of one state: sends once at a time, says that it does, and shows each complaint where it belongs.
import type { Complaint } from "./sentences.ts";
import { requireElement } from "./states.ts";
import { say } from "./texts.ts";

export interface StateForm {
  readonly element: HTMLFormElement;
  /** What is typed into the field, without spaces at its ends unless it is a password. Empty for a hidden one. */
  read(field: string): string;
  empty(): void;
  showField(field: string, isShown: boolean): void;
  isShown(field: string): boolean;
  /** The complaint of the field stands beside it, and the field gets the focus. */
  complain(complaint: Complaint, field: string): void;
  /** Nothing else is sent meanwhile. */
  sending(act: () => Promise<void>): Promise<void>;
}

export const openForm = (state: string, onSubmit: (form: StateForm) => Promise<void>): StateForm => {
  const element = requireElement<HTMLFormElement>(`form[data-state=${state}]`);
  const error = requireElement<HTMLElement>("[data-form-error]", element);
  const progress = requireElement<HTMLElement>("[role=status]", element);
  const buttons = element.querySelectorAll("button");
  const blockOf = (field: string) => requireElement<HTMLElement>(`[data-field=${field}]`, element);
  const inputOf = (field: string) => requireElement<HTMLInputElement>("input", blockOf(field));
  let isSending = false;

  const clear = () => {
    error.textContent = "";
    for (const text of element.querySelectorAll("[data-field-error]")) text.textContent = "";
    for (const input of element.querySelectorAll("input")) input.removeAttribute("aria-invalid");
  };
  /** The buttons stay focusable: disabling a focused button moves the focus to the top of the page. */
  const setSending = (sending: boolean) => {
    isSending = sending;
    for (const button of buttons) button.setAttribute("aria-disabled", String(sending));
    progress.textContent = sending ? say("sending") : "";
  };

  const form: StateForm = {
    element,
    read(field) {
      const { type, value } = inputOf(field);
      if (blockOf(field).hidden) return "";
      return type === "password" ? value : value.trim();
    },
    empty() {
      for (const input of element.querySelectorAll("input")) input.value = "";
    },
    showField(field, isShown) {
      blockOf(field).hidden = !isShown;
    },
    isShown: (field) => !blockOf(field).hidden,
    complain({ ofField, ofForm }, field) {
      error.textContent = ofForm;
      if (ofField === null) return;
      requireElement<HTMLElement>("[data-field-error]", blockOf(field)).textContent = ofField;
      inputOf(field).setAttribute("aria-invalid", "true");
      inputOf(field).focus();
    },
    async sending(act) {
      if (isSending) return;
      clear();
      setSending(true);
      try {
        await act();
      } finally {
        setSending(false);
      }
    },
  };
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    void form.sending(() => onSubmit(form));
  });
  return form;
};
