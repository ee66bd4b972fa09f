/** The same widths for an emulator, as the provider that xterm's `unicode.register` takes. */

import { advance, type Cells, widthOfState } from './width.ts';
import { UNICODE_VERSION } from './width-table.ts';

/** The shape of xterm's `IUnicodeVersionProvider`. */
export type UnicodeProvider = {
  readonly version: string;
  wcwidth(codePoint: number): Cells;
  charProperties(codePoint: number, preceding: number): number;
};

/** For `terminal.unicode.register(provider)`, then `terminal.unicode.activeVersion = provider.version`. */
export function unicodeProvider(): UnicodeProvider {
  return {
    version: `coordtui-${UNICODE_VERSION}`,
    wcwidth: (codePoint) => widthOfState(advance(codePoint, 0)),
    charProperties: advance,
  };
}
