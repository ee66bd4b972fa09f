/** The command line: one list of verbs in, one reply out. Which verbs there are stands in the core. */
import { Command, CommanderError, Option } from 'commander';
import { exitOf } from '../client/connect.ts';
import { VERSION } from '../client/version.ts';
import { findVerb, VERBS, type Verb } from '../core/command.ts';
import { EXIT, failure, type Reply } from '../core/reply.ts';
import type { Json, JsonObject } from '../core/tree.ts';
import { findWorkspace } from '../workspace/find.ts';
import { workspacePaths } from '../workspace/paths.ts';
import { type Context, objection } from './context.ts';
import { inRoom } from './in-room.ts';
import { LOCAL } from './local.ts';

/** As of a program that SIGPIPE ends. */
const READER_GONE = 141;

/** @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  let exit: number = EXIT.done;
  let complaint = '';
  const act: Act = async (verb, args, options) => {
    exit = await run(verb, args, options);
  };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // Whoever read has enough of it (`| head`).
    process.exit(READER_GONE);
  });
  const program = build(act, (text) => {
    complaint += text;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : misused(argv, complaint);
  }
}

/** Wrong usage; but whoever may not use the verb at all hears that instead, as everywhere (PROTOCOL section 1). */
async function misused(argv: readonly string[], complaint: string): Promise<number> {
  const { verb, workspace, json } = outlineOf(argv);
  const isOpen = verb === undefined || verb.authority === 'read' || verb.authority === 'own';
  const found = isOpen ? null : findWorkspace({ option: workspace, cwd: process.cwd(), env: process.env });
  const refused = verb !== undefined && found?.ok === true ? await objection(verb.name, found.root) : null;
  if (refused !== null) return finish(refused, json);
  const what = complaint
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
  const name = verb === undefined ? '' : `${verb.name} `;
  return finish(failure('usage', `${name === '' ? 'coordtui' : name.trim()}: ${what}`, `see: coordtui ${name}--help`), json);
}

/** What a line that could not be read as a whole is about. */
function outlineOf(argv: readonly string[]): { verb: Verb | undefined; workspace: string | undefined; json: boolean } {
  const words: string[] = [];
  let workspace: string | undefined;
  for (let index = 0; index < argv.length; index++) {
    const arg = argv[index] ?? '';
    if (arg === '--workspace') workspace = argv[++index];
    else if (arg.startsWith('--workspace=')) workspace = arg.slice('--workspace='.length);
    else if (!arg.startsWith('-')) words.push(arg);
  }
  const verb = findVerb(words.slice(0, 2).join(' ')) ?? findVerb(words[0] ?? '');
  return { verb, workspace, json: argv.includes('--json') };
}

type Options = JsonObject & { readonly workspace?: string; readonly json?: boolean };

async function run(verb: Verb, args: JsonObject, options: Options): Promise<number> {
  const json = options.json === true;
  const found = findWorkspace({ option: options.workspace, cwd: process.cwd(), env: process.env });
  if (!found.ok) return finish(failure('notFound', found.message, 'say which workspace with --workspace DIR'), json);
  const context: Context = {
    verb,
    args,
    paths: workspacePaths(found.root),
    foundBy: found.by,
    json,
    say: (line) => process.stdout.write(`${line}\n`),
    warn: (line) => process.stderr.write(`${line}\n`),
  };
  const reply = await perform(context);
  if (reply === null) return Number(process.exitCode ?? EXIT.done);
  return finish(process.stdout.isTTY && !json ? await tabled(verb.name, reply) : reply, json);
}

/** Loaded only where a table will be seen: it brings a whole renderer along. */
async function tabled(verb: string, reply: Reply): Promise<Reply> {
  if (!reply.ok || (verb !== 'handoffs' && verb !== 'ls')) return reply;
  const { tableOf } = await import('./table.tsx');
  return { ...reply, text: tableOf(verb, reply.data, process.stdout.columns || 80) ?? reply.text };
}

/** What the disk refuses under the client's own hands is an answer like any other. */
async function perform(context: Context): Promise<Reply | null> {
  try {
    return await (LOCAL[context.verb.name] ?? inRoom)(context);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return failure('cannotWrite', `${context.verb.name}: ${error.message}`, 'look at that path, and at the rights on it');
  }
}

/** Data on stdout, errors as one sentence on stderr (INTERFACE). */
function finish(reply: Reply, json: boolean): number {
  if (reply.ok) {
    if (json) process.stdout.write(`${JSON.stringify(reply.data)}\n`);
    else if (reply.text !== '') process.stdout.write(`${reply.text}\n`);
  } else if (json) process.stderr.write(`${JSON.stringify({ error: { code: reply.code, message: reply.message, hint: reply.hint } })}\n`);
  else process.stderr.write(`${reply.message}; ${reply.hint}\n`);
  return exitOf(reply);
}

type Act = (verb: Verb, args: JsonObject, options: Options) => Promise<void>;

function build(act: Act, complain: (text: string) => void): Command {
  const program = new Command('coordtui')
    .description('A control room for several coding agents on one project: it runs them, and believes nothing that it has not verified.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: complain })
    .showSuggestionAfterError();
  shared(program);
  const known = new Map<string, Command>();
  for (const verb of VERBS) {
    const [first = '', second] = verb.name.split(' ');
    const parent = second === undefined ? program : (known.get(first) ?? group(program, first));
    if (second !== undefined) known.set(first, parent);
    const command = parent
      .command(second ?? first)
      .description(verb.summary)
      .exitOverride();
    known.set(verb.name, command);
    declare(command, verb);
    shared(command);
    command.action(async () => {
      await act(verb, collect(command, verb), command.optsWithGlobals());
    });
  }
  // Only here, or commander would count words before it is said which one is not known.
  program.allowExcessArguments(true).action(async () => {
    const status = VERBS.find((verb) => verb.name === 'status');
    if (program.args.length > 0) program.error(`error: unknown command '${program.args[0]}'`, { exitCode: EXIT.usage });
    if (status !== undefined) await act(status, {}, program.opts());
  });
  return program;
}

/** A first word that is no verb of its own: `debug open`, `debug list`, … */
function group(program: Command, name: string): Command {
  const verbs = VERBS.filter((verb) => verb.name.startsWith(`${name} `)).map((verb) => verb.name.slice(name.length + 1));
  return program
    .command(name)
    .description(`${verbs.join(', ')}`)
    .exitOverride()
    .allowExcessArguments(true)
    .action((_options, command: Command) => {
      const word = command.args[0];
      const what = word === undefined ? 'a word is missing' : `there is no "${name} ${word}"`;
      command.error(`error: ${what}; one of: ${verbs.join(', ')}`, { exitCode: EXIT.usage });
    });
}

function shared(command: Command): void {
  command
    .option('--workspace <dir>', 'the workspace (default: around the current directory)')
    .option('--json', 'print data instead of text');
}

function declare(command: Command, verb: Verb): void {
  for (const arg of verb.args) {
    const name = arg.variadic ? `${arg.name}...` : arg.name;
    command.argument(arg.required ? `<${name}>` : `[${name}]`, arg.help);
  }
  for (const flag of verb.flags) {
    const option = new Option(flag.value === undefined ? `--${flag.name}` : `--${flag.name} <${flag.value}>`, flag.help);
    if (flag.choices !== undefined) option.choices([...flag.choices]);
    if (flag.repeatable) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
    if (flag.required) option.makeOptionMandatory();
    command.addOption(option);
  }
  command.addHelpText('after', `\nExample:\n  ${verb.example}`);
}

function collect(command: Command, verb: Verb): JsonObject {
  const args: Record<string, Json> = {};
  verb.args.forEach((arg, index) => {
    const value: unknown = arg.variadic ? command.args.slice(index) : command.args[index];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) args[arg.name] = value as Json;
  });
  for (const flag of verb.flags) {
    const value: unknown = command.getOptionValue(camel(flag.name));
    if (value !== undefined) args[flag.name] = value as Json;
  }
  return args;
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
