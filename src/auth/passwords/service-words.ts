// The names of the service, which everybody knows: a password may not be made of them (ASVS 5.0, V6.1.2).
import type { Config } from "../../config/config.ts";

const software = "graphward";

/**
 * Words of the host in PUBLIC_URL, of the name and domain in MAIL_FROM, and of the application's name. Skips parts without a letter, such as those of an IP
 * address.
 */
export const serviceWordsOf = (
  { publicUrl, mail }: Pick<Config, "publicUrl" | "mail">,
  brandName: string | null,
): readonly string[] => {
  const [, domain = ""] = mail.from.address.split("@");
  const texts = [software, publicUrl.hostname, mail.from.name, domain, brandName ?? ""];
  const words = texts.flatMap((text) =>
    text
      .normalize("NFC")
      .toLowerCase()
      .split(/[^\p{Letter}\p{Number}]+/u),
  );
  return [...new Set(words)].filter((word) => /\p{Letter}/u.test(word));
};
