// One script a name, as UTS 39 calls "highly restrictive": a Latin name with one Cyrillic letter looks like another Latin name.

/** UAX 31, tables 5 and 7: scripts that people write today. Names in historic scripts are refused. */
const scriptsInUse =
  "Adlam Arabic Armenian Balinese Bamum Batak Bengali Bopomofo Canadian_Aboriginal Chakma Cham Cherokee Cyrillic Devanagari Ethiopic " +
  "Georgian Greek Gujarati Gurmukhi Han Hangul Hanifi_Rohingya Hebrew Hiragana Javanese Kannada Katakana Kayah_Li Khmer Lao Latin " +
  "Lepcha Limbu Lisu Malayalam Mandaic Meetei_Mayek Miao Myanmar New_Tai_Lue Newa Nko Nyiakeng_Puachue_Hmong Ol_Chiki Oriya Osage " +
  "Saurashtra Sinhala Sundanese Syloti_Nagri Syriac Tai_Le Tai_Tham Tai_Viet Tamil Telugu Thaana Thai Tibetan Tifinagh Vai Wancho Yi";

/** UTS 39, section 5.2: how Japanese, Chinese and Korean are written, Latin letters among them. */
const writtenTogether = ["Latin Han Hiragana Katakana", "Latin Han Bopomofo", "Latin Han Hangul"];

/** Digits, punctuation and marks that belong to many scripts. */
const everywhere = String.raw`\p{scx=Common}\p{scx=Inherited}`;

const classOf = (scripts: string): string =>
  `[${scripts
    .split(" ")
    .map((script) => String.raw`\p{scx=${script}}`)
    .join("")}${everywhere}]*`;

const oneScript = new RegExp(
  `^(?:${[...scriptsInUse.split(" "), ...writtenTogether].map(classOf).join("|")})$`,
  "u",
);

export const isOfOneScript = (text: string): boolean => oneScript.test(text);
