/** The instance patterns that `init` offers (PROTOCOL section 1): who there is, and which files each one usually owns. */
export type PatternName = 'web' | 'microservices' | 'mobile' | 'desktop' | 'custom';

export type PatternInstance = { readonly id: string; readonly role: string; readonly files: readonly string[] };

export const PATTERNS: Readonly<Record<PatternName, readonly PatternInstance[]>> = {
  web: [
    { id: 'instance-1-planning-backend', role: 'backend', files: ['server/**', 'src/api/**', 'migrations/**'] },
    { id: 'instance-2-frontend', role: 'frontend', files: ['src/components/**', 'src/hooks/**', 'public/**'] },
  ],
  microservices: [
    { id: 'instance-1-services', role: 'services', files: ['services/**'] },
    { id: 'instance-2-gateway', role: 'gateway', files: ['gateway/**'] },
    { id: 'instance-4-infrastructure', role: 'infrastructure', files: ['infrastructure/**', 'deploy/**'] },
  ],
  mobile: [
    { id: 'instance-1-app-logic', role: 'app-logic', files: ['src/domain/**', 'src/data/**'] },
    { id: 'instance-2-mobile-ui', role: 'mobile-ui', files: ['src/screens/**', 'src/components/**'] },
  ],
  desktop: [
    { id: 'instance-1-planning-backend', role: 'backend', files: ['src/main/**', 'src/ipc/**', 'migrations/**'] },
    { id: 'instance-2-frontend', role: 'frontend', files: ['src/renderer/**'] },
  ],
  custom: [
    { id: 'instance-1-planning-backend', role: 'backend', files: [] },
    { id: 'instance-2-frontend', role: 'frontend', files: [] },
  ],
};
