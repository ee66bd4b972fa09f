/** What runs the checks, by the config that acts when it is asked. */
import type { Config } from '../core/config.ts';
import type { Verifier } from '../core/ports.ts';
import type { Trees } from '../git/trees.ts';
import { createVerifier } from '../verify/suite.ts';
import { CONFIG_FILE } from '../workspace/paths.ts';
import { checkVariables } from './variables.ts';

export type VerifiersOptions = { readonly root: string; readonly config: Config; readonly trees: Trees; readonly token: string };

/** One for each directory that evidence is kept in. */
export function verifiers({ root, config, trees, token }: VerifiersOptions): (evidenceDir: string, gently?: boolean) => Verifier {
  return (evidenceDir, gently = false) => ({
    run: (request, listener) => {
      const { parallelism, ignore, reuse, in: place } = config.verification;
      // A run ends as it began, whatever is accepted meanwhile.
      const cwds = new Map(config.instances.map(({ id, cwd }) => [id as string, cwd]));
      // By the config that acts: the one in the judged tree may be what the instance would like it to be.
      const territory = request.territory ?? config.instances.find(({ id }) => id === request.instance)?.files ?? [];
      return createVerifier({
        root,
        cwdOf: (instance) => cwds.get(instance) ?? '.',
        trees,
        evidenceDir,
        parallelism,
        in: place,
        reuse,
        ignore,
        env: checkVariables(token),
        configPath: CONFIG_FILE,
        // What nobody waits for gives way at once, and is not worth a second run on the base.
        ...(gently ? { gently, asksBase: false, graceMs: 300 } : {}),
      }).run({ ...request, territory }, listener);
    },
  });
}
