/** Both ends of a contract, whatever carries it. */
import type { Node, Type } from 'ts-morph';
import type { Pattern } from './text.ts';
import type { SchemaField } from './zod.ts';

export type Place = { readonly file: string; readonly line: number };

export type Carrier = 'http' | 'channel' | 'event' | 'procedure';

/** What one side gives or wants; null: nothing that could be compared is said. */
export type Value = { readonly type: Type; readonly at: Node } | null;

export type Handler = {
  readonly carrier: Carrier;
  /** GET, POST …, `ALL`; handle, on; query, mutation. */
  readonly method: string;
  readonly name: Pattern;
  /** Where it hangs is not known: any beginning may stand before it. */
  readonly isSuffix: boolean;
  readonly place: Place;
  readonly wants: Value;
  /** Names that it takes out of an untyped body. */
  readonly takes: readonly string[] | null;
  /** Positional arguments, for channels. */
  readonly parameters: readonly { readonly type: Type; readonly at: Node; readonly required: boolean }[] | null;
  /** What a schema in the source says of the body. */
  readonly schema: readonly SchemaField[] | null;
  readonly gives: readonly { readonly type: Type; readonly at: Node }[];
  readonly errorPath: ErrorPath;
  readonly framework: string;
};

/** `none`: what fails inside it reaches nobody, or only whoever the framework has for that. */
export type ErrorPath = 'own' | 'none' | 'not-needed';

export type Call = {
  readonly carrier: Carrier;
  /** null: not known before it runs. */
  readonly method: string | null;
  readonly name: Pattern;
  readonly isSuffix: boolean;
  readonly place: Place;
  readonly sends: Value;
  readonly arguments: readonly { readonly type: Type; readonly at: Node }[] | null;
  readonly wants: Value;
  /** A window's call of a function that makes the real call: only what travels is compared. */
  readonly isEcho: boolean;
};

export type Found = {
  readonly handlers: Handler[];
  readonly calls: Call[];
  /** Ends whose name is only known at run time, by carrier. */
  readonly dynamicHandlers: Map<Carrier, number>;
  readonly dynamicCalls: Map<Carrier, number>;
};

export function count(map: Map<Carrier, number>, carrier: Carrier): void {
  map.set(carrier, (map.get(carrier) ?? 0) + 1);
}
