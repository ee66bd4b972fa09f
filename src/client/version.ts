declare const __VERSION__: string;

/** Set by the build; a run from the sources says so. */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';
