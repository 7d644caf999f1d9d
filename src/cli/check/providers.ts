// What `graphward check` finds when it asks each provider what it says of itself.
import type { Config } from "../../config/config.ts";
import type { Finding } from "../../config/review.ts";

/** All at once, so that one that is down costs seconds and not a multiple of them. */
export async function reviewProviders({ identityProviders, production }: Config): Promise<Finding[]> {
  if (identityProviders.length === 0) return [];
  const { findProviderProblem } = await import("../../auth/providers/review.ts");
  const reach = { allowsPrivate: false, allowsLoopback: !production };
  const problems = await Promise.all(
    identityProviders.map((settings) => findProviderProblem(settings, reach)),
  );
  return identityProviders.flatMap(({ id }, index): Finding[] => {
    const problem = problems[index] ?? null;
    if (problem === null) return [];
    const severity = production && !problem.mayPass ? "error" : "warning";
    return [
      { severity, name: "IDENTITY_PROVIDERS", text: `${id} ${problem.text}: nobody can log in with it` },
    ];
  });
}
