/** The project's TypeScript and JavaScript, by the compiler's own eyes. Nothing of it is run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, Project, type SourceFile, ts } from 'ts-morph';
import type { ProjectFiles } from './project-files.ts';

const SOURCES = /\.(?:[cm]?[jt]sx?)$/;
const DECLARATIONS = /\.d\.[cm]?ts$/;
const MINIFIED = /\.min\.[cm]?js$/;
const MAX_FILES = 8_000;

export type Code = {
  readonly project: Project;
  readonly files: readonly SourceFile[];
  /** Relative to the project, with slashes. */
  readonly pathOf: (file: SourceFile) => string;
};

/** @param wanted of the project's paths */
export function openCode(files: ProjectFiles, wanted: (path: string) => boolean): Code {
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    compilerOptions: {
      allowJs: true,
      checkJs: false,
      strict: true,
      noLib: false,
      skipLibCheck: true,
      jsx: ts.JsxEmit.Preserve,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      allowImportingTsExtensions: true,
      noEmit: true,
      types: [],
      ...pathsOf(files),
    },
  });
  const paths = files.paths
    .filter((path) => SOURCES.test(path) && !DECLARATIONS.test(path) && !MINIFIED.test(path) && wanted(path))
    .slice(0, MAX_FILES);
  const sources = paths.flatMap((path) => project.addSourceFileAtPathIfExists(join(files.root, path)) ?? []);
  return { project, files: sources, pathOf: (file) => file.getFilePath().slice(files.root.length + 1) };
}

/** Aliases such as `@/` of the tsconfig at the root, or of the first one that has any. */
function pathsOf(files: ProjectFiles): ts.CompilerOptions {
  const configs = files.paths.filter((path) => /(^|\/)[tj]sconfig(\.\w+)?\.json$/.test(path)).sort((a, b) => a.length - b.length);
  for (const path of configs) {
    const { config } = ts.parseConfigFileTextToJson(path, files.read(path) ?? '') as { config?: { compilerOptions?: ts.CompilerOptions } };
    const options = config?.compilerOptions;
    if (options?.paths === undefined) continue;
    const folder = join(files.root, path, '..');
    const base = typeof options.baseUrl === 'string' ? join(folder, options.baseUrl) : folder;
    return existsSync(base) ? { baseUrl: base, paths: options.paths } : {};
  }
  return {};
}

export function placeOf(code: Code, node: Node): { readonly file: string; readonly line: number } {
  return { file: code.pathOf(node.getSourceFile()), line: node.getStartLineNumber() };
}
