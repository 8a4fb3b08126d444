// The edit as JSON and as commands for a shell and for Python.

/** @typedef {import('../../state/catalogue.js').Step} Step */
/** @typedef {{imageId: string, pipeline: Step[], output: Record<string, any>, origin: string}} Source */

/** @param {unknown} value */
const json = (value) => JSON.stringify(value);
/** For a shell. @param {string} text */
const quoted = (text) => (/^[\w:=.,%/@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** JSON in a raw string of Python: it never has three quotation marks in a row. @param {unknown} value */
const raw = (value) => `r"""${json(value)}"""`;

/** @param {Source} source */
const asJson = ({ imageId, pipeline, output }) => JSON.stringify({ image_id: imageId, pipeline, output }, null, 2);

/** @param {Source} source */
const asCurl = ({ pipeline, output, origin }) =>
  [
    `curl -sS ${origin}/v1/tasks -H "Authorization: Bearer $DARKROOM_TOKEN" -H "Prefer: wait=60" \\`,
    '  -F image=@photo.jpg \\',
    `  -F pipeline=${quoted(json(pipeline))}${Object.keys(output).length ? ` \\\n  -F output=${quoted(json(output))}` : ''}`,
  ].join('\n');

/** @param {Source} source */
const asPython = ({ pipeline, output, origin }) => `import os

import httpx

task = httpx.post(
    "${origin}/v1/tasks",
    headers={"Authorization": f"Bearer {os.environ['DARKROOM_TOKEN']}", "Prefer": "wait=60"},
    files={"image": open("photo.jpg", "rb")},
    data={
        "pipeline": ${raw(pipeline)},
        "output": ${raw(output)},
    },
    timeout=90,
).json()
print(task["output"]["url"])
`;

/** Options of `darkroom apply` for output options; all others are `--option name=value`. @type {Record<string, string>} */
const COMMAND_OPTIONS = { format: '--format ', quality: '--quality ', target_bytes: '--max-bytes ' };

/** @param {Source} source */
function asCommand({ pipeline, output }) {
  const options = Object.entries(output).map(([name, value]) => `${COMMAND_OPTIONS[name] ?? `--option ${name}=`}${quoted(String(value))}`);
  return ['darkroom apply photo.jpg', ...pipeline.map((step) => `-f ${quoted(commandStep(step))}`), ...options].join(' \\\n  ');
}

/** As `name:parameter=value`, or as JSON where a value is more than a word or a number. @param {Step} step */
function commandStep(step) {
  const values = Object.entries(step).slice(1);
  const isPlain = values.every(([, value]) => (typeof value === 'string' ? /^(?!\d+$)[\w%#:.-]+$/.test(value) : typeof value !== 'object'));
  if (!isPlain) return json(step);
  return [step.filter, values.map(([name, value]) => `${name}=${value}`).join(',')].filter(Boolean).join(':');
}

/** @type {Record<string, (source: Source) => string>} */
export const SNIPPETS = { json: asJson, curl: asCurl, python: asPython, cli: asCommand };
