// Runs a command as a daemon does: two forks, a session of its own, no environment, no open file, its parents gone.
import { spawn } from 'node:child_process';

const [, , step, ...command] = process.argv;
const [program, ...args] = step === 'first' ? [process.execPath, process.argv[1], 'second', ...command] : command;
const child = spawn(program, args, { env: {}, cwd: '/', stdio: 'ignore', detached: true });
child.unref();
child.on('spawn', () => process.exit(0));
