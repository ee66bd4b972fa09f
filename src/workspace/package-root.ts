/** Where this program itself lies: beside its templates, wherever it was built, bundled or installed to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function packageRoot(from: string = import.meta.dirname): string {
  for (let here = from; ; here = dirname(here)) {
    if (existsSync(join(here, 'package.json')) && existsSync(join(here, 'templates'))) return here;
    if (dirname(here) === here) throw new Error(`no package around ${from}: coordtui is not completely installed`);
  }
}
