/** Files that coordtui keeps itself never count as changed (PROTOCOL section 4): folders below the workspace's root. */
export const OWN_PATHS: readonly string[] = [
  'status',
  'docs_dev/handoffs',
  'docs/verification-failures',
  'docs/post-mortems',
  'docs/instance-logs',
  'docs/integration',
  'docs/reviews',
  'docs/debugging',
];

/** @param path relative to the root, with `/` */
export function isOwnPath(path: string): boolean {
  return OWN_PATHS.some((own) => path === own || path.startsWith(`${own}/`));
}
