// Certificates of an authority of our own, made by OpenSSL.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Authority {
  /** Path of its certificate. */
  readonly certificate: string;
  /** Paths of a certificate and its key. `names`: as in `subjectAltName`. */
  issue(file: string, names: string): Promise<{ readonly certificate: string; readonly key: string }>;
}

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export const createAuthority = async (directory: string, name: string): Promise<Authority> => {
  const path = (file: string) => join(directory, `${name}-${file}`);
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const [certificate, authorityKey] = [path("ca.pem"), path("ca.key")];
  openssl(
    "req",
    "-x509",
    ...key,
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    authorityKey,
    "-out",
    certificate,
  );
  return {
    certificate,
    issue: async (file, names) => {
      const issued = { certificate: path(`${file}.pem`), key: path(`${file}.key`) };
      const [request, extensions] = [path(`${file}.csr`), path(`${file}.cnf`)];
      await writeFile(extensions, `subjectAltName = ${names}\n`);
      openssl("req", "-new", ...key, "-subj", `/CN=${file}`, "-keyout", issued.key, "-out", request);
      const by = ["-CA", certificate, "-CAkey", authorityKey, "-CAcreateserial", "-extfile", extensions];
      openssl("x509", "-req", "-days", "2", "-in", request, ...by, "-out", issued.certificate);
      return issued;
    },
  };
};

/** As a variable of the environment often holds it: on one line. */
export const onOneLine = async (path: string): Promise<string> =>
  (await readFile(path, "utf8")).replaceAll("\n", "\\n");
