/**
 * The one door to foreign functions. The library is loaded when the first function is asked for, so that a
 * program which never needs one pays nothing; whatever fails becomes a sentence, never a crash.
 */
import { createRequire } from 'node:module';

type Koffi = Pick<typeof import('koffi'), 'load' | 'errno'>;
type Foreign = (...args: unknown[]) => number;

/** What a call answered: the C return value and, when that says failure, errno. */
type Called = { readonly value: number; readonly errno: number };

export type Bound = { readonly call: (...args: unknown[]) => Called } | { readonly unavailable: string };

let opened: { koffi: Koffi; lib: ReturnType<Koffi['load']> } | { unavailable: string } | null = null;
const bound = new Map<string, Bound>();

/** Binds one C function by its declaration, for example `int flock(int fd, int operation)`. Never throws. */
export function bind(declaration: string): Bound {
  const known = bound.get(declaration);
  if (known !== undefined) return known;
  const made = bindNow(declaration);
  bound.set(declaration, made);
  return made;
}

function bindNow(declaration: string): Bound {
  opened ??= open();
  if ('unavailable' in opened) return opened;
  const { koffi, lib } = opened;
  try {
    const foreign = lib.func(declaration) as Foreign;
    return {
      call: (...args) => {
        const value = foreign(...args);
        return { value, errno: value < 0 ? koffi.errno() : 0 };
      },
    };
  } catch (error) {
    return { unavailable: sentence(error) };
  }
}

function open(): NonNullable<typeof opened> {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    // The running program already holds the C library, under whatever name it has here.
    return { koffi, lib: koffi.load(null) };
  } catch (error) {
    return { unavailable: `foreign functions cannot be loaded here: ${sentence(error)}` };
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
