// The steps and output options being edited, with undo and redo. Each state is a value that is never changed.

import { withoutDefaults } from '../../state/catalogue.js';
import { given } from './output_options.js';
import { computed, signal } from '../../vendor/preact.js';

/** @typedef {{id: number, filter: string, values: Record<string, any>, isOff?: boolean}} Step */
/** @typedef {{steps: Step[], output: Record<string, any>}} Edit */

const MOST_STATES = 200;
const SAME_CHANGE_MILLISECONDS = 1000; // such as one drag of a slider: it is undone as a whole

/** @type {import('../../vendor/preact.js').Signal<Edit>} */
export const edit = signal(/** @type {Edit} */ ({ steps: [], output: {} }));
/** @type {import('../../vendor/preact.js').Signal<Edit[]>} */
const past = signal(/** @type {Edit[]} */ ([]));
/** @type {import('../../vendor/preact.js').Signal<Edit[]>} */
const future = signal(/** @type {Edit[]} */ ([]));
export const canUndo = computed(() => past.value.length > 0);
export const canRedo = computed(() => future.value.length > 0);
/** The step whose fields are shown. */
export const openId = signal(0);
/** What is set on the picture itself: a step and a kind of region.
 * @type {import('../../vendor/preact.js').Signal<{id: number, kind: string} | null>} */
export const target = signal(/** @type {{id: number, kind: string} | null} */ (null));

let lastId = 0;
let newId = 0;
let last = { what: '', at: 0 };

/** @param {string} filter @param {Record<string, any>} [values] @returns {Step} */
const newStep = (filter, values = {}) => ({ id: ++lastId, filter, values });

/** Begins with what an address says. @param {URLSearchParams} query */
export function start(query) {
  const steps = /** @type {any[]} */ (parse(query.get('pipeline')) ?? []);
  const output = parse(query.get('output'));
  edit.value = {
    steps: (Array.isArray(steps) ? steps : []).filter((each) => typeof each?.filter === 'string').map(fromJson),
    output: output && typeof output === 'object' ? given(output) : {},
  };
  [past.value, future.value, openId.value, target.value] = [[], [], 0, null];
}

/** @param {string | null} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** @param {{filter: string, off?: boolean}} json */
function fromJson({ filter, off, ...values }) {
  return { ...newStep(filter, withoutDefaults(filter, values)), ...(off ? { isOff: true } : {}) };
}

/** The state as parameters of the address. @param {Edit} state @returns {Record<string, string>} */
export function toQuery({ steps, output }) {
  const json = steps.map(({ filter, isOff, values }) => ({ filter, ...values, ...(isOff ? { off: true } : {}) }));
  return {
    ...(json.length ? { pipeline: JSON.stringify(json) } : {}),
    ...(Object.keys(output).length ? { output: JSON.stringify(output) } : {}),
  };
}

/** The steps as requests have them. @param {Step[]} steps */
export const toRequest = (steps) => steps.filter((step) => !step.isOff).map(({ filter, values }) => ({ filter, ...values }));

/** @param {Edit} next @param {string} [what]  Changes of the same thing in quick succession are undone together. */
function change(next, what = '') {
  const now = performance.now();
  const isSame = what && what === last.what && now - last.at < SAME_CHANGE_MILLISECONDS;
  if (!isSame) past.value = [...past.value, edit.value].slice(-MOST_STATES);
  last = { what, at: now };
  future.value = [];
  edit.value = next;
}

/** @param {Step[]} steps @param {string} [what] */
const changeSteps = (steps, what) => change({ ...edit.value, steps }, what);

/** @param {number} id @param {(step: Step) => Step} update @param {string} [what] */
const changeStep = (id, update, what) =>
  changeSteps(edit.value.steps.map((step) => (step.id === id ? update(step) : step)), what);

/** @param {string} filter @param {Record<string, any>} [values] */
export function addStep(filter, values) {
  const step = newStep(filter, values);
  changeSteps([...edit.value.steps, step]);
  openId.value = step.id;
  newId = step.id;
  return step;
}

/** Whether the step was just added; true once. @param {number} id */
export function takeNew(id) {
  const isNew = id === newId;
  if (isNew) newId = 0;
  return isNew;
}

/** Undefined values are those that are not given. @param {number} id @param {Record<string, any>} values */
export function setValues(id, values) {
  changeStep(
    id,
    (step) => ({ ...step, values: Object.fromEntries(Object.entries({ ...step.values, ...values }).filter(([, value]) => value !== undefined)) }),
    `${id} ${Object.keys(values)}`,
  );
}

/** @param {number} id */
export const resetStep = (id) => changeStep(id, (step) => ({ ...step, values: {} }));

/** @param {number} id */
export const toggleStep = (id) => changeStep(id, (step) => ({ ...step, isOff: !step.isOff }));

/** @param {number} id */
export const removeStep = (id) => changeSteps(edit.value.steps.filter((step) => step.id !== id));

/** Puts other steps in place of one. @param {number} id @param {{filter: string}[]} pipeline */
export const replaceStep = (id, pipeline) =>
  changeSteps(edit.value.steps.flatMap((step) => (step.id === id ? pipeline.map(fromJson) : [step])));

/** @param {number} id */
export function duplicateStep(id) {
  changeSteps(edit.value.steps.flatMap((step) => (step.id === id ? [step, newStep(step.filter, step.values)] : [step])));
}

/** @param {number} id @param {number} to  The new index. @returns {boolean} whether the step has moved */
export function moveStep(id, to) {
  const steps = [...edit.value.steps];
  const from = steps.findIndex((step) => step.id === id);
  if (from < 0 || to < 0 || to >= steps.length || to === from) return false;
  steps.splice(to, 0, ...steps.splice(from, 1));
  changeSteps(steps, `move ${id}`);
  return true;
}

/** @param {{filter: string}[]} pipeline @param {Record<string, any>} output */
export const replaceAll = (pipeline, output) => change({ steps: pipeline.map(fromJson), output });

/** @param {Record<string, any>} output @param {string} [what] */
export const setOutput = (output, what) => change({ ...edit.value, output }, what);

export const undo = () => travel(past, future);
export const redo = () => travel(future, past);

/** @param {import('../../vendor/preact.js').Signal<Edit[]>} from @param {import('../../vendor/preact.js').Signal<Edit[]>} to */
function travel(from, to) {
  const found = from.value.at(-1);
  if (!found) return;
  to.value = [...to.value, edit.value];
  from.value = from.value.slice(0, -1);
  last = { what: '', at: 0 };
  edit.value = found;
}
