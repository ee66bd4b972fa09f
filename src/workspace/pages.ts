/** The texts that `init` leaves in a workspace: for the agents, and for whoever opens the status directory. */
import type { PatternInstance } from './patterns.ts';

export const AGENTS_PAGE = 'docs_dev/coordtui-for-agents.md';

/** Each way into the status document and what it promises; both who writes there and who repairs there must know it. */
const WAYS_TO_WRITE = `| way | exit 0 means | may be lost |
| --- | --- | --- |
| \`coordtui status set PATH VALUE [--if-revision N]\`, \`status incr PATH [N]\` | on the disk, applied exactly once, with or without a room; \`incr\` adds also when others add at the same time | nothing |
| \`jq … FILE > tmp.json && mv tmp.json FILE\` with \`status/.coordtui/bin\` first on the PATH (every session has it) | on the disk, merged by the next look of the room, also if it was dead meanwhile; one tmp.json for all is safe; what is not one whole JSON object is refused, and the file stays | nothing (a tmp.json shared with a tool other than jq: only what was whole when it was moved) |
| the same without that PATH, with a temporary file of one's own | that the file was moved; the room merges what it sees, and on Linux it holds every file open from its first moment that appears in \`status/\` or at the top of the workspace: draft there | while a room runs: a version drafted elsewhere that another replaced within a moment, and any when the machine gives the room no turn for as long as an edit takes; while none runs: every version that another replaced |
| the same with one tmp.json for all | nothing | most of it |
| the file written in place | nothing | what another wrote in the same moment |`;

/** What stands between the markers in AGENTS.md or CLAUDE.md. */
export function agentsBlock(): string {
  return `This project is coordinated by coordtui. If the variable COORDTUI_INSTANCE is set, you are that instance:
read \`${AGENTS_PAGE}\` before you begin, and report through the \`coordtui\` command as it says there.`;
}

/** The protocol from an agent's side (PROTOCOL sections 1, 2 and 8). */
export function agentsPage(instances: readonly PatternInstance[]): string {
  return `# Working under coordtui

You are one of several agents on this project. coordtui coordinates: it gives out work, runs the checks itself when
somebody says "ready", and hands the work on only when they pass. It believes exit codes and files, not sentences.

- Who you are: \`$COORDTUI_INSTANCE\` (${instances.map(({ id }) => `\`${id}\``).join(', ')}).
- The project: \`$COORDTUI_WORKSPACE\`. The status document: \`$COORDTUI_STATUS_FILE\`.

## The way of a piece of work

1. **You get it.** \`coordtui status get instances.$COORDTUI_INSTANCE\` shows your assignment (\`currentAssignment\`, such
   as \`h-3f2a\`) and your \`messages\`; a message names a document by its path. Read that document.
2. **You say that you got it.** At once, before you begin, in one of these forms:

       coordtui ack h-3f2a RECEIVED --understanding "what you are going to do, in your own words"
       coordtui ack h-3f2a CLARIFICATION_NEEDED --question "what you must know first"
       coordtui ack h-3f2a QUEUED --note "what you are finishing first"
       coordtui ack h-3f2a REJECTED --reason "why you cannot"

3. **You work.** Commit as you go. Say where you are when it changes:

       coordtui status set instances.$COORDTUI_INSTANCE.currentTask "orders table: migration written"

4. **You say that it is ready**, when it is:

       coordtui ready --summary "what was done, and what the next instance can rely on"

   Then coordtui runs the checks. You may watch: \`coordtui handoffs\`, \`coordtui explain h-3f2a\`.
5. **Passed:** the next instance gets its work, and you are free for yours.
   **Denied:** you get a message with the path of a failure document: what failed, where, and how to see it again.
   Fix that, and say ready again. Nothing else needs to be said, and no argument changes the verdict.

## The status document

\`coordtui status set PATH VALUE\` (VALUE is JSON, else a text) is durable when it exits 0, also while coordtui is not
running. Writing the file itself is understood as well, provided that it is replaced in one step:

    new=$(mktemp "$(dirname "$COORDTUI_STATUS_FILE")/.t.XXXXXX")
    jq -e --arg t "$text" '.instances["ID"].currentTask = $t' "$COORDTUI_STATUS_FILE" > "$new" && mv "$new" "$COORDTUI_STATUS_FILE"

A temporary file of your own, and not one \`tmp.json\` for everybody: where \`status/.coordtui/bin\` is not first on the PATH,
two agents that write the same one destroy each other's work, and jq turns an empty file into an empty file without an error.
What each way guarantees:

${WAYS_TO_WRITE}

Write below \`instances\` → your own id only. What belongs to the coordinator (\`handoffProtocol\`,
\`autonomousCoordination\`, \`coordinationSession\`, everybody's \`messages\`) is kept as the coordinator has it, whatever the
file says: such an edit is recorded, shown to the operator, and has no effect.

## What you can never do

Approve, deny, override, reassign, answer for the operator, stop the room, or turn its trust dial: not by a command, not
by a message, not by an edit. Those commands answer 77 to every process below your session. Exit codes of \`coordtui\`:
0 done · 1 the answer is no · 2 wrong usage · 3 no such thing · 4 refused by the protocol · 69 no room runs ·
75 the workspace is held elsewhere · 77 not permitted.

Do not edit the checks, their configuration or \`coordtui.yaml\` to make something pass: a change that touches the judge
is never approved by itself, it goes to the operator with your name on it.
`;
}

export const STATUS_README = `# status/

\`multi-instance-status.json\` is what the coordinator and the instances know of each other. It is a projection: the truth
is the journal below \`.coordtui/\`, and the file is written anew from it. It is not for version control (a stash would
bring old revisions back), hence the \`.gitignore\` beside it.

| part | written by |
| --- | --- |
| \`instances.<id>\` | that instance (\`coordtui status set\`, or the file replaced in one step); \`messages\` in it: the coordinator |
| \`handoffProtocol\`, \`autonomousCoordination\`, \`coordinationSession\` | the coordinator alone; other edits are recorded and have no effect |
| \`revision\`, \`storeId\` | the store; leave them in the file when you edit it: they tell which state your edit was made from |

By hand: edit a copy and \`mv\` it over the file. A broken file is set aside under \`.coordtui/quarantine/\` and written
anew. Never edit \`.coordtui/\` itself; with no room running it may be deleted as a whole, and with it goes all history.

## Ways to write, and what each guarantees

${WAYS_TO_WRITE}

Two that change one field from the same revision: under an instance the later one stands, unless its \`lastUpdate\` is older
than the one it meets; both values are in the journal, and the operator is told. Lists that both lengthened get both tails.
Absence deletes only when the revision is in the file, and never an instance or one of the coordinator's parts.
An instance that the operator takes out of \`coordtui.yaml\` loses its part; the journal keeps what stood there.

## When something is broken

A damaged journal keeps the room from opening (73, with file and line): \`coordtui recover\` tells what is wrong and, once you
agree, keeps what verifies, brings back what this file still shows, and moves the rest to \`.coordtui/damaged-…/\`. A full
disk, or a folder that may not be written: the room says so, acknowledges nothing that is not durable, and goes on by itself
when that is mended. On a network file system it does not open, since locks there keep nobody out; who starts it may say
\`COORDTUI_NETWORK_STORE=allow\`.
Old journal segments go when they exceed 1 GB together. Sealed rounds below \`.coordtui/evidence/\` go when they are older than 90
days, or exceed 2 GB together (\`policy.evidenceMaxAgeMs\`, \`evidenceMaxBytes\`; looked at every \`evidenceLookMs\`): never those of an open handoff or
of the round that was approved last. The room says so, and the journal keeps their lines.
Handoffs that were closed before the newest 200 (\`policy.handoffsWhole\`) are archived: lists, indicators and reviews know them, and
the journal has the whole of each, which \`coordtui handoffs show\` brings.
\`coordtui replay\` tells the journal to a reader, and \`coordtui replay --at\` what stood there after a record or at a time; it
changes nothing, and needs no room.
`;
