/** The end of a switch over a closed union: a new member fails to compile where it is not yet met. */
export function assertNever(value: never): never {
  throw new Error(`not met: ${JSON.stringify(value)}`);
}
